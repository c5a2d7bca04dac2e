import NIOHTTP1
import ParleyCore
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
}
