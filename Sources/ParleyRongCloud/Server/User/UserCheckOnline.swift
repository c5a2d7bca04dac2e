import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Whether a user has a connection now. Nobody knows an unknown user to be online.
struct UserCheckOnline: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/checkOnline.json", "Ask whether a user is online",
        page: VendorPage.list)

    let userId: UserID

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUser("userId")
    }

    func perform(_ call: Call) async throws -> Bool {
        await call.core.presence.isOnline(self.userId, in: call.app.id)
    }

    /// A text, here and nowhere else in the API.
    static func encode(_ outcome: Bool, to json: inout JSONWriter) {
        json.field("status", outcome ? "1" : "0")
    }
}
