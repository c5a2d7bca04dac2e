/// What a message says.
public indirect enum Content: Hashable, Sendable {
    case text(String)
    case image(Media)
    case voice(Media)
    case video(Media)
    case file(Media)
    case location(Location)
    /// A sticker by number, with whatever data the app's sticker set needs.
    case face(index: Int, data: String)
    /// To be acted upon, not shown.
    case command(name: String, data: String)
    /// An app's own type. `data` is its body, JSON or not.
    case custom(type: String, data: String)
    /// Several elements in one message, or several messages forwarded as one.
    case combined([Content])
    /// A kind that this version of the library does not know, with its content as JSON.
    case unknown(kind: String, json: String)

    /// The kind's name in the protocol.
    public var kind: String {
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
        case .unknown(let kind, _): kind
        }
    }

    /// What can be downloaded, if this is an image, a voice note, a video or a file.
    public var media: Media? {
        switch self {
        case .image(let media), .voice(let media), .video(let media), .file(let media): media
        default: nil
        }
    }

    /// One line for a list: the text, or what kind of thing it is.
    public var summary: String {
        switch self {
        case .text(let text): text
        case .image: "[Image]"
        case .voice: "[Voice]"
        case .video: "[Video]"
        case .file(let media): media.name.map { "[File] \($0)" } ?? "[File]"
        case .location(let location): location.address.map { "[Location] \($0)" } ?? "[Location]"
        case .face: "[Sticker]"
        case .command(let name, _): "[\(name)]"
        case .custom(let type, _): "[\(type)]"
        case .combined(let parts): parts.map(\.summary).joined(separator: " ")
        case .unknown(let kind, _): "[\(kind)]"
        }
    }
}

/// A file of a message: where it is, and what is known of it. ``Chat/upload(_:name:mediaType:progress:)`` makes one.
public struct Media: Hashable, Sendable {
    public var url: String?
    public var name: String?
    public var bytes: Int64?
    public var mediaType: String?
    /// Pixels.
    public var width: Int?
    public var height: Int?
    /// How long a voice note or a video lasts.
    public var seconds: Double?
    /// What opens the file to those who have no token of the App's.
    public var secret: String?
    public var thumbnailURL: String?
    public var thumbnailSecret: String?
    /// A thumbnail, or the voice note itself, in base64: where a vendor puts it into the message.
    public var inline: String?

    public init(url: String? = nil, name: String? = nil, bytes: Int64? = nil, mediaType: String? = nil) {
        self.url = url
        self.name = name
        self.bytes = bytes
        self.mediaType = mediaType
    }
}

public struct Location: Hashable, Sendable {
    /// Degrees.
    public var latitude: Double
    public var longitude: Double
    public var address: String?

    public init(latitude: Double, longitude: Double, address: String? = nil) {
        self.latitude = latitude
        self.longitude = longitude
        self.address = address
    }
}
