import ParleyCore
import ParleyDialectKit

/// 失效账号登录态: voids the signatures made for an account so far, and closes its connections. Signatures made afterwards work.
struct Kick: Command {
    static let description = EndpointDescription(
        "POST", "/v4/im_open_login_svc/kick", "Void an account's logins", page: Page.accounts)

    var user: UserID

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.account("UserID", "Identifier")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        try await context.core.expireTokens(
            of: self.user, in: caller.app.id, issuedBefore: context.now, because: .kicked)
    }
}
