import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Whom a user does not want to hear from. The users need not be known, as everywhere in this API.
// Source: facts/rongcloud-server.md 3.2.

struct UserBlacklistAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/blacklist/add.json", "Block users for a user",
        page: VendorPage.list)

    let userId: UserID
    let blackUserId: [UserID]

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUser("userId")
        self.blackUserId = try parameters.requiredUsers("blackUserId", atMost: 20)
    }

    func perform(_ call: Call) async throws {
        try await call.core.block(self.blackUserId, by: self.userId, in: call.app.id)
    }
}

struct UserBlacklistRemove: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/blacklist/remove.json", "Unblock users for a user",
        page: VendorPage.list)

    let userId: UserID
    let blackUserId: [UserID]

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUser("userId")
        self.blackUserId = try parameters.requiredUsers("blackUserId", atMost: 20)
    }

    func perform(_ call: Call) async throws {
        try await call.core.unblock(self.blackUserId, by: self.userId, in: call.app.id)
    }
}

/// Newest first, a thousand a page unless told otherwise.
///
/// Page: https://docs.rongcloud.io/platform-chat-api/user/blacklist/query-blacklist, which names the answer's token
/// `next`.
struct UserBlacklistQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/blacklist/query.json", "List whom a user has blocked",
        page: "https://docs.rongcloud.io/platform-chat-api/user/blacklist/query-blacklist")

    let userId: UserID
    let start: PageToken?
    let size: Int

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUser("userId")
        self.start = try parameters.optional("pageToken").map { (text) throws(Malformed) in try PageToken(text) }
        self.size = Int(try parameters.integer("size", in: 1...1000) ?? 1000)
    }

    func perform(_ call: Call) async throws -> (users: [UserID], next: PageToken?) {
        let all = try await call.core.directory.blocked(by: self.userId, in: call.app.id)
        let first = self.start?.position(in: all) ?? 0
        let page = Array(all.dropFirst(first).prefix(self.size))
        let end = first + page.count
        guard let last = page.last, end < all.count else { return (page, nil) }
        return (page, PageToken(position: end, last: last))
    }

    static func encode(_ outcome: (users: [UserID], next: PageToken?), to json: inout JSONWriter) {
        json.field("users", outcome.users.map(\.rawValue))
        if let next = outcome.next { json.field("next", next.text) }
    }
}

/// Where the next page begins: after the user who ended the last one, or, if that one is gone meanwhile, at the same
/// distance from the start.
struct PageToken: Hashable, Sendable {
    var position: Int
    var last: UserID

    init(position: Int, last: UserID) {
        self.position = position
        self.last = last
    }

    init(_ text: String) throws(Malformed) {
        guard let bytes = Base64.url.decoded(text.utf8), let plain = String(validating: bytes, as: UTF8.self) else {
            throw Malformed("pageToken", .invalid)
        }
        let parts = plain.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let position = Int(parts[0]), position >= 0 else {
            throw Malformed("pageToken", .invalid)
        }
        self.init(position: position, last: UserID(String(parts[1])))
    }

    var text: String { Base64.url.encoded("\(self.position)/\(self.last)".utf8) }

    func position(in users: [UserID]) -> Int {
        users.firstIndex(of: self.last).map { $0 + 1 } ?? min(self.position, users.count)
    }
}
