package import ParleyCore
import ParleyJSON

/// What no log keeps, as this vendor's clients get it: in a queue of its own. Source: facts/easemob-client.md 4.3 and 5.
extension ClientSpelling {
    /// - Parameter id: what it gets as its own.
    /// - Returns: nothing, where this vendor's clients are not told of it.
    package func metas(of event: Event, id: MessageID) -> [WireMeta] {
        switch event {
        case .read(let conversation, let reader, _, _):
            [self.meta(id, self.body(.channelAck, from: reader, in: conversation), reader)]
        case .acknowledged(let conversation, let acknowledgement, let reader, _):
            self.acknowledged(acknowledgement, in: conversation, by: reader, id)
        case .delivered(let conversation, let message, let recipient):
            [self.ack(.deliverAck, of: message, in: conversation, by: recipient, id)]
        case .typing(let conversation, let sender, let isTyping):
            [self.typing(isTyping, in: conversation, by: sender, id)]
        case .contact(let change): self.roster(of: change, id).map { [$0] } ?? []
        case .deleted(let conversation, let messages): self.deleted(messages, in: conversation, id).map { [$0] } ?? []
        case .pinned(let change): self.pinned(change, id).map { [$0] } ?? []
        case .reacted(let change): self.reacted(change, id).map { [$0] } ?? []
        case .thread(let change): self.thread(change, id).map { [$0] } ?? []
        // The first two are spelled by ``presence(of:in:of:until:)``, places and groups by functions of theirs.
        case .presence, .status, .subscriptions, .place, .membership, .attributes, .group, .ended: []
        }
    }

    private func ack(
        _ kind: Kind, of message: MessageID, in conversation: Conversation, by user: UserID, _ id: MessageID
    ) -> WireMeta {
        var body = self.body(kind, from: user, in: conversation)
        body.ackMessageID = message.easemobNumber
        return self.meta(id, body, user)
    }

    private func acknowledged(
        _ acknowledgement: Acknowledgement, in conversation: Conversation, by reader: UserID, _ id: MessageID
    ) -> [WireMeta] {
        guard acknowledgement.sender == self.user else { return [] }
        guard case .group = conversation else {
            return [self.ack(.readAck, of: acknowledgement.id, in: conversation, by: reader, id)]
        }
        var body = self.body(.readAck, from: reader, in: conversation)
        body.ackMessageID = acknowledgement.id.easemobNumber
        var counts = WireKeyValue()
        counts.stringValue = #"{"\#(acknowledgement.id.easemob)":\#(acknowledgement.readCount)}"#
        body.ext = [counts]
        return [self.meta(id, body, reader)]
    }

    /// As the vendor's chat kits say it, for the vendor's SDKs have no word for it.
    private func typing(_ isTyping: Bool, in conversation: Conversation, by sender: UserID, _ id: MessageID) -> WireMeta
    {
        var body = self.body(Kind(conversation), from: sender, in: conversation)
        var content = WireContent()
        content.type = 6
        content.action = isTyping ? "TypingBegin" : "TypingEnd"
        body.contents = [content]
        var meta = self.meta(id, body, sender)
        meta.routetype = 1
        return meta
    }

    // MARK: Notifications

    /// Compact, and no byte below 0x10: SDKs could not read it.
    func notification(_ type: String, _ id: MessageID, _ data: (inout JSONWriter) -> Void) -> WireMeta {
        let json = JSONWriter.object { json in
            json.field("type", type)
            json.field("data", data)
        }
        return self.meta(id, .notify, json, from: self.system)
    }

    /// Which of a user's devices are online, and what he says of himself.
    ///
    /// - Parameter expiresAt: of the subscription that this is told because of.
    package func presence(
        of user: UserID, in app: AppID, of core: Core, until expiresAt: Timestamp?
    ) async throws -> WireMeta {
        let shown = try await core.shownPresence(of: [user], in: app, until: expiresAt)
        return self.notification("presence", core.identifiers.next()) { json in
            json.object { json in
                json.field("values") { json in json.array(shown) { $1.write(to: &$0) } }
            }
        }
    }

    // MARK: Contacts

    /// Who did it is told nothing but that he has a contact now.
    private func roster(of change: ContactChange, _ id: MessageID) -> WireMeta? {
        let isMine = change.from == self.user
        let operation: Int32
        switch change.kind {
        case .invited where !isMine: operation = 2
        case .removed where !isMine: operation = 3
        case .added: operation = 4
        case .agreed where isMine: operation = 4
        case .agreed: operation = 8
        case .declined where !isMine: operation = 9
        case .invited, .removed, .declined, .blocked, .unblocked: return nil
        }
        let other = isMine ? change.to : change.from
        var body = WireRosterBody()
        body.operation = operation
        body.status.errorCode = 0
        body.from = self.jid(other)
        body.to = [self.jid(self.user)]
        if case .invited(let reason) = change.kind { body.reason = reason }
        return self.meta(id, .roster, body.wireBytes, from: body.from)
    }
}

// MARK: - Good-bye

extension ClientSpelling {
    /// Why a connection is ended for good: the SDK does not connect again. Source: facts/easemob-client.md 5, STATISTIC.
    package enum SentAway: Int32 {
        case userRemoved = 1
        case anotherDevice = 2
        case passwordChanged = 3
        case kicked = 4
    }

    package func sentAway(because reason: SentAway, id: MessageID) -> WireMeta {
        var body = WireStatisticsBody()
        body.operation = reason.rawValue
        return self.meta(id, .statistic, body.wireBytes, from: self.system)
    }
}
