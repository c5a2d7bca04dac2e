import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// `ext`: what the app attaches to a message, and among it, under keys that begin with `em_`, how pushes and mentions are to be treated.
/// Values of a wrong type are passed on and mean nothing. Source: facts/easemob-server.md 2.1.
extension MessageOptions {
    mutating func apply(ext: JSON) {
        self.attachment = ext.text
        self.push = PushOptions(ext: ext)
        self.mention = ext["em_at_list"].flatMap(Mention.init(easemob:))
    }
}

extension PushOptions {
    init(ext: JSON) {
        self.init()
        let keys = (ext.members ?? []).filter { $0.key.hasPrefix("em_") }
        guard !keys.isEmpty else { return }
        self.isDisabled = ext["em_ignore_notification"]?.bool ?? false
        let general = ext["em_push_ext"]
        let apple = ext["em_apns_ext"]
        self.title = general?["title"]?.string ?? apple?["em_push_title"]?.string
        self.text = general?["content"]?.string ?? apple?["em_push_content"]?.string
        self.data = (general?["custom"]).flatMap { $0.isNull ? nil : $0.string ?? $0.text }
        self.native = JSONWriter.object { json in
            for member in keys { json.field(member.key, raw: member.value.raw) }
        }
    }
}

extension Mention {
    /// A list of names, or the word "all". An empty list mentions nobody.
    init?(easemob list: JSON) {
        if let word = list.string {
            guard word.lowercased() == "all" else { return nil }
            self = .everyone
            return
        }
        let names = (list.array ?? []).compactMap(\.string)
        guard !names.isEmpty else { return nil }
        let users = names.filter { $0.lowercased() != "all" }.map { UserID(easemob: $0) }
        switch (users.isEmpty, users.count == names.count) {
        case (true, _): self = .everyone
        case (false, true): self = .users(users)
        case (false, false): self = .everyoneAnd(users)
        }
    }
}
