import ParleyCore
import ParleyDialectKit

/// 导入单个账号: makes an account known, or changes the one that is there.
struct AccountImport: Command {
    static let description = EndpointDescription(
        "POST", "/v4/im_open_login_svc/account_import", "Import an account", page: Page.accounts)

    var user: UserID
    var nick: String?
    var faceURL: String?

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.newAccount("UserID", "Identifier")
        self.nick = try fields.optionalString("Nick", limitBytes: Limits.profileBytes)
        self.faceURL = try fields.optionalString("FaceUrl", limitBytes: Limits.profileBytes)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        try await context.core.importUser(self.user, in: caller.app.id) { user in
            if let nick = self.nick { user.name = nick }
            if let faceURL = self.faceURL { user.portrait = faceURL }
        }
    }
}

extension Fields {
    /// An id for an account that may be new: at most 32 bytes.
    func newAccount(_ name: String, _ olderName: String) throws(Malformed) -> UserID {
        let user = try self.account(name, olderName)
        guard user.rawValue.utf8.count <= Limits.accountBytes else {
            throw Malformed(self.name(name), .tooLong(limit: Limits.accountBytes))
        }
        return user
    }
}
