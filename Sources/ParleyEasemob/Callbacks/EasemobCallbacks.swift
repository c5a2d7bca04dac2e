import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How the vendor calls a backend: one POST of JSON for each thing that happened, signed with an MD5.
///
/// Not told: offline messages (`chat_offline`), read receipts, reactions, threads, contacts, log-ins and pushes. `env` chooses no route: every rule of
/// the App is called. Source: facts/easemob-server.md 4, and the pages callback_message_send, _recall, _modify, callback_group_room_join, _leave, _info.
enum EasemobCallbacks: CallbackForm {
    static let topics = Set(CallbackTopic.allCases)

    /// The vendor does not say how long it waits for an answer to what has happened; all else is the page's.
    static let policy = CallbackPolicy(
        origins: [.client, .server], originsBefore: [.client], timeoutMilliseconds: 5000,
        timeoutBeforeMilliseconds: 200, attempts: 2, retryAfterMilliseconds: 0, failuresBeforePause: 90,
        failureWindowMilliseconds: 30_000, pausesMilliseconds: [5, 10, 15, 20, 25].map { $0 * 60_000 })

    /// The time in a call is that of what it tells, not that of the call: whatever is sent again is the same to the byte.
    static func call(about subject: CallbackSubject, for rule: CallbackRule, at _: Timestamp) -> CallbackCall? {
        switch subject.entry.body {
        case .message(let message): self.call(about: message, subject, rule)
        case .recall(let recall): self.call(about: recall, subject, rule)
        case .edit(let edit): self.call(about: edit, subject, rule)
        case .notice(let notice): self.call(about: notice, subject, rule)
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
