import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How the vendor calls a backend: one POST of JSON for each thing that happened, signed with an MD5.
///
/// Not told: what becomes of threads beside what is said in them, remarks on contacts and pushes; attributes of members and of chat rooms in the former form only. Source: facts/easemob-server.md 4, and the pages
/// callback_message_send, _recall, _modify, callback_single_read_ack, callback_group_read_ack, callback_login_logout, callback_contact,
/// callback_group_room_create, _delete, _join, _leave, _info, _owner, _admin, _mute, _muteall, _announcement, _old; callback_reaction, callback_thread.
enum EasemobCallbacks: CallbackForm {
    static let topics = Set(CallbackTopic.allCases).subtracting([.refused, .deletion])

    /// The vendor does not say how long it waits for an answer to what has happened; all else is the page's.
    static let policy = CallbackPolicy(
        origins: [.client, .server], originsBefore: [.client], timeoutMilliseconds: 5000,
        timeoutBeforeMilliseconds: 200, attempts: 2, retryAfterMilliseconds: 0, failuresBeforePause: 90,
        failureWindowMilliseconds: 30_000, pausesMilliseconds: [5, 10, 15, 20, 25].map { $0 * 60_000 })

    /// The time in a call is that of what it tells, not that of the call: whatever is sent again is the same to the byte.
    static func call(about subject: CallbackSubject, for rule: CallbackRule, at _: Timestamp) -> CallbackCall? {
        switch subject.occurrence {
        case .entry(let entry): self.call(about: entry, subject, rule)
        case .happening(let happening): self.call(about: happening, subject, rule)
        }
    }

    /// What a group's conversation tells of it, its happenings tell.
    private static func call(
        about entry: Entry, _ subject: CallbackSubject, _ rule: CallbackRule
    ) -> CallbackCall? {
        switch entry.body {
        case .message(let message): self.call(about: message, entry, subject, rule)
        case .recall(let recall): self.call(about: recall, entry, subject, rule)
        case .edit(let edit): self.call(about: edit, entry, subject, rule)
        case .notice: nil
        }
    }

    private static func call(
        about happening: Happening, _ subject: CallbackSubject, _ rule: CallbackRule
    ) -> CallbackCall? {
        switch happening.body {
        case .group(let group):
            switch rule.groupForm {
            case .current: self.call(about: group, happening.id, subject, rule)
            case .former: self.formerCall(about: group, subject, rule)
            }
        case .read(let reading): self.call(about: reading, subject, rule)
        case .presence(let presence): self.call(about: presence, happening.id, subject, rule)
        case .contact(let change): self.call(about: change, subject, rule)
        case .reaction(let change): self.call(about: change, subject, rule)
        case .thread(let change): self.call(about: change, happening.id, subject, rule)
        case .refused, .deleted: nil
        }
    }

    static func parts(of occurrence: Occurrence, for rule: CallbackRule) -> [CallbackPart] {
        guard case .happening(let happening) = occurrence else { return [.whole] }
        return switch happening.body {
        case .group(let group) where rule.groupForm == .former: group.formerParts
        case .group(let group): group.sides
        case .contact(let change): change.sides
        case .read, .presence, .refused, .deleted, .reaction, .thread: [.whole]
        }
    }

    /// "It does not look at the body."
    static func accepts(_ answer: CallbackAnswer) -> Bool { answer.status == 200 }
}

extension CallbackCall {
    init(_ name: String, to rule: CallbackRule, _ members: (inout JSONWriter) -> Void) {
        self.init(
            url: rule.url, contentType: "application/json", body: JSONWriter.object(members), name: name)
    }
}
