import ParleyCore
import ParleyJSON

/// From a message of any dialect to the vendor's elements, where the vendor's clients and history want them.
extension JSONWriter {
    /// The value of `MsgBody`: as it was written, if this dialect wrote it; rendered from the common form otherwise.
    mutating func msgBody(of message: Message) {
        if message.native.dialect == Tencent.name, let native = try? JSON(parsing: message.native.payload),
            let body = native["MsgBody"]
        {
            self.raw(body.raw)
        } else {
            self.array { $0.elements(of: message.content, in: message) }
        }
    }

    private mutating func elements(of content: Content, in message: Message) {
        switch content {
        case .combined(let parts): for part in parts { self.elements(of: part, in: message) }
        case .text(let text): self.element("TIMTextElem") { $0.field("Text", text) }
        case .face(let index, let data):
            self.element("TIMFaceElem") {
                $0.field("Index", index)
                $0.field("Data", data)
            }
        case .location(let location):
            self.element("TIMLocationElem") {
                $0.field("Desc", location.address ?? "")
                $0.field("Latitude", location.latitude)
                $0.field("Longitude", location.longitude)
            }
        case .image(let media): self.element("TIMImageElem") { $0.image(media) }
        case .voice(let media):
            self.element("TIMSoundElem") {
                $0.location(of: media, "Url", "UUID")
                $0.field("Size", media.bytes ?? 0)
                $0.field("Second", Self.whole(media.seconds))
                $0.field("Download_Flag", 2)
            }
        case .file(let media):
            self.element("TIMFileElem") {
                $0.location(of: media, "Url", "UUID")
                $0.field("FileSize", media.bytes ?? 0)
                $0.field("FileName", media.name ?? "")
                $0.field("Download_Flag", 2)
            }
        case .video(let media): self.element("TIMVideoFileElem") { $0.video(media) }
        case .custom(let type, let data):
            self.element("TIMCustomElem") {
                $0.field("Data", data)
                $0.field("Desc", "")
                $0.field("Ext", type == "TIMCustomElem" ? "" : type)
            }
        case .command:
            // Nothing of the vendor's is like it: a custom element carries the original whole.
            self.element("TIMCustomElem") {
                $0.field("Data", String(decoding: Self.carrier(of: content, in: message), as: UTF8.self))
                $0.field("Desc", "")
                $0.field("Ext", "parley")
            }
        }
    }

    private mutating func element(_ type: String, _ content: (inout JSONWriter) -> Void) {
        self.object { json in
            json.field("MsgType", type)
            json.field("MsgContent") { $0.object(content) }
        }
    }

    /// Clients tell files apart by the UUID; what came from elsewhere has none but its address.
    private mutating func location(of media: Media, _ url: String, _ uuid: String) {
        self.field(url, media.url ?? "")
        self.field(uuid, media.url ?? "")
    }

    private mutating func image(_ media: Media) {
        self.field("UUID", media.url ?? "")
        self.field("ImageFormat", ImageFormat(media).rawValue)
        self.field("ImageInfoArray") { json in
            json.array([(1, media.url), (2, media.url), (3, media.thumbnailURL ?? media.url)]) { json, picture in
                json.object {
                    $0.field("Type", picture.0)
                    $0.field("Size", picture.0 == 3 ? 0 : media.bytes ?? 0)
                    $0.field("Width", picture.0 == 3 ? 0 : media.width ?? 0)
                    $0.field("Height", picture.0 == 3 ? 0 : media.height ?? 0)
                    $0.field("URL", picture.1 ?? "")
                }
            }
        }
    }

    private mutating func video(_ media: Media) {
        self.location(of: media, "VideoUrl", "VideoUUID")
        self.field("VideoSize", media.bytes ?? 0)
        self.field("VideoSecond", Self.whole(media.seconds))
        self.field("VideoFormat", media.mediaType?.split(separator: "/").last.map(String.init) ?? "mp4")
        self.field("VideoDownloadFlag", 2)
        self.field("ThumbUrl", media.thumbnailURL ?? "")
        self.field("ThumbUUID", media.thumbnailURL ?? "")
        self.field("ThumbSize", 0)
        self.field("ThumbWidth", media.width ?? 0)
        self.field("ThumbHeight", media.height ?? 0)
        self.field("ThumbFormat", "JPG")
        self.field("ThumbDownloadFlag", 2)
    }

    private static func carrier(of content: Content, in message: Message) -> [UInt8] {
        JSONWriter.object { json in
            json.field("kind", content.kind)
            json.field("content") { $0.content(content) }
            json.field("native") { json in
                json.object {
                    $0.field("dialect", message.native.dialect.rawValue)
                    $0.field("payload", raw: message.native.payload)
                }
            }
        }
    }

    /// Seconds are whole numbers here.
    private static func whole(_ seconds: Double?) -> Int64 {
        seconds.flatMap { Int64(exactly: $0.rounded()) } ?? 0
    }
}

extension Native {
    /// What is kept of a request: the elements byte for byte, and CloudCustomData beside them.
    init(_ body: JSON, cloudCustomData: String?) {
        self.init(
            dialect: Tencent.name,
            payload: JSONWriter.object {
                $0.field("MsgBody", raw: body.raw)
                if let cloudCustomData { $0.field("CloudCustomData", cloudCustomData) }
            })
    }
}
