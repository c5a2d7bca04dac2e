import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What is said.
extension Publication {
    /// As for any client: see ParleySocket's.
    static let checks: Send.Checks = [
        .groupExists, .senderIsMember, .mutes, .globalMute, .blocks, .recipientExists, .frequency,
    ]
    /// Who may not speak may still say what he has read.
    private static let checksOfReceipts: Send.Checks = [.groupExists, .senderIsMember]

    private var checksOfSending: Send.Checks {
        if self.isReceipt { return Self.checksOfReceipts }
        return self.isNeverDropped ? Self.checks.subtracting(.frequency) : Self.checks
    }

    func send(in conversation: Conversation) async throws -> ClientReceipt {
        let receipt = try await self.core.send(
            Send(
                app: self.app, conversation: conversation, message: try self.message(in: conversation),
                isEphemeral: self.topic.isStatus,
                checks: self.checksOfSending,
                deduplication: self.deduplication))
        switch receipt.dropped {
        case .frequency: throw ClientRefusal.tooFrequent
        case nil: return self.receipt(receipt, in: conversation)
        }
    }

    func message(in conversation: Conversation) throws(ClientRefusal) -> Message {
        var message = self.wire.message(
            from: self.user, to: try self.audience(in: conversation), reachesSender: true,
            treatment: Treatment(try self.options(), isMentioned: self.flags.contains(.mentioned)))
        message.origin = .client
        message.options.priority = self.priority
        if self.isTraceless { message.options.leaveNoTrace() }
        if message.audience != .everyone, !self.caller.app.settings.keepsTargetedHistory {
            message.options.keptInHistory = false
        }
        return message
    }

    var flags: UpFlags { UpFlags(rawValue: self.upStream.sessionID) }

    /// Asks, or says, who has read a message of a group.
    private var isReceipt: Bool { ["RC:RRReqMsg", "RC:RRRspMsg"].contains(self.wire.objectName) }

    /// For the SDKs, not for people: whatever flags they come with.
    private var isTraceless: Bool { self.isReceipt || ["RC:MsgExMsg", "RC:TypSts"].contains(self.wire.objectName) }

    private func audience(in conversation: Conversation) throws(ClientRefusal) -> Audience {
        guard case .group = conversation, self.topic.area != .room else { return .everyone }
        var named = self.upStream.userID
        if named.isEmpty, self.wire.objectName == "RC:RRRspMsg" { named = self.receipts.map(\.sender) }
        guard named.count <= Group.maximumMembers else { throw .invalidPublish }
        return named.isEmpty ? .everyone : .only(named.map { UserID($0) })
    }

    // MARK: How

    private func options() throws(ClientRefusal) -> MessageOptions {
        var options = MessageOptions()
        options.keptInHistory = self.flags.contains(.persist)
        options.countsAsUnread = self.flags.contains(.count)
        options.isExpandable = self.flags.contains(.expandable)
        if options.isExpandable, !self.upStream.extraContent.isEmpty {
            options.expansion = try self.expansion(self.upStream.extraContent)
        }
        options.push = self.push
        return options
    }

    private func expansion(_ text: String) throws(ClientRefusal) -> [String: String] {
        do {
            return try Expansion.parse(text)
        } catch { throw .invalidExpansion }
    }

    private var push: PushOptions {
        var push = PushOptions()
        push.isDisabled = self.flags.contains(.noNotification) || self.topic.isQuiet
        if !self.upStream.pushText.isEmpty { push.text = self.upStream.pushWords }
        if !self.upStream.appData.isEmpty { push.data = self.upStream.pushData }
        if !push.isDisabled, let pushExt = self.pushExt {
            push.title = pushExt.title
            push.native = pushExt.raw
        }
        return push
    }

    /// As the server API has it. A message is not refused for how its push was to look: what is not as it should be is left out.
    private var pushExt: PushExt? {
        let showsDetail = ConfigFlags(rawValue: self.upStream.configFlag).contains(.showsDetail)
        guard self.upStream.hasPushExt || showsDetail else { return nil }
        let said = self.upStream.pushExt
        let json = JSONWriter.object { json in
            if !said.title.isEmpty { json.field("title", said.title) }
            if !said.templateID.isEmpty { json.field("templateId", said.templateID) }
            if !said.pushID.isEmpty { json.field("pushId", said.pushID) }
            if showsDetail { json.field("forceShowPushContent", "1") }
            if let configs = try? JSON(parsing: said.pushConfigs), configs.kind == .array {
                json.field("pushConfigs", raw: configs.raw)
            }
        }
        return try? PushExt(String(decoding: json, as: UTF8.self))
    }

    // MARK: Once

    /// A minute, as for the server API. An SDK that has heard nothing sends again at once; and what its number counts is not known, so that the same number
    /// much later is another message.
    private static let repeatSeconds: Int64 = 60

    /// The user's length before his name: no two users can make one key. With the content, should an SDK count anew from 1 when its page is loaded
    /// again.
    private var deduplication: DeduplicationKey? {
        guard self.upStream.clientUniqueID != 0, !self.topic.isStatus else { return nil }
        let digest = Self.digest(self.wire.objectName, self.wire.content)
        return DeduplicationKey(
            "rongcloud.client:\(self.user.rawValue.utf8.count):\(self.user):\(self.upStream.clientUniqueID):\(digest)",
            lifetimeSeconds: Self.repeatSeconds)
    }

    /// FNV-1a: guards against accidents only, and both messages would be the user's own.
    private static func digest(_ texts: String...) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return String(hash, radix: 16)
    }
}
