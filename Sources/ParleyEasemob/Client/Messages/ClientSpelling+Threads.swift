import ParleyCore
import ParleyJSON

/// Reactions and threads, as NOTIFY; and what a user does with threads himself, as MUC. Source: facts/easemob-client.md 5.
extension ClientSpelling {
    func reacted(_ change: ReactionChange, _ id: MessageID) -> WireMeta? {
        guard let conversation = NamedConversation(change.conversation, of: change.by) else { return nil }
        return self.notification("reaction", id) { json in
            json.array { json in
                json.object { json in
                    json.field("from", change.by.rawValue)
                    json.field("to", conversation.name)
                    json.field("channel_type", conversation.kind.rawValue)
                    json.field("messageId", change.message.easemob)
                    json.field("reactions") { $0.reactions(of: change) }
                    json.field("ts", change.at.milliseconds)
                }
            }
        }
    }

    private enum Operation: Int32 {
        case start = 33
        case end = 34
        case join = 35
        case leave = 36
        case remove = 37
        case rename = 38

        init(_ deed: ThreadChange.Deed) {
            self =
                switch deed {
                case .started: .start
                case .joined: .join
                case .left: .leave
                case .renamed: .rename
                case .ended: .end
                }
        }
    }

    /// Nil: it is not for this user.
    func thread(_ change: ThreadChange, _ id: MessageID) -> WireMeta? {
        switch change.kind {
        case .started, .renamed, .said, .ended:
            self.notification("thread", id) { json in
                json.object { $0.members(of: change, at: id.sentAt, self.appKey) }
            }
        case .removed(let users): users.contains(self.user) ? self.meta(.remove, change, id) : nil
        case .own(let deed): self.meta(Operation(deed), change, id)
        }
    }

    private func meta(_ operation: Operation, _ change: ThreadChange, _ id: MessageID) -> WireMeta {
        var body = WireMUCBody()
        body.mucID = self.jid(conference: change.thread.id.easemob)
        body.operation = operation.rawValue
        body.from = self.jid(change.by ?? .groupOperator)
        body.to = [self.jid(self.user)]
        body.isThread = true
        body.mucParentID = self.jid(conference: change.thread.origin?.group.easemob ?? "")
        body.mucName = change.thread.name
        return self.meta(id, .muc, body.wireBytes, from: body.mucID)
    }
}

extension JSONWriter {
    /// All that a message has now; what was done is said with the kind that it was done to, even where nobody is left who reacted so.
    mutating func reactions(of change: ReactionChange) {
        self.array { json in
            for reaction in change.reactions {
                json.object { json in
                    json.reaction(reaction)
                    if reaction.kind == change.kind { json.operation(change) }
                }
            }
            guard !change.reactions.contains(where: { $0.kind == change.kind }) else { return }
            json.object { json in
                json.field("reaction", change.kind)
                json.field("count", 0)
                json.field("userList", [])
                json.operation(change)
            }
        }
    }

    private mutating func operation(_ change: ReactionChange) {
        self.field("op") { json in
            json.array { json in
                json.object { json in
                    json.field("reactionType", change.isAdded ? "create" : "delete")
                    json.field("operator", change.by.rawValue)
                }
            }
        }
    }

    /// What became of a thread, for those in its group.
    mutating func members(of change: ThreadChange, at moment: Timestamp, _ appKey: String) {
        self.field("id", change.thread.id.easemob)
        self.field("name", change.thread.name)
        self.field("muc_parent_id", change.thread.origin?.group.easemob ?? "")
        self.field("msg_parent_id", change.thread.origin?.message.easemob ?? "")
        self.field("timestamp", moment.milliseconds)
        self.field("from", (change.by ?? .groupOperator).rawValue)
        switch change.kind {
        case .started: self.field("operation", "create")
        case .ended: self.field("operation", "delete")
        case .renamed(let count):
            self.field("operation", "update")
            self.field("message_count", count)
        case .said(let overview):
            self.field("operation", "update_msg")
            self.field("message_count", overview.messageCount)
            self.field("last_message") { $0.last(overview.last, in: change.thread, appKey) }
        case .removed, .own: break
        }
    }
}
