/// What a message says, in the common form that every dialect can render. The original payload travels beside it, untouched (``Native``).
///
/// What has no counterpart in a dialect becomes that dialect's custom message and carries the original whole: never dropped, never an error.
package enum Content: Hashable, Sendable {
    case text(String)
    case image(Media)
    case voice(Media)
    case video(Media)
    case file(Media)
    case location(Location)
    /// A sticker by number, with whatever data the client's sticker set needs.
    case face(index: Int, data: String)
    /// Acted upon by the client, not shown.
    case command(name: String, data: String)
    /// An App's own type. `data` is its body, JSON or not.
    case custom(type: String, data: String)
    /// Several elements in one message, or several messages forwarded as one.
    case combined([Content])

    /// The stable name of the kind, as stored and as ParleySocket shows it.
    package var kind: String {
        switch self {
        case .text: "text"
        case .image: "image"
        case .voice: "voice"
        case .video: "video"
        case .file: "file"
        case .location: "location"
        case .face: "face"
        case .command: "command"
        case .custom: "custom"
        case .combined: "combined"
        }
    }

    /// One line for a push or for a dialect that holds only text: the parts' summaries, without separators.
    package var summary: String {
        switch self {
        case .text(let text): text
        case .image: "[Image]"
        case .voice: "[Voice]"
        case .video: "[Video]"
        case .file(let media): media.name.map { "[File] \($0)" } ?? "[File]"
        case .location: "[Location]"
        case .face: "[Face]"
        case .command, .custom: ""
        case .combined(let parts): parts.map(\.summary).joined()
        }
    }
}

/// An image, a voice note, a video or a file: where it is, and what is known of it.
package struct Media: Hashable, Sendable {
    package var url: String?
    package var name: String?
    package var bytes: Int64?
    package var mediaType: String?
    package var width: Int?
    package var height: Int?
    package var seconds: Double?
    /// What must be shown to download it (Easemob's share-secret).
    package var secret: String?
    package var thumbnailURL: String?
    package var thumbnailSecret: String?
    /// The thumbnail or the voice itself, base64, where the dialect puts it in the message.
    package var inlineBase64: String?

    package init(url: String? = nil, name: String? = nil, bytes: Int64? = nil) {
        self.url = url
        self.name = name
        self.bytes = bytes
    }
}

package struct Location: Hashable, Sendable {
    package var latitude: Double
    package var longitude: Double
    package var address: String?

    package init(latitude: Double, longitude: Double, address: String?) {
        self.latitude = latitude
        self.longitude = longitude
        self.address = address
    }
}
