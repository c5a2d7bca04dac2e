import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A token for a user, who is made if new. Tokens given out before stay valid.
///
/// Source: facts/rongcloud-server.md 3.1. The vendor's limit of 100 users in a development app (2007) is not ours.
struct UserGetToken: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/getToken.json", "Register a user and get a token",
        page: "https://docs.rongcloud.cn/platform-chat-api/user/register")
    static let rate = RateLimiter.Limit(Self.rateName, 200)

    let userId: UserID
    let profile: UserProfile

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUser("userId")
        self.profile = try UserProfile(parameters)
    }

    func perform(_ call: Call) async throws -> (user: UserID, token: String) {
        let profile = self.profile
        try await call.core.importUser(self.userId, in: call.app.id) { profile.apply(to: &$0) }
        return (self.userId, try call.dialect.token(for: self.userId, in: call.app))
    }

    static func encode(_ outcome: (user: UserID, token: String), to json: inout JSONWriter) {
        json.field("userId", outcome.user.rawValue)
        json.field("token", outcome.token)
    }
}

/// `name` and `portraitUri`. What is not given stays as it is.
struct UserProfile: Hashable, Sendable {
    var name: String?
    var portraitUri: String?

    init(_ parameters: Parameters) throws(Malformed) {
        self.name = try parameters.optional("name")
        // The pages have said 128 bytes and 64 characters over the years; whatever either allowed is allowed.
        if let name = self.name, name.utf8.count > 128 { try Length.characters(64).check(name, of: "name") }
        self.portraitUri = try parameters.optional("portraitUri", .bytes(1024))
    }

    func apply(to user: inout User) {
        if let name = self.name { user.name = name }
        if let portrait = self.portraitUri { user.portrait = portrait }
    }
}
