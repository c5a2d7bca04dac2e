import ParleyCore
import ParleyDialectKit
import ParleyJSON

// A member who wants to hear nothing of a group: what is said there is not delivered to him, and is there when he looks. Source: facts/easemob-client.md 5
// (BLOCK, UNBLOCK), 6; facts/easemob-server.md 4.2 (SHIELD).

struct ShieldGroup: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "POST", "\(Kind.path)/shield", "Hear nothing of a group", page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.user

    let right = Right.member

    init(_ call: Call) {}

    /// The owner and administrators hear what is said, at the vendor too.
    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        guard group.rank(of: call.actor) == .member else { throw Rejection.notPermitted }
        try await call.setDelivery(.discard, in: group)
    }

    func encode(_: Void, _ call: Call) -> Answer { .done("block", of: call.actor, Kind.self, call) }
}

struct UnshieldGroup: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "DELETE", "\(Kind.path)/shield", "Hear again what is said in a group", page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.user

    let right = Right.member

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws { try await call.setDelivery(.notify, in: group) }

    func encode(_: Void, _ call: Call) -> Answer { .done("unblock", of: call.actor, Kind.self, call) }
}

extension Call {
    fileprivate func setDelivery(_ delivery: Member.Delivery, in group: GroupSnapshot) async throws {
        try await self.core.changeMember(self.actor, of: group.group.id, in: self.app.id, by: self.actor) { member, _ in
            // Who has only turned the bell off keeps it off.
            if delivery == .discard || member.delivery == .discard { member.delivery = delivery }
        }
    }
}
