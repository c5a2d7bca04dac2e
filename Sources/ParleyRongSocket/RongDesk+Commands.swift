import ParleyCore
import ParleyHub
import ParleyRongCloud
import ParleySocket

/// What a client says and asks.
extension RongDesk {
    func publish(_ publish: Command) async {
        do {
            let receipt = try await ClientPublishing.take(
                topic: publish.topic, target: publish.target, payload: publish.payload, from: try await self.caller())
            guard let receipt else { return }
            self.note(receipt)
            self.progress.handed(over: receipt.sentAt.milliseconds, isOwn: true)
            guard publish.qos > 0 else { return }
            self.write(.pubAck(for: publish.id, receipt.uid, at: receipt.sentAt))
        } catch {
            let status = self.status(of: error)
            guard publish.qos > 0, !publish.topic.hasSuffix("S") else { return }
            self.write(.pubAck(for: publish.id, nil, status: status, at: self.now))
        }
    }

    func answer(_ query: Command) async {
        let isPull = query.topic == "pullMsg"
        do {
            let payload = try await self.payload(answering: query)
            let text = self.handshake.readsLongCharacters ? payload : ShortText.answer(payload, to: query.topic)
            self.acknowledge(query, status: 0, text)
            if query.topic == "chrmPull" { self.rooms.pulled(query.target, payload) }
        } catch {
            return self.acknowledge(query, status: self.status(of: error), [])
        }
        guard isPull else { return }
        self.unacknowledged.pageWasWritten()
        // Read along with the client's other messages, and none of them.
        self.ringForRooms()
        // What was not in a page has to be asked for, which not every client does by itself.
        if !self.progress.isLive, !self.handshake.pullsOnByItself { self.ring() }
    }

    private func payload(answering query: Command) async throws -> [UInt8] {
        switch query.topic {
        case "pullMsg": return try await self.pull(query.payload)
        case "subUserStatus":
            guard self.reader.watch(try ClientPresence.watched(query.payload)) else { throw ClientRefusal.unreadable }
            return ClientPresence.accepted
        case _:
            return try await ClientQueries.answer(
                query.topic, target: query.target, payload: query.payload, from: try await self.caller())
        }
    }

    private func note(_ receipt: ClientReceipt) {
        if let through = receipt.readThrough { return self.own.read(receipt.conversation, through: through) }
        // What any other client is given when it asks does not depend on who said it.
        if self.progress.isLive { self.own.say(receipt.id) }
    }

    private func acknowledge(_ query: Command, status: UInt16, _ payload: [UInt8]) {
        self.write(
            .queryAck(
                id: query.id, seconds: UInt32(clamping: self.now.seconds), status: status, payload: payload,
                qos: query.qos))
    }
}

extension ServerFrame {
    /// With a message's name and time, or why it was not taken.
    static func pubAck(for id: UInt16, _ uid: MessageUID?, status: UInt16 = 0, at time: Timestamp) -> ServerFrame {
        .pubAck(
            id: id, seconds: UInt32(clamping: time.milliseconds / 1000), status: status,
            milliseconds: UInt16(time.milliseconds % 1000), uid: uid?.description ?? "")
    }
}
