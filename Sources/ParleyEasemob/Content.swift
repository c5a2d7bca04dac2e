package import ParleyCore
import ParleyDialectKit
package import ParleyJSON

/// The vendor's message bodies and the common form, both ways.
///
/// | type | body (as the server API has it) | common form |
/// |---|---|---|
/// | txt | msg | text |
/// | img, audio, video, file | url (or uuid), filename, secret, file_length, size, length, thumb, thumb_secret | image, voice, video, file |
/// | loc | lat, lng, addr | location |
/// | cmd | action, and whatever else | command |
/// | custom | customEvent, customExts | custom |
///
/// Nothing is refused here: the vendor documents no error for a body that lacks what it should have, and SDKs send such bodies.
/// Source: facts/easemob-server.md 2.1 and 5.
extension Content {
    /// - Parameter filesURL: where files are that a body names by `uuid` alone.
    package init(easemob type: String, body: JSON, filesURL: String) {
        switch type {
        case "txt": self = .text(body["msg"]?.loose ?? "")
        case "img": self = .image(Media(easemob: body, filesURL: filesURL))
        case "audio": self = .voice(Media(easemob: body, filesURL: filesURL))
        case "video": self = .video(Media(easemob: body, filesURL: filesURL))
        case "file": self = .file(Media(easemob: body, filesURL: filesURL))
        case "loc":
            guard let latitude = body["lat"]?.looseDouble, let longitude = body["lng"]?.looseDouble else {
                self = .custom(type: type, data: body.text)
                return
            }
            self = .location(
                Location(latitude: latitude, longitude: longitude, address: body["addr"]?.string))
        case "cmd": self = .command(name: body["action"]?.loose ?? "", data: Self.commandData(body))
        case "custom":
            let extras = body["customExts"].flatMap { $0.isNull ? nil : $0.text }
            self = .custom(type: body["customEvent"]?.loose ?? "", data: extras ?? "")
        default: self = .custom(type: type, data: body.text)
        }
    }

    /// Nothing beside the action; our own rendering of a command's data; or the whole body.
    private static func commandData(_ body: JSON) -> String {
        let rest = (body.members ?? []).filter { $0.key != "action" && $0.key != "type" }
        if rest.isEmpty { return "" }
        if rest.count == 1, rest[0].key == "data", let data = rest[0].value.string { return data }
        return body.text
    }

    /// How a message that another dialect made is shown to this vendor's clients.
    package var easemob: (type: String, body: [UInt8]) {
        switch self {
        case .text(let text): ("txt", JSONWriter.object { $0.field("msg", text) })
        case .image(let media): ("img", media.easemobBody)
        case .voice(let media): ("audio", media.easemobBody)
        case .video(let media): ("video", media.easemobBody)
        case .file(let media): ("file", media.easemobBody)
        case .location(let location):
            (
                "loc",
                JSONWriter.object { json in
                    json.field("lat", "\(location.latitude)")
                    json.field("lng", "\(location.longitude)")
                    json.field("addr", location.address ?? "")
                }
            )
        case .command(let name, let data):
            (
                "cmd",
                JSONWriter.object { json in
                    json.field("action", name)
                    if !data.isEmpty { json.field("data", data) }
                }
            )
        case .custom(let type, let data): ("custom", Self.customBody(type, data))
        case .face(let index, let data):
            (
                "custom",
                JSONWriter.object { json in
                    json.field("customEvent", "face")
                    json.field("customExts") { json in
                        json.object { json in
                            json.field("index", "\(index)")
                            json.field("data", data)
                        }
                    }
                }
            )
        case .combined: ("txt", JSONWriter.object { $0.field("msg", self.summary) })
        }
    }

    /// `customExts` is a map of texts. Data that is one already stays as it is; other data is its only member.
    private static func customBody(_ type: String, _ data: String) -> [UInt8] {
        JSONWriter.object { json in
            json.field("customEvent", type)
            guard !data.isEmpty else { return }
            if let extras = try? JSON(parsing: data), let members = extras.members,
                members.allSatisfy({ $0.value.kind == .string })
            {
                json.field("customExts", raw: data.utf8)
            } else {
                json.field("customExts") { json in json.object { $0.field("data", data) } }
            }
        }
    }
}

extension Message {
    /// What this vendor's clients get: `{"type":…,"body":{…},"ext":{…}}`. Our own payload untouched, anyone else's rendered.
    package var easemobPayload: [UInt8] {
        if self.native.dialect == Easemob.name { return self.native.payload }
        let (type, body) = self.content.easemob
        return JSONWriter.object { json in
            json.field("type", type)
            json.field("body", raw: body)
            guard let attachment = self.options.attachment, !attachment.isEmpty else { return }
            if let ext = try? JSON(parsing: attachment), ext.kind == .object {
                json.field("ext", raw: attachment.utf8)
            } else {
                json.field("ext") { json in json.object { $0.field("attachment", attachment) } }
            }
        }
    }
}

extension Media {
    fileprivate init(easemob body: JSON, filesURL: String) {
        let uuid = body["uuid"]?.string.map { "\(filesURL)/\($0)" }
        self.init(
            url: body["url"]?.string ?? uuid, name: body["filename"]?.string, bytes: body["file_length"]?.looseInt)
        self.secret = body["secret"]?.string
        self.width = body["size"]?["width"]?.looseInt.map { Int($0) }
        self.height = body["size"]?["height"]?.looseInt.map { Int($0) }
        // The page's table spells it `Length`, its examples `length`.
        self.seconds = (body["length"] ?? body["Length"])?.looseDouble
        self.thumbnailURL = body["thumb"]?.string
        self.thumbnailSecret = body["thumb_secret"]?.string
    }

    fileprivate var easemobBody: [UInt8] {
        JSONWriter.object { json in
            if let url = self.url { json.field("url", url) }
            if let name = self.name { json.field("filename", name) }
            if let secret = self.secret { json.field("secret", secret) }
            if let bytes = self.bytes { json.field("file_length", bytes) }
            if let width = self.width, let height = self.height {
                json.field("size") { json in
                    json.object { json in
                        json.field("width", width)
                        json.field("height", height)
                    }
                }
            }
            if let seconds = self.seconds {
                if let whole = Int(exactly: seconds) {
                    json.field("length", whole)
                } else {
                    json.field("length", seconds)
                }
            }
            if let url = self.thumbnailURL { json.field("thumb", url) }
            if let secret = self.thumbnailSecret { json.field("thumb_secret", secret) }
        }
    }
}

extension JSON {
    /// As it was written.
    var text: String { String(decoding: self.raw, as: UTF8.self) }

    /// A text; of anything else but null, how it was written.
    var loose: String? { self.isNull ? nil : self.string ?? self.text }
    var looseInt: Int64? { self.int ?? self.string.flatMap { Int64($0) } }

    /// Finite only.
    var looseDouble: Double? {
        let value = self.double ?? self.string.flatMap { Double($0.trimmingSpaces()) }
        return value.flatMap { $0.isFinite ? $0 : nil }
    }
}
