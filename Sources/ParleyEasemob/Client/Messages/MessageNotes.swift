package import ParleyCore
import ParleyJSON

/// What this vendor's clients are shown of a message beside what was said: its `meta`. Source: facts/easemob-client.md 4.
package struct MessageNotes: Sendable {
    /// The thread that it was said in.
    var thread: Group?
    /// The thread that was made on it.
    var started: (thread: Group, overview: ThreadOverview)?
    var reactions: [Reaction] = []

    package init(in thread: Group? = nil) { self.thread = thread }

    package var isEmpty: Bool { self.thread == nil && self.started == nil && self.reactions.isEmpty }

    /// Empty, where there is nothing to show.
    func text(_ edit: EditInfo?, _ appKey: String) -> String {
        let hasNothing = edit == nil && self.thread?.origin == nil && self.started == nil && self.reactions.isEmpty
        return hasNothing ? "" : String(decoding: self.json(edit, appKey), as: UTF8.self)
    }

    func json(_ edit: EditInfo?, _ appKey: String) -> [UInt8] {
        JSONWriter.object { json in
            edit?.write(to: &json)
            if !self.reactions.isEmpty {
                json.field("reaction") { json in
                    json.array(self.reactions) { json, reaction in
                        json.object { json in
                            json.reaction(reaction)
                            json.field("state", reaction.isOwn)
                        }
                    }
                }
            }
            if let thread { json.thread(of: thread) }
            if let started { json.overview(started.overview, of: started.thread, appKey) }
        }
    }
}

extension Call {
    /// What there is beside some messages, as a user may see it.
    func notes(on entries: [Entry], for user: UserID) async throws -> [MessageID: MessageNotes] {
        let reactions = try await self.core.places.reactions(to: entries.map(\.id), for: user)
        var notes = reactions.mapValues { reactions in
            var notes = MessageNotes()
            notes.reactions = reactions
            return notes
        }
        var ofGroups: [MessageID] = []
        for entry in entries {
            guard case .group(let id) = entry.conversation.conversation else { continue }
            ofGroups.append(entry.id)
            if let group = try await self.core.directory.group(id, in: self.app.id)?.group, group.origin != nil {
                notes[entry.id, default: MessageNotes()].thread = group
            }
        }
        guard !ofGroups.isEmpty else { return notes }
        for thread in try await self.core.directory.threads(on: ofGroups, in: self.app.id) {
            guard let message = thread.origin?.message else { continue }
            let overview = try await self.core.overview(of: thread.id, in: self.app.id)
            notes[message, default: MessageNotes()].started = (thread, overview)
        }
        return notes
    }
}

extension JSONWriter {
    /// Where a message in a thread belongs: a member of its meta.
    fileprivate mutating func thread(of thread: Group) {
        guard let origin = thread.origin else { return }
        self.field("thread") { json in
            json.object { json in
                json.field("msg_parent_id", origin.message.easemob)
                json.field("muc_parent_id", origin.group.easemob)
                json.field("thread_name", thread.name)
            }
        }
    }

    fileprivate mutating func overview(_ overview: ThreadOverview, of thread: Group, _ appKey: String) {
        self.field("thread_overview") { json in
            json.object { json in
                json.field("id", thread.id.easemob)
                json.field("muc_parent_id", thread.origin?.group.easemob ?? "")
                json.field("name", thread.name)
                json.field("last_message") { $0.last(overview.last, in: thread, appKey) }
                json.field("create_timestamp", thread.createdAt.milliseconds)
                json.field("update_timestamp", (overview.last?.id.sentAt ?? thread.updatedAt).milliseconds)
                json.field("message_count", overview.messageCount)
            }
        }
    }

    /// The last message of a thread, in the form of the REST API; an empty object, where there is none.
    mutating func last(_ last: ThreadOverview.LastMessage?, in thread: Group, _ appKey: String) {
        self.object { json in
            guard let last else { return }
            json.field("id", last.id.easemob)
            json.field("from", "\(appKey)_\(last.message.sender)")
            json.field("to", "\(appKey)_\(thread.id.easemob)")
            json.field("timestamp", last.id.sentAt.milliseconds)
            json.field("payload") { json in
                json.object { json in
                    let shown = ShownMessage(last.message)
                    json.field("from", last.message.sender.rawValue)
                    json.field("to", thread.id.easemob)
                    json.field("type", NamedConversation.Kind.group.rawValue)
                    shown.writeExt(to: &json)
                    shown.writeBodies(to: &json)
                    json.field("meta") { json in json.object { $0.thread(of: thread) } }
                }
            }
        }
    }
}
