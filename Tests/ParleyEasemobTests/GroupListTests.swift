import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// The App's groups, as this API lists them.
struct GroupListTests {
    private func list(_ calls: Calls, _ query: String) async throws -> (ids: [String], cursor: String?) {
        let json = try #require(await calls.call(.GET, "/chatgroups\(query)").json)
        return (json["data"]?.array?.compactMap { $0["groupid"]?.string } ?? [], json["cursor"]?.string)
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func roomsAreNotAmongThemHoweverManyThereAre(_ limit: Int) async throws {
        let calls = try await Calls.make(rates: false)
        var groups = ["demo-group"]
        for number in 0..<260 {
            let isGroup = number.isMultiple(of: 50)
            let id = isGroup ? "g\(number)" : "chatroom:r\(number)"
            let group = Group(
                id: GroupID(id), type: isGroup ? .public : .chatRoom, name: id, owner: nil,
                createdAt: calls.bench.clock.now())
            try await calls.bench.core.createGroup(
                CreateGroup(app: calls.bench.app.id, group: group, members: []))
            if isGroup { groups.insert(id, at: 0) }
        }
        var found: [String] = []
        var cursor: String?
        repeat {
            let page = try await self.list(calls, "?limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? ""))
            #expect(page.ids.count <= limit && !page.ids.isEmpty)
            found += page.ids
            cursor = page.cursor
        } while cursor != nil
        #expect(found == groups)
    }

    @Test func aPageOfMembersGoesOnBehindOneWhoHasLeft() async throws {
        let calls = try await Calls.make(rates: false)
        let now = calls.bench.clock.now()
        let group = Group(id: GroupID("g"), type: .public, name: "g", owner: UserID("carol"), createdAt: now)
        let members = ["eve", "dave", "bob", "alice"].map { Member(user: UserID($0), joinedAt: now) }
        try await calls.bench.core.createGroup(CreateGroup(app: calls.bench.app.id, group: group, members: members))
        func page(_ query: String) async throws -> (names: [String], cursor: String?) {
            let json = try #require(await calls.call(.GET, "/chatgroups/g/users?version=v3&limit=2\(query)").json)
            return (json["data"]?.array?.compactMap(\.string) ?? [], json["cursor"]?.string)
        }
        let first = try await page("")
        #expect(first.names == ["carol", "alice"])
        #expect(await calls.call(.DELETE, "/chatgroups/g/users/alice").status == .ok)
        let rest = try await page("&cursor=\(try #require(first.cursor))")
        #expect(rest.names == ["bob", "dave"])
        #expect(try await page("&cursor=\(try #require(rest.cursor))").names == ["eve"])
        #expect(await calls.call(.GET, "/chatgroups/g/users?version=v3&cursor=YQ").status == .badRequest)
    }
}
