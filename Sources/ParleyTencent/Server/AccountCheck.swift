import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 查询账号: which of up to a hundred accounts have been imported.
struct AccountCheck: Command {
    static let description = EndpointDescription(
        "POST", "/v4/im_open_login_svc/account_check", "Ask which accounts exist", page: Page.accounts)
    static let callsPerSecond = 100

    var users: [UserID]

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.users = try fields.accountItems("CheckItem")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> [(user: UserID, isImported: Bool)] {
        var result: [(UserID, Bool)] = []
        for user in self.users {
            result.append((user, try await context.core.directory.user(user, in: caller.app.id) != nil))
        }
        return result
    }

    func encode(_ checked: [(user: UserID, isImported: Bool)]) -> Envelope {
        .ok {
            $0.objects("ResultItem", checked) { json, item in
                json.field("UserID", item.user.rawValue)
                json.field("ResultCode", 0)
                json.field("ResultInfo", "")
                json.field("AccountStatus", item.isImported ? "Imported" : "NotImported")
            }
        }
    }
}

extension Fields {
    /// A list of `{"UserID":…}`, at least one.
    func accountItems(_ name: String) throws(Malformed) -> [UserID] {
        var users: [UserID] = []
        for item in try self.objects(name, limit: Limits.accountsInBatch) {
            users.append(try item.account("UserID", "Identifier"))
        }
        guard !users.isEmpty else { throw Malformed(self.name(name), .missing) }
        return users
    }
}
