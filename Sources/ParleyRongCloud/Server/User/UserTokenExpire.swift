import ParleyCore
import ParleyDialectKit

/// Voids the tokens of up to twenty users that were issued before a moment, and closes the connections that they
/// opened.
///
/// Source: facts/rongcloud-server.md 3.1. Who is not known has no tokens, so there is nothing to refuse.
struct UserTokenExpire: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/token/expire.json", "Void users' tokens",
        page: VendorPage.list)

    let userId: [UserID]
    let time: Timestamp

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: 20)
        self.time = Timestamp(milliseconds: try parameters.requiredInteger("time", in: 0...(1 << 50)))
    }

    func perform(_ call: Call) async throws {
        for user in self.userId {
            do {
                try await call.core.expireTokens(of: user, in: call.app.id, issuedBefore: self.time)
            } catch Rejection.userNotFound {}
        }
    }
}
