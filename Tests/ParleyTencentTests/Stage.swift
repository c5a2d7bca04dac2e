import Foundation
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting

@testable import ParleyTencent

/// A bench with the people and groups of the vendor's page, and an administrator who calls.
struct Stage: Sendable {
    let bench: Bench
    let tencent: Tencent

    static let page = GroupID("@TGS#2C5SZEAEF")
    static let people = ["leckie", "brennanli", "brennanli2", "brennanli3", "tommy"].map { UserID($0) }
    /// In the order of their creation; owned by leckie, with the others as members.
    static let groups: [(GroupID, GroupType)] = [
        (page, .public), (GroupID("@TGS#12DEVUDHQ"), .work), (GroupID("work"), .work), (GroupID("public"), .public),
        (GroupID("meeting"), .meeting), (GroupID("live"), .avChatRoom), (GroupID("@TGS#_community"), .community),
    ]

    static func make(limits: CoreLimits = CoreLimits(), rates: Bool = false) async throws -> Stage {
        let bench = try await Bench.make(limits: limits)
        let core = bench.core
        for person in self.people { try await core.importUser(person, in: bench.app.id) }
        for (id, type) in self.groups {
            let group = Group(
                id: id, type: type, name: id.rawValue, owner: self.people[0], createdAt: bench.clock.now())
            let members = self.people.dropFirst().map {
                Member(user: $0, joinedAt: bench.clock.now(), delivery: type.rules.defaultDelivery)
            }
            try await core.createGroup(ParleyCore.CreateGroup(app: bench.app.id, group: group, members: members))
        }
        bench.signals.setOnline(UserID("alice"))
        return Stage(bench: bench, tencent: bench.dialect(Tencent.self, rates: rates))
    }

    /// The query of an administrator's call.
    func query(identifier: String = "administrator", lifetimeSeconds: Int64 = 86400) throws -> String {
        let signature = try self.tencent.token(
            for: UserID(identifier), in: self.bench.app, lifetimeSeconds: lifetimeSeconds)
        return "sdkappid=1400000000&identifier=\(identifier)&usersig=\(signature)&random=99999999&contenttype=json"
    }

    func request(_ command: String, _ body: [UInt8], query: String? = nil) throws -> WireRequest {
        WireRequest(
            method: .POST, target: "/v4/\(command)?\(try query ?? self.query())", headers: [:], body: body,
            receivedAt: self.bench.clock.now())
    }

    @discardableResult
    func call(_ command: String, _ body: String) async throws -> JSON {
        try JSON(parsing: await self.tencent.answer(try self.request(command, Array(body.utf8))).body)
    }

    /// `send_group_msg` of a text in the page's group, with further fields.
    @discardableResult
    func send(_ fields: String = "", random: Int = 1, to group: GroupID = page) async throws -> JSON {
        try await self.call(
            "group_open_http_svc/send_group_msg",
            #"{"GroupId":"\#(group)","Random":\#(random),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}]\#(fields)}"#
        )
    }

    /// Messages that the log was told of, not counting notices.
    var messages: [Message] { self.bench.signals.entries.compactMap(\.message) }
}

extension JSON {
    var errorCode: Int64? { self["ErrorCode"]?.int }
}
