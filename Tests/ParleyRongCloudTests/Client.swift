import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyRongCloud
import ParleyTesting

/// A client of the demo app behind its frames: what it publishes, and what it would be told.
struct Client {
    let bench: Bench
    let user: UserID

    static func make(_ user: String = "alice") async throws -> Client {
        Client(bench: try await Bench.make(), user: UserID(user))
    }

    func other(_ user: String) -> Client { Client(bench: self.bench, user: UserID(user)) }

    func caller(rates: Bool = false) async throws -> ClientCaller {
        // With whatever settings a test has saved.
        let app = try await self.bench.core.directory.app(self.bench.app.id) ?? self.bench.app
        return ClientCaller(
            core: self.bench.core, app: app, user: self.user, device: DeviceID("web"),
            rates: RateLimiter(clock: self.bench.clock, isOn: rates))
    }

    @discardableResult
    func publish(
        _ topic: String, to target: String, _ objectName: String = "RC:TxtMsg",
        _ content: String = #"{"content":"hi"}"#, flags: Int32 = 3,
        _ change: (inout WireUpStreamMessage) -> Void = { _ in }
    ) async throws -> ClientReceipt? {
        var message = WireUpStreamMessage()
        message.sessionID = flags
        message.classname = objectName
        message.contentBytes = Array(content.utf8)
        change(&message)
        return try await ClientPublishing.take(
            topic: topic, target: target, payload: message.wireBytes, from: try await self.caller())
    }

    /// The status of a PUBLISH that is refused; 0: it is not.
    func status(
        _ topic: String, to target: String, _ objectName: String = "RC:TxtMsg",
        _ content: String = #"{"content":"hi"}"#, flags: Int32 = 3
    ) async throws -> UInt16 {
        do {
            try await self.publish(topic, to: target, objectName, content, flags: flags)
            return 0
        } catch let refusal as ClientRefusal { return refusal.status }
    }

    var entries: [Entry] { self.bench.signals.entries }
    var messages: [Message] { self.entries.compactMap(\.message) }
    var announcements: [Announcement] { self.bench.signals.announcements }

    func place(in conversation: Conversation) async throws -> Place {
        try await self.bench.core.places.place(
            of: self.user, in: ConversationID(app: self.bench.app.id, conversation))
    }

    /// What the user is told of an entry.
    func told(_ entry: Entry?) -> WireDownStreamMessage? {
        entry.flatMap { ClientSpelling.downStream($0, for: self.user, dataTime: $0.sentAt.milliseconds) }
    }
}

extension WireDownStreamMessage {
    var text: String { String(decoding: self.contentBytes, as: UTF8.self) }
    var json: JSON? { try? JSON(parsing: self.contentBytes) }
}
