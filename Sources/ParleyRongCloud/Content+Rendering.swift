package import ParleyCore
import ParleyJSON

// From the common form: what RongCloud's clients are shown of a message that another dialect sent.
extension WireMessage {
    /// The message as it was sent, if RongCloud sent it; otherwise its nearest type.
    package init(_ message: Message) {
        if let own = WireMessage(message.native) {
            self = own
        } else {
            self.init(message.content, extra: message.options.attachment, mention: message.options.mention)
        }
    }

    /// What has no counterpart becomes a message of a type of ours (`Parley:…`) that carries the whole.
    package init(_ content: Content, extra: String? = nil, mention: Mention? = nil) {
        switch content {
        case .custom(let type, let data) where Self.isUsable(type):
            self.init(objectName: type, content: data)
        case .combined(let parts) where parts.count == 1:
            self.init(parts[0], extra: extra, mention: mention)
        default:
            let body = JSONWriter.object { json in
                json.members(of: content)
                if let extra { json.field("extra", extra) }
                if let mention { json.field("mentionedInfo") { $0.mentionedInfo(mention) } }
            }
            self.init(objectName: content.objectName, content: String(decoding: body, as: UTF8.self))
        }
    }

    /// What the vendor allows an App to name a type.
    private static func isUsable(_ type: String) -> Bool {
        !type.isEmpty && type.utf16.count <= 32 && type.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}

extension Content {
    fileprivate var objectName: String {
        switch self {
        case .text, .combined: "RC:TxtMsg"
        case .image(let media) where media.mediaType == "image/gif" && media.url != nil: "RC:GIFMsg"
        case .image: "RC:ImgMsg"
        case .voice(let media): media.url == nil ? "RC:VcMsg" : "RC:HQVCMsg"
        case .video: "RC:SightMsg"
        case .file: "RC:FileMsg"
        case .location: "RC:LBSMsg"
        case .command: "RC:CmdMsg"
        case .face: "Parley:Face"
        case .custom: "Parley:Custom"
        }
    }
}

extension JSONWriter {
    fileprivate mutating func members(of content: Content) {
        switch content {
        case .text(let text): self.field("content", text)
        // Several elements in one message: RongCloud's types hold one, so their summaries are shown.
        case .combined: self.field("content", content.summary)
        case .image(let media) where content.objectName == "RC:GIFMsg":
            self.field("remoteUrl", media.url ?? "")
            self.field("gifDataSize", media.bytes ?? 0)
            self.field("width", media.width ?? 0)
            self.field("height", media.height ?? 0)
        case .image(let media):
            self.field("content", media.inlineBase64 ?? "")
            self.field("imageUri", media.url ?? "")
        case .voice(let media):
            if let url = media.url {
                self.field("remoteUrl", url)
            } else {
                self.field("content", media.inlineBase64 ?? "")
            }
            self.field("duration", media.wholeSeconds)
        case .video(let media):
            self.field("content", media.inlineBase64 ?? "")
            self.field("sightUrl", media.url ?? "")
            self.field("duration", media.wholeSeconds)
            self.field("size", media.bytes ?? 0)
            self.field("name", media.name ?? "")
        case .file(let media):
            self.field("name", media.name ?? "")
            self.field("size", media.bytes ?? 0)
            self.field("type", media.nameExtension)
            self.field("fileUrl", media.url ?? "")
        case .location(let location):
            self.field("content", "")
            self.field("latitude", location.latitude)
            self.field("longitude", location.longitude)
            self.field("poi", location.address ?? "")
        case .command(let name, let data):
            self.field("name", name)
            self.field("data", data)
        case .face(let index, let data):
            self.field("index", index)
            self.field("data", data)
        case .custom(let type, let data):
            self.field("type", type)
            self.field("data", data)
        }
    }

    fileprivate mutating func mentionedInfo(_ mention: Mention) {
        self.object { json in
            switch mention {
            // RongCloud has everyone or names, not both.
            case .everyone, .everyoneAnd:
                json.field("type", 1)
                json.field("userIdList", [String]())
            case .users(let users):
                json.field("type", 2)
                json.field("userIdList", users.map(\.rawValue))
            }
            json.field("mentionedContent", "")
        }
    }
}

extension Media {
    /// Rounded up: a short note is not of no length.
    fileprivate var wholeSeconds: Int {
        guard let seconds = self.seconds, seconds.isFinite, (0...1e9).contains(seconds) else { return 0 }
        return Int(seconds.rounded(.up))
    }

    /// `txt` of `notes.txt`: what FileMsg calls the type.
    fileprivate var nameExtension: String {
        guard let name = self.name, let dot = name.lastIndex(of: ".") else { return "" }
        return String(name[name.index(after: dot)...])
    }
}
