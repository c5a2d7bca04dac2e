import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What is known of a user.
struct UserInfo: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/info.json", "Get a user's name, portrait and time of registration",
        page: "https://docs.rongcloud.io/platform-chat-api/user/get")

    let userId: UserID

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUser("userId")
    }

    func perform(_ call: Call) async throws -> User {
        guard let user = try await call.core.directory.user(self.userId, in: call.app.id) else {
            throw Rejection.userNotFound(self.userId)
        }
        return user
    }

    static func encode(_ outcome: User, to json: inout JSONWriter) {
        json.field("userName", outcome.name ?? "")
        json.field("userPortrait", outcome.portrait ?? "")
        json.field("createTime", outcome.createdAt.inBeijing)
    }
}
