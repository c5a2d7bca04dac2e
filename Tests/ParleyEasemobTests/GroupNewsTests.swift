import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// What connected clients are told of what users and the App do to groups.
struct GroupNewsTests {
    private func news(_ calls: Calls) -> [(kind: GroupHappening.Kind, by: UserID?)] {
        calls.bench.signals.groupNews.compactMap { announcement in
            if case .group(let happening) = announcement.event { (happening.kind, happening.by) } else { nil }
        }
    }

    /// Those of one call.
    private func news(
        _ calls: Calls, _ method: HTTPMethod, _ path: String, by user: String? = "alice", _ body: String = ""
    ) async -> [(kind: GroupHappening.Kind, by: UserID?)] {
        let before = self.news(calls).count
        let headers = user.map { [("Authorization", "Bearer <user:\($0)>")] } ?? []
        let answer = await calls.call(method, path, headers: headers, body)
        #expect(answer.status == .ok, "\(method) \(path): \(answer.text)")
        return Array(self.news(calls).dropFirst(before))
    }

    @Test func whoDidItIsSaid() async throws {
        let calls = try await Calls.make(rates: false)
        let group = "/chatgroups/demo-group"
        let users = [UserID("bob")]
        let until = calls.bench.clock.now().adding(milliseconds: 5)
        let cases: [(HTTPMethod, String, String, GroupHappening.Kind)] = [
            (.POST, "/admin", #"{"newadmin":"bob"}"#, .administrators(users, added: true)),
            (.DELETE, "/admin/bob", "", .administrators(users, added: false)),
            (.POST, "/mute", #"{"usernames":["bob"],"mute_duration":5}"#, .muted(users, until: until)),
            (.DELETE, "/mute/bob", "", .unmuted(users)),
            (.POST, "/white/users", #"{"usernames":["bob"]}"#, .speakers(users, added: true)),
            (.DELETE, "/white/users/bob", "", .speakers(users, added: false)),
            (.POST, "/blocks/users/bob", "", .keptOut(users, until: .distantFuture)),
            (.DELETE, "/blocks/users/bob", "", .keptOut(users, until: nil)),
        ]
        for (method, path, body, kind) in cases {
            let told = await self.news(calls, method, group + path, body)
            #expect(told.first?.kind == kind && told.allSatisfy { $0.by == UserID("alice") }, "\(path): \(told)")
        }
        let byApp = await self.news(
            calls, .POST, "\(group)/mute", by: nil, #"{"usernames":["carol"],"mute_duration":-1}"#)
        #expect(byApp.count == 1 && byApp[0].by == nil)
    }

    @Test func attributesOfMembersAreShownWithoutThePrefix() async throws {
        let calls = try await Calls.make()
        let told = await self.news(
            calls, .PUT, "/sdk/metadata/chatgroup/demo-group/user/bob", by: "bob", #"{"metaData":{"a":"1"}}"#)
        guard case .memberAttributes(let user, let texts)? = told.first?.kind else {
            Issue.record("\(told)")
            return
        }
        #expect(user == UserID("bob") && MemberAttributes.shown(texts).map { "\($0.key)=\($0.value)" } == ["a=1"])
    }

    @Test func aNewGroupsOtherMembersAreAskedWhereAUserMadeIt() async throws {
        let calls = try await Calls.make()
        let body = #"{"groupname":"x","public":true,"members":["bob"],"owner":"alice"}"#
        let byUser = await self.news(calls, .POST, "/chatgroups", body)
        #expect(
            byUser.map(\.kind) == [
                .created([UserID("alice")], administrators: []), .invited([UserID("bob")], reason: ""),
            ])
        let byApp = await self.news(calls, .POST, "/chatgroups", by: nil, body)
        #expect(byApp.map(\.kind) == [.created([UserID("alice"), UserID("bob")], administrators: [])])
    }

    @Test func whoHasReadIsForTheSenderPageByPage() async throws {
        let calls = try await Calls.make(rates: false)
        let entry = try await calls.send(
            #"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"hi"},"need_group_ack":true}"#)
        for reader in ["carol", "bob"] {
            calls.bench.clock.advance(seconds: 1)
            _ = try await calls.bench.core.acknowledge(
                [entry.id], of: .group(Bench.demoGroup), by: UserID(reader), in: calls.bench.app.id)
        }
        let path = "/chatgroups/demo-group/acks/\(entry.id.easemob)"
        func acks(_ query: String, by user: String = "alice") async -> WireResponse {
            await calls.call(.GET, path + query, headers: [("Authorization", "Bearer <user:\(user)>")])
        }
        let first = try #require(await acks("?limit=1&key=undefined").json?["data"])
        #expect(first["userlist"]?.array?.compactMap(\.string) == ["carol"])
        #expect(first["total"]?.int == 2 && first["is_last"]?.bool == false)
        let key = try #require(first["next_key"]?.string)
        let second = try #require(await acks("?limit=1&key=\(key)").json?["data"])
        #expect(second["userlist"]?.array?.compactMap(\.string) == ["bob"])
        #expect(second["is_last"]?.bool == true && second["next_key"]?.string == "")
        #expect(second["ackmid"]?.string == entry.id.easemob)
        #expect(await acks("", by: "bob").status == .unauthorized)
        #expect(await acks("", by: "nobody").status == .unauthorized)
        let none = await calls.call(.GET, "/chatgroups/demo-group/acks/1")
        #expect(none.status == .notFound)
        let plain = try await calls.send(#"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"hi"}}"#)
        #expect(await calls.call(.GET, "/chatgroups/demo-group/acks/\(plain.id.easemob)").status == .forbidden)
    }
}

extension Bench {
    fileprivate static let demoGroup = GroupID("demo-group")
}
