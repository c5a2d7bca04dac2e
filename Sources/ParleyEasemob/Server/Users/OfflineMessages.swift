import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What no device of a user has got yet. Source: facts/easemob-server.md 3.1.

struct CountUndelivered: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/offline_msg_count", "Count what a user has not got yet",
        page: "获取离线消息数 (account_system)")
    static let area = Area.users

    /// Counting ends here; the vendor keeps 500 for a user.
    static let maximum = 10_000

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> Int {
        let user = try await call.existingUser(call.user())
        var count = 0
        for position in try await call.positions(of: user.id) where position.cursor < position.lastSequence {
            count += try await call.undelivered(position, of: user.id, atMost: Self.maximum - count)
            if count >= Self.maximum { break }
        }
        return count
    }

    func encode(_ count: Int, _ call: Call) -> Answer {
        .data { json in json.object { $0.field(call.user().rawValue, count) } }
    }
}

struct GetDeliveryStatus: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/offline_msg_status/{msg_id}",
        "Whether a user has got a message", page: "获取指定离线消息的投递状态 (account_system)")
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> Bool {
        let user = try await call.existingUser(call.user())
        guard let id = MessageID(easemob: call.parameter("msg_id")),
            let entry = try await call.core.log.entry(id, in: call.app.id), let sequence = entry.sequence
        else { throw Rejection.messageNotFound }
        let position = try await call.positions(of: user.id).first {
            $0.conversation == entry.conversation.conversation
        }
        guard let position else { throw Rejection.messageNotFound }
        return sequence <= position.cursor
    }

    func encode(_ isDelivered: Bool, _ call: Call) -> Answer {
        .data { json in
            json.object { $0.field(call.parameter("msg_id"), isDelivered ? "delivered" : "undelivered") }
        }
    }
}

extension Call {
    /// How far the user's devices have got, in every conversation: where a device that is new would go on.
    fileprivate func positions(of user: UserID) async throws -> [Position] {
        let retention = self.app.settings.offlineRetentionSeconds
        return try await self.core.log.positions(
            of: user, device: .nobodys, in: self.app.id, retainedSince: self.now.adding(seconds: -retention))
    }

    fileprivate func undelivered(_ position: Position, of user: UserID, atMost limit: Int) async throws -> Int {
        let conversation = ConversationID(app: self.app.id, position.conversation)
        // Not live: who is offline does not get what is for those online.
        var viewer = Viewer(user: user, shownAfter: position.clearedThrough, connectedAt: self.now)
        viewer.hidden = position.hidden
        var count = 0
        var after = position.cursor
        while count < limit {
            let entries = try await self.core.log.entries(of: conversation, after: after, limit: 500)
            count += entries.count { entry in
                guard let message = entry.message, message.sender != user else { return false }
                return entry.isVisible(to: viewer, for: .delivery)
            }
            guard entries.count == 500, let last = entries.last?.sequence else { break }
            after = last
        }
        return min(count, limit)
    }
}
