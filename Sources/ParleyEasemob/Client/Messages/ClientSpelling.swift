import Foundation
package import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What is in the log, as this vendor's clients get it. Source: facts/easemob-client.md 3 and 4.
package struct ClientSpelling: Sendable {
    /// `org#app`.
    let appKey: String
    /// Who reads it.
    let user: UserID

    package init(appKey: String, user: UserID) {
        self.appKey = appKey
        self.user = user
    }

    /// Nil: this vendor's clients are told in another way.
    ///
    /// - Parameter notes: what there is beside it.
    package func meta(of entry: Entry, _ notes: MessageNotes = MessageNotes()) -> WireMeta? {
        let conversation = entry.conversation.conversation
        let meta: WireMeta
        switch entry.body {
        case .message(let message):
            var body = self.body(of: message, in: conversation)
            let edit = entry.edit.map { EditInfo($0, sender: message.sender, sentAt: entry.sentAt, conversation) }
            body.meta = notes.text(edit, self.appKey)
            meta = self.meta(entry.id, body, message.sender)
        case .recall(let recall):
            var body = self.body(.recall, from: recall.by, in: conversation)
            body.ackMessageID = recall.target.easemobNumber
            var recalled = self.meta(entry.id, body, recall.by)
            if let attachment = recall.attachment { recalled.ext = [.recallAttachment(attachment)] }
            meta = recalled
        case .edit(let edit):
            var body = self.body(of: edit.message, in: conversation)
            body.type = Kind.edit.rawValue
            body.editMessageID = edit.target.easemobNumber
            let info = EditInfo(edit.mark, sender: edit.message.sender, sentAt: edit.target.sentAt, conversation)
            body.meta = notes.text(info, self.appKey)
            meta = self.meta(entry.id, body, edit.message.sender)
        case .notice: return nil
        }
        return meta
    }

    enum Kind: Int32 {
        case normal = 0
        case chat = 1
        case groupChat = 2
        case chatRoom = 3
        case readAck = 4
        case deliverAck = 5
        case recall = 6
        case channelAck = 7
        case edit = 8

        init(_ conversation: Conversation) {
            self =
                switch conversation {
                case .direct, .system: .chat
                case .group(let group): group.isEasemobRoom ? .chatRoom : .groupChat
                case .room: .chatRoom
                }
        }
    }

    // MARK: Bodies

    private func body(of message: Message, in conversation: Conversation) -> WireMessageBody {
        var body = self.body(Kind(conversation), from: message.sender, in: conversation)
        let content = ClientBody(message)
        body.contents = content.contents
        body.ext = content.ext
        if message.options.wantsReadReceipts, case .group = conversation {
            body.msgConfig.allowGroupAck = true
        }
        return body
    }

    /// Empty, of a kind.
    func body(_ kind: Kind, from sender: UserID, in conversation: Conversation) -> WireMessageBody {
        var body = WireMessageBody()
        body.type = kind.rawValue
        body.from.name = sender.rawValue
        body.to.name = self.recipient(of: sender, in: conversation).name
        return body
    }

    private func recipient(of sender: UserID, in conversation: Conversation) -> WireJID {
        switch conversation {
        // Who takes back what another said is not always one of the two.
        case .direct(let pair) where sender != pair.lesser && sender != pair.greater: self.jid(self.user)
        case .direct(let pair): self.jid(pair.peer(of: sender))
        case .group(let group): self.jid(conference: group.easemob)
        case .room(let room): self.jid(conference: room.rawValue)
        case .system: self.jid(self.user)
        }
    }

    // MARK: Metas

    func meta(_ id: MessageID, _ body: WireMessageBody, _ sender: UserID) -> WireMeta {
        var meta = self.meta(id, .chat, body.wireBytes, from: self.jid(sender))
        meta.to =
            body.type == Kind.chatRoom.rawValue || body.type == Kind.groupChat.rawValue
            ? self.jid(conference: body.to.name) : self.jid(UserID(body.to.name))
        return meta
    }

    enum Namespace: Int32 {
        case statistic = 0
        case chat = 1
        case muc = 2
        case roster = 3
        case notify = 5
    }

    /// Without an id and a sender SDKs drop it, and all that comes with it (3.2, rule 10).
    func meta(_ id: MessageID, _ namespace: Namespace, _ payload: [UInt8], from sender: WireJID) -> WireMeta {
        var meta = WireMeta()
        meta.id = id.easemobNumber
        meta.from = sender
        meta.to = self.jid(self.user)
        meta.timestamp = UInt64(clamping: id.sentAt.milliseconds)
        meta.ns = namespace.rawValue
        meta.payload = .init(payload)
        return meta
    }

    // MARK: Names

    func jid(_ user: UserID) -> WireJID {
        var jid = WireJID()
        (jid.appKey, jid.name, jid.domain) = (self.appKey, user.rawValue, ClientQueue.usersDomain)
        return jid
    }

    func jid(conference name: String) -> WireJID {
        var jid = WireJID()
        (jid.appKey, jid.name, jid.domain) = (self.appKey, name, ClientQueue.conferenceDomain)
        return jid
    }

    /// The system's own.
    var system: WireJID {
        var jid = WireJID()
        jid.domain = ClientQueue.usersDomain
        return jid
    }
}

extension WireKeyValue {
    static let recallAttachmentKey = "recallMessageExtensionInfo"

    static func recallAttachment(_ text: String) -> WireKeyValue {
        var pair = WireKeyValue()
        pair.key = self.recallAttachmentKey
        pair.type = 7
        pair.stringValue = text
        return pair
    }
}

/// How often and by whom a message was changed: what goes with an edit, and what its author is told. Source: facts/easemob-client.md 4.4.
struct EditInfo {
    let mark: EditMark
    let sender: UserID
    let sentAt: Timestamp
    let conversation: Conversation

    init(_ mark: EditMark, sender: UserID, sentAt: Timestamp, _ conversation: Conversation) {
        self.mark = mark
        self.sender = sender
        self.sentAt = sentAt
        self.conversation = conversation
    }

    var json: [UInt8] { JSONWriter.object { self.write(to: &$0) } }

    /// A member of an object.
    func write(to json: inout JSONWriter) {
        json.field("edit_msg") { json in
            json.object { json in
                json.field("count", self.mark.count)
                json.field("operator", self.mark.by.rawValue)
                json.field("edit_time", self.mark.at.milliseconds)
                json.field("sender", self.sender.rawValue)
                json.field("send_time", self.sentAt.milliseconds)
                json.field("chat_type", ClientSpelling.Kind(self.conversation) == .chat ? "chat" : "groupchat")
            }
        }
    }
}
