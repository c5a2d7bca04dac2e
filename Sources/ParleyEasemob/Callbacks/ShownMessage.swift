import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A message as callbacks show it: `{"ext":{…},"bodies":[{"type":"txt","msg":"hi"}]}`.
///
/// Source: facts/easemob-server.md 5. What the server API takes and what the vendor shows differ: coordinates are numbers, and the pairs of a custom
/// message come in the new form and in the old.
struct ShownMessage: Sendable {
    let type: String
    private let body: JSON?
    private let ext: JSON?

    init(_ message: Message) {
        let payload = try? JSON(parsing: message.easemobPayload)
        self.type = payload?["type"]?.string ?? "unknown"
        self.body = payload?["body"]
        self.ext = payload?["ext"]
    }

    /// Of a text, what it says.
    var text: String? { self.type == "txt" ? self.body?["msg"]?.string : nil }

    /// A forwarded conversation, which says that it is one and is a text otherwise.
    var isCombined: Bool { self.type == "txt" && self.body?["subType"]?.string == "sub_combine" }

    /// The last part of `content_type`.
    var contentType: String {
        switch self.type {
        case "txt": self.isCombined ? "txt" : "text"
        case "img": "image"
        case "audio": "voice"
        case "loc": "location"
        case "video", "file", "custom": self.type
        case "cmd": "command"
        default: "unknown"
        }
    }

    func writeExt(to json: inout JSONWriter) {
        json.field("ext") { json in
            if let ext = self.ext, ext.kind == .object { json.raw(ext.raw) } else { json.object { _ in } }
        }
    }

    func writeBodies(to json: inout JSONWriter) {
        json.field("bodies") { json in
            json.array { $0.object { self.writeBody(to: &$0) } }
        }
    }

    /// - Parameter taken: members that the object has already.
    func writeBody(to json: inout JSONWriter, except taken: Set<String> = []) {
        json.field("type", self.type)
        for member in self.body?.members ?? [] where member.key != "type" && !taken.contains(member.key) {
            switch (self.type, member.key) {
            case ("loc", "lat"), ("loc", "lng"): Self.write(coordinate: member.value, as: member.key, to: &json)
            case ("custom", "customExts") where member.value.kind == .object: Self.write(pairs: member.value, to: &json)
            // It is written with the other form.
            case ("custom", "v2:customExts") where self.body?["customExts"]?.kind == .object: continue
            default: json.field(member.key, raw: member.value.raw)
            }
        }
    }

    private static func write(coordinate: JSON, as key: String, to json: inout JSONWriter) {
        if let number = coordinate.string.flatMap({ Double($0.trimmingSpaces()) }), number.isFinite {
            json.field(key, number)
        } else {
            json.field(key, raw: coordinate.raw)
        }
    }

    private static func write(pairs: JSON, to json: inout JSONWriter) {
        json.field("v2:customExts", raw: pairs.raw)
        json.field("customExts") { json in
            json.array(pairs.members ?? []) { json, pair in
                json.object { $0.field(pair.key, raw: pair.value.raw) }
            }
        }
    }
}

/// Where a message went. Chat rooms are groups to the vendor's calls too, but for one word. Nil for what the App says to one user.
struct Destination: Sendable {
    /// `chat`, `groupchat`.
    let chatType: String
    /// The middle of `content_type`.
    let kind: String
    let to: String
    let isGroup: Bool

    init?(_ conversation: Conversation, from sender: UserID) {
        switch conversation {
        case .direct(let pair):
            self.init(chatType: "chat", kind: "user", to: pair.peer(of: sender).rawValue, isGroup: false)
        // Also what is for named members only: the vendor has no field for them.
        case .group(let group):
            self.init(
                chatType: "groupchat", kind: group.isEasemobRoom ? "room" : "group", to: group.easemob, isGroup: true)
        case .room, .system: return nil
        }
    }

    private init(chatType: String, kind: String, to: String, isGroup: Bool) {
        self.chatType = chatType
        self.kind = kind
        self.to = to
        self.isGroup = isGroup
    }

    /// - Parameter recipient: nil, for all whom it goes to.
    func write(from sender: UserID, to recipient: UserID?, _ json: inout JSONWriter) {
        if self.isGroup { json.field("group_id", self.to) }
        json.field("from", sender.rawValue)
        json.field("to", recipient?.rawValue ?? self.to)
    }
}
