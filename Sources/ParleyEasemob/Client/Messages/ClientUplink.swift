import Foundation
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What a client says: most is to be read by others; some are receipts, recalls and edits. Source: facts/easemob-client.md 3.3 and 4.
package enum ClientUplink {
    /// A user's each second. The vendor's own is not known, but apps send bursts of hundreds and have them all.
    static let rate = RateLimiter.Limit("easemob.client-uplink", 500)
    /// Bytes of what a message says and what is attached to it. The vendor's own limit for clients is not known; the server API's is 5 KiB.
    static let maximumBytes = 64 * 1024

    /// - Returns: what the acknowledgement says; nil where clients need none.
    /// - Throws: ``ClientRefusal``; anything else is a fault.
    package static func take(_ meta: WireMeta, from caller: ClientCaller) async throws -> ClientReceipt? {
        let namespace = ClientSpelling.Namespace(rawValue: meta.ns)
        // Where the SDK runs and for how long it has been: nothing is made of it.
        if namespace == .statistic { return nil }
        guard caller.rates.admits(of: self.rate, for: caller.app, by: caller.user.rawValue) else {
            throw ClientRefusal.tooFrequent
        }
        return switch namespace {
        case .chat: try await Uplink(meta, from: caller).perform()
        case .muc: try await RoomUplink(meta, from: caller).perform()
        case .roster: try await RosterUplink(meta, from: caller).perform()
        case .statistic, .notify, nil: throw ClientRefusal.unsupported
        }
    }
}

/// One CHAT meta, read.
struct Uplink: Sendable {
    let caller: ClientCaller
    let meta: WireMeta
    let body: WireMessageBody
    let kind: ClientSpelling.Kind
    let conversation: Conversation

    init(_ meta: WireMeta, from caller: ClientCaller) throws(ClientRefusal) {
        guard meta.payload.count <= ClientUplink.maximumBytes else { throw .tooLarge }
        guard let body = WireMessageBody.parse(Array(meta.payload)), let kind = ClientSpelling.Kind(rawValue: body.type)
        else { throw .unreadable }
        let name = meta.to.name.isEmpty ? body.to.name : meta.to.name
        guard (1...Self.maximumName).contains(name.utf8.count) else { throw .unreadable }
        self.caller = caller
        self.meta = meta
        self.body = body
        self.kind = kind
        self.conversation =
            meta.to.domain == ClientQueue.conferenceDomain
            ? .group(GroupID(easemob: name)) : .direct(caller.user, UserID(easemob: name))
    }

    private static let maximumName = 255

    var core: Core { self.caller.core }
    var user: UserID { self.caller.user }
    var app: AppID { self.caller.app.id }

    /// - Throws: ``ClientRefusal``; anything else is a fault.
    func perform() async throws -> ClientReceipt {
        do {
            return switch self.kind {
            case .normal, .chat, .groupChat, .chatRoom: try await self.send()
            case .readAck: try await self.acknowledge()
            case .deliverAck: try await self.tellOfDelivery()
            case .channelAck: try await self.read()
            case .recall: try await self.recall()
            case .edit: try await self.edit()
            }
        } catch let rejection as Rejection {
            throw ClientRefusal(rejection, isEdit: self.kind == .edit)
        }
    }

    /// Of something that is done, and that no log has.
    private var receipt: ClientReceipt { ClientReceipt(self.core.identifiers.next()) }
}

// MARK: - Said

extension Uplink {
    /// As for any client.
    private static let checks: Send.Checks = [
        .groupExists, .senderIsMember, .mutes, .globalMute, .blocks, .recipientExists, .frequency,
    ]

    private func send() async throws -> ClientReceipt {
        let receipt = try await self.core.send(
            Send(
                app: self.app, conversation: self.conversation, message: try self.message(),
                isEphemeral: self.meta.routetype == 1, checks: Self.checks, deduplication: self.deduplication))
        if receipt.dropped == .frequency { throw ClientRefusal.tooFrequent }
        var answer = ClientReceipt(receipt.id)
        answer.isRepeat = receipt.isRepeat
        return answer
    }

    private func message() throws(ClientRefusal) -> Message {
        let (type, payload, said) = try self.content()
        var options = MessageOptions()
        if let ext = said["ext"] { options.apply(ext: ext) }
        options.wantsReadReceipts = self.body.msgConfig.allowGroupAck
        // They are acted upon, not read.
        if type == "cmd" { options.leaveNoTrace() }
        return Message(
            sender: self.user, audience: try self.audience(),
            content: Content(easemob: type, body: said["body"]!, filesURL: ""),
            native: Native(dialect: Easemob.name, payload: payload), options: options, origin: .client)
    }

    private func content() throws(ClientRefusal) -> (type: String, payload: [UInt8], said: JSON) {
        guard let payload = ClientBody(self.body).payload, let said = try? JSON(parsing: payload),
            let type = said["type"]?.string, said["body"] != nil
        else { throw .unreadable }
        return (type, payload, said)
    }

    private static let maximumDirected = 20

    private func audience() throws(ClientRefusal) -> Audience {
        let named = self.meta.directedUsers
        guard !named.isEmpty, case .group = self.conversation else { return .everyone }
        guard named.count <= Self.maximumDirected else { throw .failed("limit directed users") }
        return .only(named.map { UserID(easemob: $0) })
    }

    /// An SDK that has heard nothing sends again when it has connected again, with the same number (1.6): unique for one client only.
    private static let repeatSeconds: Int64 = 3600

    private var deduplication: DeduplicationKey? {
        guard self.meta.id != 0, self.meta.routetype != 1 else { return nil }
        let names = [self.user.rawValue, self.caller.device.rawValue].map { "\($0.utf8.count):\($0)" }
        return DeduplicationKey(
            "easemob.client:\(names.joined(separator: ":")):\(self.meta.id)", lifetimeSeconds: Self.repeatSeconds)
    }
}

// MARK: - Receipts

extension Uplink {
    private func target() throws(ClientRefusal) -> MessageID {
        guard let id = MessageID(easemobNumber: self.body.ackMessageID) else { throw .noSuchMessage }
        return id
    }

    private func targetEntry() async throws -> Entry {
        guard let entry = try await self.core.log.find(.id(try self.target()), in: self.conversation, of: self.app)
        else {
            throw Rejection.messageNotFound
        }
        return entry
    }

    /// Just one message was read. In a direct conversation this vendor's users need not have asked for it: its sender is told, and so is that the
    /// conversation was read up to it, for those who speak to other dialects.
    private func acknowledge() async throws -> ClientReceipt {
        guard case .direct(let pair) = self.conversation else {
            try await self.core.acknowledge([try self.target()], of: self.conversation, by: self.user, in: self.app)
            return self.receipt
        }
        let entry = try await self.targetEntry()
        guard let sequence = entry.sequence, entry.message?.sender == pair.peer(of: self.user) else {
            throw ClientRefusal.noSuchMessage
        }
        let acknowledgement = Acknowledgement(
            id: entry.id, sequence: sequence, sender: pair.peer(of: self.user), readCount: 1)
        return try await self.read(through: sequence, acknowledging: acknowledgement)
    }

    private func read(
        through sequence: UInt64? = nil, acknowledging message: Acknowledgement? = nil
    ) async throws -> ClientReceipt {
        let place = try await self.core.read(
            self.conversation, through: sequence, acknowledging: message, by: self.user, in: self.app)
        var receipt = self.receipt
        receipt.reading = (self.conversation, place.readThrough)
        return receipt
    }

    private func tellOfDelivery() async throws -> ClientReceipt {
        guard case .direct(let pair) = self.conversation else { return self.receipt }
        let entry = try await self.targetEntry()
        guard let sender = entry.message?.sender, sender == pair.peer(of: self.user) else {
            throw ClientRefusal.noSuchMessage
        }
        try await self.core.directory.announce(
            Announcement(
                app: self.app, event: .delivered(self.conversation, entry.id, to: self.user),
                recipients: .users([sender])))
        return self.receipt
    }
}

// MARK: - Recalls and edits

extension Uplink {
    private func recall() async throws -> ClientReceipt {
        var command = RecallMessage(
            app: self.app, conversation: self.conversation, target: .id(try self.target()), by: self.user,
            byAdministrator: false, windowSeconds: self.caller.app.settings.recallWindowSeconds)
        command.honoursRole = true
        command.attachment = self.meta.ext.first { $0.key == WireKeyValue.recallAttachmentKey }?.stringValue
        return ClientReceipt(try await self.core.recall(command).id)
    }

    private static let scopeOfBodyAndExt: Int32 = 2

    /// Of texts and custom messages what they say, of others what is attached to them.
    private func edit() async throws -> ClientReceipt {
        guard let id = MessageID(easemobNumber: self.body.editMessageID) else { throw ClientRefusal.noSuchMessage }
        guard let entry = try await self.core.log.find(.id(id), in: self.conversation, of: self.app),
            let message = entry.message
        else { throw ClientRefusal.noSuchMessage }
        var changed = ClientBody(message)
        guard let content = self.body.contents.first, let old = changed.contents.first, content.type == old.type,
            content.json?.type != "cmd"
        else { throw ClientRefusal.failed("Sorry, edit is not available") }
        changed.contents = self.body.contents
        if self.body.editScope == Self.scopeOfBodyAndExt || !self.body.ext.isEmpty { changed.ext = self.body.ext }
        guard let payload = changed.payload, let said = try? JSON(parsing: payload), let type = said["type"]?.string
        else { throw ClientRefusal.unreadable }
        let receipt = try await self.core.edit(
            EditMessage(
                app: self.app, conversation: self.conversation, target: .id(id), by: self.user, byAdministrator: false,
                content: Content(easemob: type, body: said["body"]!, filesURL: ""),
                native: Native(dialect: Easemob.name, payload: payload), origin: .client, attachment: said["ext"]?.text,
                limit: RewriteMessage.maximumEdits))
        var answer = ClientReceipt(receipt.id)
        let mark = EditMark(by: self.user, at: receipt.id.sentAt, count: (entry.edit?.count ?? 0) + 1)
        var meta = WireMeta()
        meta.id = receipt.id.easemobNumber
        meta.ns = ClientSpelling.Namespace.notify.rawValue
        meta.payload = .init(EditInfo(mark, sender: message.sender, sentAt: id.sentAt, self.conversation).json)
        answer.metas = [meta]
        return answer
    }
}
