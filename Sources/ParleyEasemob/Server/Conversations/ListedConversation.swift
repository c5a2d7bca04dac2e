import ParleyCore
import ParleyJSON

/// A conversation as clients' lists show it. Source: facts/easemob-client.md 6.
struct ListedConversation: Sendable {
    let named: NamedConversation
    let place: Place
    let unread: Int
    /// Nil: there is nothing to show.
    let last: Entry?
    /// What there is beside it.
    private(set) var notes = MessageNotes()
    let appKey: String

    /// Nil: it is in no list of this vendor's.
    init?(_ summary: ConversationSummary, _ call: Call) async throws {
        guard let named = NamedConversation(summary.place.conversation, of: summary.place.user) else { return nil }
        self.named = named
        self.place = summary.place
        self.unread = summary.unread.count
        self.appKey = call.credential.key
        // To these clients nothing is left of what was recalled.
        guard let last = summary.lastMessage, last.isRecalled, let sequence = last.sequence else {
            self.last = summary.lastMessage
            return
        }
        var query = HistoryQuery(
            app: call.app.id, conversation: self.place.conversation, user: self.place.user, from: .before(sequence),
            limit: 1)
        query.includes = { !$0.isRecalled && $0.message?.options.updatesConversation == true }
        self.last = try await call.core.history(query).entries.first
    }

    /// In the order of the list.
    static func list(_ summaries: [ConversationSummary], _ call: Call) async throws -> [ListedConversation] {
        var listed: [ListedConversation] = []
        for summary in summaries {
            if let conversation = try await ListedConversation(summary, call) { listed.append(conversation) }
        }
        guard let user = summaries.first?.place.user else { return listed }
        let notes = try await call.notes(on: listed.compactMap(\.last), for: user)
        for index in listed.indices {
            if let last = listed[index].last, let some = notes[last.id] { listed[index].notes = some }
        }
        return listed
    }
}

extension JSONWriter {
    /// - Parameter name: how older and newer SDKs call it.
    mutating func conversation(_ conversation: ListedConversation, _ name: (inout JSONWriter) -> Void) {
        self.object { json in
            name(&json)
            json.top(conversation.place)
            json.field("unread_num", conversation.unread)
            json.field("marks", conversation.place.marks.easemob)
            json.field("meta") { json in
                json.object { json in
                    if let last = conversation.last { json.shown(last, conversation.notes, conversation.appKey) }
                }
            }
        }
    }

    mutating func top(_ place: Place) {
        self.field("is_top", place.pinnedAt != nil)
        self.field("update_top_status_time", place.pinnedAt?.milliseconds ?? 0)
    }

    /// A message in the form of the REST API: the members of an object.
    ///
    /// - Parameter notes: what there is beside it; of threads with the App's key.
    mutating func shown(_ entry: Entry, _ notes: MessageNotes = MessageNotes(), _ appKey: String = "") {
        guard let message = entry.message,
            let to = NamedConversation(entry.conversation.conversation, of: message.sender)
        else { return }
        let payload = JSONWriter.object { json in
            let shown = ShownMessage(message)
            json.field("from", message.sender.rawValue)
            json.field("to", to.name)
            json.field("type", to.kind.rawValue)
            shown.writeExt(to: &json)
            shown.writeBodies(to: &json)
            let edit = entry.edit.map {
                EditInfo($0, sender: message.sender, sentAt: entry.sentAt, entry.conversation.conversation)
            }
            json.field("meta", raw: notes.json(edit, appKey))
        }
        self.field("id", entry.id.easemob)
        self.field("from", NamedConversation(.chat, message.sender.rawValue).address)
        self.field("to", to.address)
        self.field("timestamp", entry.sentAt.milliseconds)
        self.field("payload", String(decoding: payload, as: UTF8.self))
    }
}
