import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 好友与黑名单回调事件: who wants to be whose contact, and what came of it; who blocks whom. An answer is told twice: to the one who asked, and to the one
/// who was asked.
extension EasemobCallbacks {
    static func call(about change: ContactChange, _ subject: CallbackSubject, _ rule: CallbackRule) -> CallbackCall? {
        guard let operation = RosterOperation(change, subject.part), let stamp = Stamp(subject, for: rule) else {
            return nil
        }
        return CallbackCall("roster \(operation.name)", to: rule) { json in
            json.field("chat_type", "roster")
            stamp.write(to: &json)
            json.field("payload") { json in
                json.object { operation.writePayload(to: &$0, version: subject.occurrence.id.easemob) }
            }
            json.field("host", self.host)
            json.field("appkey", stamp.appKey)
            json.field("from", "\(stamp.appKey)_\(operation.from)@easemob.com")
            json.field("to", operation.to.rawValue)
            json.field("eventType", "chat")
            json.field("msg_id", subject.occurrence.id.easemob)
        }
    }
}

extension ContactChange {
    /// The vendor's operations.
    var sides: [CallbackPart] {
        switch self.kind {
        case .agreed: ["remote_accept", "accept"].map { .side($0) }
        case .declined: ["remote_decline", "decline"].map { .side($0) }
        case .invited, .added, .removed, .blocked, .unblocked: [.whole]
        }
    }
}

private struct RosterOperation {
    let name: String
    let from: UserID
    let to: UserID
    private let kind: ContactChange.Kind

    /// Of an answer, which of its two sides: from the other one, to him whom it is told.
    init?(_ change: ContactChange, _ part: CallbackPart) {
        let side: String? = if case .side(let side) = part { side } else { nil }
        switch (change.kind, side) {
        case (.agreed, let side?), (.declined, let side?):
            self.name = side
            let isRemote = side.hasPrefix("remote_")
            self.from = isRemote ? change.from : change.to
            self.to = isRemote ? change.to : change.from
        case (.invited, nil), (.added, nil): (self.name, self.from, self.to) = ("add", change.from, change.to)
        case (.removed, nil): (self.name, self.from, self.to) = ("remove", change.from, change.to)
        case (.blocked, nil): (self.name, self.from, self.to) = ("ban", change.from, change.to)
        case (.unblocked, nil): (self.name, self.from, self.to) = ("allow", change.from, change.to)
        case (.agreed, nil), (.declined, nil), (_, _?): return nil
        }
        self.kind = change.kind
    }

    /// - Parameter version: of the list of contacts; each change has a later one.
    func writePayload(to json: inout JSONWriter, version: String) {
        switch self.kind {
        case .invited(let reason): json.field("reason", reason)
        case .added: json.field("reason", "")
        case .agreed, .declined, .removed: json.field("roster_ver", version)
        case .blocked, .unblocked:
            json.field("status") { json in json.object { $0.field("error_code", "ok") } }
        }
        json.field("operation", self.name)
    }
}
