import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 查询单聊未读消息计数: how many direct messages a user has not read, in all or from each of up to ten others.
struct GetC2CUnreadMsgNum: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/get_c2c_unread_msg_num", "Count unread direct messages", page: Page.messages,
        .partial("\(Unread.limit) means that many or more"))

    var user: UserID
    var peers: [UserID]

    enum Outcome: Sendable {
        case all(Int)
        case each([(peer: UserID, count: Int)], unknown: [UserID])
    }

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.account("To_Account")
        self.peers = try fields.accounts("Peer_Account", limit: Limits.peersInQuery)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> Outcome {
        let (core, app) = (context.core, caller.app.id)
        guard try await core.directory.user(self.user, in: app) != nil else {
            throw Rejection.userNotFound(self.user)
        }
        guard !self.peers.isEmpty else {
            return .all(try await core.places.unreadDirectMessages(of: self.user, in: app))
        }
        var each: [(peer: UserID, count: Int)] = []
        var unknown: [UserID] = []
        for peer in self.peers {
            if try await core.directory.user(peer, in: app) == nil {
                unknown.append(peer)
            } else {
                let summary = try await core.places.summary(of: .direct(self.user, peer), for: self.user, in: app)
                each.append((peer, summary?.unread.count ?? 0))
            }
        }
        return .each(each, unknown: unknown)
    }

    func encode(_ outcome: Outcome) -> Envelope {
        .ok {
            switch outcome {
            case .all(let count): $0.field("AllC2CUnreadMsgNum", count)
            case .each(let each, let unknown):
                $0.objects("C2CUnreadMsgNumList", each) { json, item in
                    json.field("Peer_Account", item.peer.rawValue)
                    json.field("C2CUnreadMsgNum", item.count)
                }
                guard !unknown.isEmpty else { return }
                $0.objects("ErrorList", unknown) { json, peer in
                    json.field("Peer_Account", peer.rawValue)
                    json.field("ErrorCode", Errors.accountNotFound.code)
                }
            }
        }
    }
}
