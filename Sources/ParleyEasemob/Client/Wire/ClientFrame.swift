import Foundation
import ParleyJSON

/// What a client says in one frame. Source: facts/easemob-client.md 2.1 and 2.2.
package enum ClientFrame: Sendable {
    /// Who it is: the first frame of a connection.
    case provision(ClientProvision)
    /// What is there for me? Also its sign of life.
    case unread
    /// Something to be done or said.
    case uplink(WireMeta)
    /// What is in a queue, after what it has.
    case sync(ClientQueue, key: UInt64?)
    case logout
    /// What no SDK sends, and a sync of nothing, which some do (3.2, rule 5).
    case nothing

    /// - Returns: nil: no frame of this protocol.
    package init?(_ bytes: [UInt8]) {
        if let sync = Self.readSync(bytes) {
            self = sync
            return
        }
        guard let envelope = WireMSync.parse(bytes) else { return nil }
        switch envelope.command {
        case 0:
            guard let sync = WireCommSyncUL.parse(Array(envelope.payload)) else { return nil }
            if sync.hasMeta {
                self = .uplink(sync.meta)
            } else if sync.hasQueue {
                self = .sync(ClientQueue(sync.queue), key: sync.key == 0 ? nil : sync.key)
            } else {
                self = .nothing
            }
        case 1: self = .unread
        case 3:
            guard let provision = WireProvision.parse(Array(envelope.payload)) else { return nil }
            self = .provision(ClientProvision(envelope, provision))
        case 4: self = .logout
        default: self = .nothing
        }
    }
}

// MARK: Syncs

/// Of these there are two for every message that a client gets: as SDKs write them, they are read without SwiftProtobuf. What is in the least unusual is left to it.
extension ClientFrame {
    private static func readSync(_ bytes: [UInt8]) -> ClientFrame? {
        var envelope = WireFieldReader(bytes[...])
        var payload: ArraySlice<UInt8>?
        while let (number, value) = envelope.next() {
            switch (number, value) {
            case (8, .number(0)): break
            case (8, _): return nil
            case (9, .bytes(let bytes)): payload = bytes
            case (_, .number): break
            case (_, .bytes): return nil
            }
        }
        guard !envelope.hasFailed, let payload else { return nil }
        return self.readSync(payload)
    }

    private static func readSync(_ payload: ArraySlice<UInt8>) -> ClientFrame? {
        var sync = WireFieldReader(payload)
        var (key, queue) = (0 as UInt64, nil as ClientQueue?)
        while let (number, value) = sync.next() {
            switch (number, value) {
            case (2, .number(let number)): key = number
            case (3, .bytes(let jid)) where queue == nil:
                guard let named = self.readQueue(jid) else { return nil }
                queue = named
            case (_, .number): break
            case (_, .bytes): return nil
            }
        }
        guard !sync.hasFailed, let queue else { return nil }
        return .sync(queue, key: key == 0 ? nil : key)
    }

    private static func readQueue(_ bytes: ArraySlice<UInt8>) -> ClientQueue? {
        var fields = WireFieldReader(bytes)
        var jid = WireJID()
        while let (number, value) = fields.next() {
            switch (number, value) {
            case (2, .bytes(let text)):
                guard let name = String(validating: text, as: UTF8.self) else { return nil }
                jid.name = name
            case (3, .bytes(let text)):
                guard let domain = String(validating: text, as: UTF8.self) else { return nil }
                jid.domain = domain
            default: return nil
            }
        }
        return fields.hasFailed ? nil : ClientQueue(jid)
    }
}

/// Who a client says it is. Source: facts/easemob-client.md 2.2.
package struct ClientProvision: Hashable, Sendable {
    /// `org#app`.
    package var appKey: String
    /// As the client writes it: compare without regard to case.
    package var user: String
    /// Without the `$t$` before it.
    package var token: String
    /// The client's name for itself. Empty: the server gives it one.
    package var resource: String
    package var platform: String
    package var deviceName: String
    /// Shown to the device that makes room for this one.
    package var reason: String?

    init(_ envelope: WireMSync, _ provision: WireProvision) {
        self.appKey = envelope.guid.appKey
        self.user = envelope.guid.name
        let candidates = [envelope.auth, provision.auth, Self.token(in: Array(provision.authToken))]
        self.token = candidates.lazy.map(Self.bare).first { !$0.isEmpty } ?? ""
        self.resource = provision.resource.isEmpty ? envelope.guid.clientResource : provision.resource
        self.deviceName = provision.deviceName
        self.platform = Self.platform(provision.osType)
        self.reason = provision.hasReason ? provision.reason : nil
    }

    private static func bare(_ token: String) -> String {
        token.hasPrefix("$t$") ? String(token.dropFirst(3)) : token
    }

    private static func token(in json: [UInt8]) -> String {
        (try? JSON(parsing: json))?["token"]?.string ?? ""
    }

    private static func platform(_ type: Int32) -> String {
        switch type {
        case 0: "iOS"
        case 1: "Android"
        case 2: "Linux"
        case 3: "macOS"
        case 4: "Windows"
        case 6: "HarmonyOS"
        default: "Web"
        }
    }
}
