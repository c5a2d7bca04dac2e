import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 删除账号: forgets up to a hundred accounts. Their groups go on without an owner.
struct AccountDelete: Command {
    static let description = EndpointDescription(
        "POST", "/v4/im_open_login_svc/account_delete", "Delete accounts", page: Page.accounts)
    static let callsPerSecond = 100

    var users: [UserID]

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.users = try fields.accountItems("DeleteItem")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> [(user: UserID, isDeleted: Bool)] {
        var result: [(UserID, Bool)] = []
        for user in self.users {
            do {
                try await context.core.deleteUser(user, in: caller.app.id, endingOwnedGroups: false)
                result.append((user, true))
            } catch Rejection.userNotFound {
                result.append((user, false))
            }
        }
        return result
    }

    func encode(_ deleted: [(user: UserID, isDeleted: Bool)]) -> Envelope {
        .ok {
            $0.objects("ResultItem", deleted) { json, item in
                json.field("ResultCode", item.isDeleted ? 0 : Errors.accountNotFound.code)
                json.field("ResultInfo", item.isDeleted ? "" : Errors.accountNotFound.info)
                json.field("UserID", item.user.rawValue)
            }
        }
    }
}
