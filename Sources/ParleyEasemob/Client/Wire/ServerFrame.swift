import Foundation
package import ParleyCore

/// What the server says, as the bytes of one frame. Source: facts/easemob-client.md 2.2, 3.
///
/// The minimal form of the envelope: every SDK takes it.
package enum ServerFrame {
    private static func frame(_ command: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var envelope = WireFields(capacity: payload.count + 12)
        envelope.field(1, 0)
        envelope.field(8, UInt64(command))
        envelope.field(9, payload)
        return envelope.bytes
    }

    // MARK: Sessions

    /// - Parameters:
    ///   - resource: SDKs take it for theirs, and say it in every call.
    ///   - session: any name.
    package static func welcome(resource: String, session: String) -> [UInt8] {
        var provision = WireProvision()
        provision.status = .ok
        provision.resource = resource
        provision.sessionID = session
        return self.frame(3, provision.wireBytes)
    }

    package static func refused(_ refusal: ProvisionRefusal) -> [UInt8] {
        var provision = WireProvision()
        provision.status = .init(refusal.code, refusal.reason)
        return self.frame(3, provision.wireBytes)
    }

    // MARK: Queues

    package static func notice(_ queue: ClientQueue) -> [UInt8] {
        var notice = WireCommNotice()
        notice.queue = queue.jid
        return self.frame(2, notice.wireBytes)
    }

    package static func unread(_ queues: [(queue: ClientQueue, count: UInt64)], at now: Timestamp) -> [UInt8] {
        var unread = WireCommUnreadDL()
        unread.status = .ok
        unread.unread = queues.map { queue, count in
            var item = WireCommUnreadDL.MetaQueue()
            item.queue = queue.jid
            item.n = UInt32(clamping: count)
            return item
        }
        unread.timestamp = UInt64(clamping: now.milliseconds)
        return self.frame(1, unread.wireBytes)
    }

    /// Never the last: the client says what it has got (rules 1, 2 and 6).
    ///
    /// - Parameter key: comes back when the client has them; another one in each page of a connection.
    package static func page(
        _ metas: [WireMeta], key: UInt64, of queue: ClientQueue, at now: Timestamp
    ) -> [UInt8] { self.page(spelled: metas.map(\.wireBytes), key: key, of: queue, at: now) }

    /// - Parameter metas: the bytes of each.
    package static func page(
        spelled metas: [[UInt8]], key: UInt64, of queue: ClientQueue, at now: Timestamp
    ) -> [UInt8] {
        var sync = WireFields(capacity: metas.reduce(128) { $0 + $1.count + 4 })
        sync.field(1, self.ok)
        for meta in metas { sync.field(4, meta) }
        sync.field(5, key)
        sync.field(6, queue.jidBytes)
        sync.field(8, UInt64(clamping: now.milliseconds))
        return self.frame(0, sync.bytes)
    }

    private static let ok = WireStatus.ok.wireBytes

    /// There is no more (rule 3).
    package static func end(of queue: ClientQueue, at now: Timestamp) -> [UInt8] {
        var sync = WireFields(capacity: 128)
        sync.field(1, self.ok)
        sync.field(6, queue.jidBytes)
        sync.field(7, 1)
        sync.field(8, UInt64(clamping: now.milliseconds))
        return self.frame(0, sync.bytes)
    }

    /// Outside any queue, to be lost if it is: what a client that is sent away is told.
    package static func direct(_ meta: WireMeta, at now: Timestamp) -> [UInt8] {
        var sync = WireCommSyncDL()
        sync.status = .ok
        sync.metas = [meta]
        sync.queue = ClientQueue.events.jid
        sync.isLast = true
        sync.timestamp = UInt64(clamping: now.milliseconds)
        return self.frame(0, sync.wireBytes)
    }

    // MARK: Answers

    /// - Parameter metaID: the client's own number of what it said.
    package static func ack(_ metaID: UInt64, _ receipt: ClientReceipt) -> [UInt8] {
        var sync = WireCommSyncDL()
        sync.status = .ok
        sync.metaID = metaID
        sync.serverID = receipt.id.easemobNumber
        sync.metas = receipt.metas
        sync.timestamp = UInt64(clamping: receipt.sentAt.milliseconds)
        return self.frame(0, sync.wireBytes)
    }

    package static func refused(_ metaID: UInt64, _ refusal: ClientRefusal, at now: Timestamp) -> [UInt8] {
        var sync = WireCommSyncDL()
        sync.status = .init(refusal.code, refusal.reason)
        sync.metaID = metaID
        sync.timestamp = UInt64(clamping: now.milliseconds)
        return self.frame(0, sync.wireBytes)
    }

    package static func loggedOut() -> [UInt8] {
        var logout = WireLogout()
        logout.status = .ok
        return self.frame(4, logout.wireBytes)
    }
}

extension WireStatus {
    static let ok = WireStatus(0, nil)

    init(_ code: Int32, _ reason: String?) {
        self.init()
        self.errorCode = code
        if let reason { self.reason = reason }
    }
}
