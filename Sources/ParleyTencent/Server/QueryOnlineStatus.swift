import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 查询账号在线状态: who of up to 500 accounts is online, and on what.
struct QueryOnlineStatus: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/query_online_status", "Ask which accounts are online", page: Page.accounts,
        .partial("no PushOnline: who is not connected is Offline"))
    static let olderPaths = ["/v4/openim/querystate"]

    var users: [UserID]
    var wantsDetail: Bool

    enum Status: Sendable {
        case known([Connection])
        case unknown
    }

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.users = try fields.requiredAccounts("To_Account", limit: Limits.accountsInQuery)
        self.wantsDetail = try fields.flag("IsNeedDetail")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> [(user: UserID, status: Status)] {
        var result: [(UserID, Status)] = []
        for user in self.users {
            if try await context.core.directory.user(user, in: caller.app.id) != nil {
                result.append((user, .known(await context.core.presence.connections(of: user, in: caller.app.id))))
            } else {
                result.append((user, .unknown))
            }
        }
        guard result.contains(where: { $0.1.connections != nil }) else { throw Refusal.noAccountExists }
        return result
    }

    func encode(_ result: [(user: UserID, status: Status)]) -> Envelope {
        let known = result.compactMap { item in item.status.connections.map { (item.user, $0) } }
        let unknown = result.filter { $0.status.connections == nil }
        return .ok {
            $0.objects("QueryResult", known) { json, item in
                let (user, connections) = item
                json.field("To_Account", user.rawValue)
                json.field("Status", connections.isEmpty ? "Offline" : "Online")
                guard self.wantsDetail, !connections.isEmpty else { return }
                json.objects("Detail", connections) { json, connection in
                    json.field("Platform", connection.platform)
                    json.field("Status", "Online")
                }
            }
            guard !unknown.isEmpty else { return }
            $0.objects("ErrorList", unknown) { json, item in
                json.field("To_Account", item.user.rawValue)
                json.field("ErrorCode", Errors.accountNotFound.code)
            }
        }
    }
}

extension QueryOnlineStatus.Status {
    var connections: [Connection]? {
        switch self {
        case .known(let connections): connections
        case .unknown: nil
        }
    }
}
