import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Who may not log in, for a time. The tokens stay as they are: they work again when the block has ended.
// Source: facts/rongcloud-server.md 3.2.

/// Closes users' connections at once, and refuses them new ones.
struct UserBlock: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/block.json", "Block users from logging in",
        page: VendorPage.list)

    let userId: [UserID]
    let minute: Int64

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: UserUnblock.maximumUsers)
        self.minute = try parameters.requiredInteger("minute", in: 1...43200)
    }

    func perform(_ call: Call) async throws {
        let until = call.now.adding(seconds: self.minute * 60)
        for user in self.userId { try await call.core.block(user, in: call.app.id, until: until) }
    }
}

/// Who is not blocked, or not known, may log in already. A user whom another dialect has blocked for good is let in too.
struct UserUnblock: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/unblock.json", "Let blocked users log in again",
        page: VendorPage.list)

    /// As in the vendor's other lists of users; this one's own limit is not known.
    static let maximumUsers = 20

    let userId: [UserID]

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: Self.maximumUsers)
    }

    func perform(_ call: Call) async throws {
        for user in self.userId {
            do {
                try await call.core.unblock(user, in: call.app.id)
            } catch Rejection.userNotFound {}
        }
    }
}

/// Users who may not log in now, in the order of their registration; all of them where `page` and `size` are absent.
struct UserBlockQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/block/query.json", "List users who are blocked from logging in",
        page: VendorPage.list)

    /// Pages are counted from 1.
    let page: Int?
    let size: Int

    init(_ parameters: Parameters) throws(Malformed) {
        let page = try parameters.integer("page", in: 1...Int64(Int32.max))
        let size = try parameters.integer("size", in: 1...1000)
        self.page = page.map { Int($0) } ?? (size == nil ? nil : 1)
        self.size = Int(size ?? 50)
    }

    struct Block: Hashable, Sendable {
        var user: UserID
        var until: Timestamp
    }

    func perform(_ call: Call) async throws -> [Block] {
        let now = call.now
        var blocks: [Block] = []
        var last: UserID?
        repeat {
            let users = try await call.core.directory.users(in: call.app.id, after: last, limit: 1000)
            blocks += users.filter { !$0.mayLogIn(at: now) }.map { user in
                Block(user: user.id, until: user.isActive ? user.blockedUntil ?? .distantFuture : .distantFuture)
            }
            last = users.last?.id
        } while last != nil
        guard let page = self.page else { return blocks }
        return Array(blocks.dropFirst((page - 1) * self.size).prefix(self.size))
    }

    static func encode(_ outcome: [Block], to json: inout JSONWriter) {
        json.field("users") { json in
            json.array(outcome) { json, block in
                json.object {
                    $0.field("userId", block.user.rawValue)
                    $0.field("blockEndTime", block.until.inBeijing)
                }
            }
        }
    }
}
