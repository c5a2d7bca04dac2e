import ParleyCore
import ParleyHub
import ParleyRongCloud

/// What a client says and asks.
extension RongDesk {
    func publish(_ publish: Command) async {
        do {
            let receipt = try await ClientPublishing.take(
                topic: publish.topic, target: publish.target, payload: publish.payload, from: try await self.caller())
            guard let receipt else { return }
            self.own.insert(receipt.id)
            guard publish.qos > 0 else { return }
            self.write(.pubAck(for: publish.id, receipt.uid, at: receipt.sentAt))
        } catch {
            let status = self.status(of: error)
            guard publish.qos > 0, !publish.topic.hasSuffix("S") else { return }
            self.write(.pubAck(for: publish.id, nil, status: status, at: self.now))
        }
    }

    func answer(_ query: Command) async {
        do {
            let payload =
                query.topic == "pullMsg"
                ? try await self.pull(query.payload)
                : try await ClientQueries.answer(
                    query.topic, target: query.target, payload: query.payload, from: try await self.caller())
            self.acknowledge(query, status: 0, payload)
        } catch {
            self.acknowledge(query, status: self.status(of: error), [])
        }
        // What was not in a page has to be asked for, which not every client does by itself.
        if query.topic == "pullMsg", !self.progress.isLive, !self.handshake.pullsOnByItself { self.ring() }
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
