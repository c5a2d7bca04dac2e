import ParleyCore
import ParleyJSON

/// From the vendor's elements to the common form. Lenient, for whatever is in the log or forwarded inside another message; what a
/// request may say is checked by ``MsgBody`` first.
///
/// | MsgType | common form |
/// |---|---|
/// | TIMTextElem, TIMFaceElem, TIMLocationElem | text, face, location |
/// | TIMImageElem, TIMSoundElem, TIMVideoFileElem, TIMFileElem | image, voice, video, file |
/// | TIMCustomElem | custom, of type `TIMCustomElem`, with its Data |
/// | TIMRelayElem | the forwarded messages, combined |
/// | several elements | combined |
/// | anything else | custom, of the element's type, with the element's content whole |
extension Content {
    init(msgBody elements: [JSON]) {
        let contents = elements.map { Content(element: $0) }
        self = contents.count == 1 ? contents[0] : .combined(contents)
    }

    init(element: JSON) {
        let type = element["MsgType"]?.string ?? ""
        let content = element["MsgContent"]
        self = content.flatMap { Content(type: type, $0) } ?? .custom(type: type, data: Self.text(content))
    }

    /// Nil when the type is unknown, or what it cannot do without is missing.
    private init?(type: String, _ content: JSON) {
        switch type {
        case "TIMTextElem":
            guard let text = content["Text"]?.string else { return nil }
            self = .text(text)
        case "TIMFaceElem":
            guard let index = content["Index"]?.int.flatMap(Int.init(exactly:)) else { return nil }
            self = .face(index: index, data: content["Data"]?.string ?? "")
        case "TIMCustomElem": self = .custom(type: type, data: content["Data"]?.string ?? "")
        case "TIMLocationElem":
            guard let latitude = content["Latitude"]?.double, let longitude = content["Longitude"]?.double else {
                return nil
            }
            self = .location(Location(latitude: latitude, longitude: longitude, address: content["Desc"]?.string))
        case "TIMImageElem": self = .image(Media(image: content))
        case "TIMSoundElem":
            var media = Media(url: content["Url"]?.string, bytes: content["Size"]?.int)
            media.seconds = content["Second"]?.double
            self = .voice(media)
        case "TIMFileElem":
            self = .file(
                Media(
                    url: content["Url"]?.string, name: content["FileName"]?.string, bytes: content["FileSize"]?.int))
        case "TIMVideoFileElem": self = .video(Media(video: content))
        case "TIMRelayElem":
            guard let messages = content["MsgList"]?.array, !messages.isEmpty else { return nil }
            self = .combined(messages.map { Content(msgBody: $0["MsgBody"]?.array ?? []) })
        default: return nil
        }
    }

    private static func text(_ json: JSON?) -> String { json.map { String(decoding: $0.raw, as: UTF8.self) } ?? "" }
}

extension Media {
    /// The original (1), with the thumbnail (3), or the large picture (2) where one of them is not there.
    fileprivate init(image content: JSON) {
        let pictures = content["ImageInfoArray"]?.array ?? []
        func picture(_ types: Int64...) -> JSON? {
            types.lazy.compactMap { type in pictures.first { $0["Type"]?.int == type } }.first
        }
        let original = picture(1, 2) ?? pictures.first
        self.init(url: original?["URL"]?.string, bytes: original?["Size"]?.int)
        self.width = original?["Width"]?.int.flatMap(Int.init(exactly:))
        self.height = original?["Height"]?.int.flatMap(Int.init(exactly:))
        self.thumbnailURL = picture(3, 2)?["URL"]?.string
        self.mediaType = content["ImageFormat"]?.int.flatMap { ImageFormat(rawValue: $0)?.mediaType }
    }

    fileprivate init(video content: JSON) {
        self.init(url: content["VideoUrl"]?.string, bytes: content["VideoSize"]?.int)
        self.seconds = content["VideoSecond"]?.double
        self.mediaType = content["VideoFormat"]?.string.map { "video/\($0.lowercased())" }
        self.thumbnailURL = content["ThumbUrl"]?.string
        self.width = content["ThumbWidth"]?.int.flatMap(Int.init(exactly:))
        self.height = content["ThumbHeight"]?.int.flatMap(Int.init(exactly:))
    }
}

/// The vendor's numbers for picture formats.
enum ImageFormat: Int64, CaseIterable {
    case jpg = 1
    case gif = 2
    case png = 3
    case bmp = 4
    case other = 255

    var mediaType: String? {
        switch self {
        case .jpg: "image/jpeg"
        case .gif: "image/gif"
        case .png: "image/png"
        case .bmp: "image/bmp"
        case .other: nil
        }
    }

    /// By the media type, else by the ending of the name or address.
    init(_ media: Media) {
        if let type = media.mediaType, let known = Self.allCases.first(where: { $0.mediaType == type }) {
            self = known
            return
        }
        let name = (media.name ?? media.url ?? "").lowercased()
        self =
            switch true {
            case name.hasSuffix(".jpg"), name.hasSuffix(".jpeg"): .jpg
            case name.hasSuffix(".gif"): .gif
            case name.hasSuffix(".png"): .png
            case name.hasSuffix(".bmp"): .bmp
            default: .other
            }
    }
}
