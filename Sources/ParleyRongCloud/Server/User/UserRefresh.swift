import ParleyCore
import ParleyDialectKit

/// Changes a user's name and portrait.
///
/// Source: facts/rongcloud-server.md 3.1. An unknown user is refused: `userId… is not exist.`, the id glued on.
struct UserRefresh: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/refresh.json", "Change a user's name and portrait",
        page: "https://docs.rongcloud.cn/platform-chat-api/user/modify")

    let userId: UserID
    let profile: UserProfile

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUser("userId")
        self.profile = try UserProfile(parameters)
    }

    func perform(_ call: Call) async throws {
        let profile = self.profile
        try await call.core.changeUser(self.userId, in: call.app.id) { profile.apply(to: &$0) }
    }
}
