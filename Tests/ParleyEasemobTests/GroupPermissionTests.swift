import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// What users may do in groups and chat rooms by what they are there. The App may do everything.
struct GroupPermissionTests {
    enum Place: String, CaseIterable, Sendable {
        case group
        case room

        var id: String { self == .group ? "4711" : "4503599627370497" }
        var path: String { self == .group ? "/chatgroups/4711" : "/chatrooms/4503599627370497" }
    }

    enum Rank: String, CaseIterable, Comparable, Sendable {
        case stranger = "dave"
        case member = "carol"
        case administrator = "bob"
        case owner = "alice"

        static func < (one: Rank, other: Rank) -> Bool {
            Self.allCases.firstIndex(of: one)! < Self.allCases.firstIndex(of: other)!
        }
    }

    struct Action: Sendable, CustomTestStringConvertible {
        let method: HTTPMethod
        let path: String
        var body = ""
        let least: Rank
        var places = Place.allCases
        var testDescription: String { "\(self.method) \(self.path)" }
    }

    /// In the places of the actions there are, beside those of the ranks, two members: eve and frank.
    static let actions: [Action] = [
        Action(method: .GET, path: "/users", least: .member),
        Action(method: .POST, path: "/users", body: #"{"usernames":["grace"]}"#, least: .administrator),
        Action(method: .POST, path: "/users/grace", least: .administrator),
        Action(method: .DELETE, path: "/users/eve", least: .administrator),
        Action(method: .DELETE, path: "/users/eve,frank", least: .administrator),
        Action(method: .GET, path: "/admin", least: .member),
        Action(method: .POST, path: "/admin", body: #"{"newadmin":"eve"}"#, least: .owner),
        Action(method: .DELETE, path: "/admin/bob", least: .owner),
        Action(method: .GET, path: "/mute", least: .administrator),
        Action(method: .GET, path: "/mute/eve", least: .administrator),
        Action(method: .POST, path: "/mute", body: #"{"usernames":["eve"],"mute_duration":1}"#, least: .administrator),
        Action(method: .DELETE, path: "/mute/eve", least: .administrator),
        Action(method: .POST, path: "/ban", least: .administrator),
        Action(method: .DELETE, path: "/ban", least: .administrator),
        Action(method: .GET, path: "/blocks/users", least: .administrator),
        Action(method: .POST, path: "/blocks/users/eve", least: .administrator),
        Action(method: .POST, path: "/blocks/users", body: #"{"usernames":["eve"]}"#, least: .administrator),
        Action(method: .DELETE, path: "/blocks/users/eve", least: .administrator),
        Action(method: .GET, path: "/white/users", least: .administrator),
        Action(method: .GET, path: "/white/users/eve", least: .administrator),
        Action(method: .POST, path: "/white/users/eve", least: .administrator),
        Action(method: .POST, path: "/white/users", body: #"{"usernames":["eve"]}"#, least: .administrator),
        Action(method: .DELETE, path: "/white/users/eve", least: .administrator),
        Action(method: .GET, path: "/announcement", least: .member),
        Action(method: .POST, path: "/announcement", body: #"{"announcement":"x"}"#, least: .administrator),
        Action(method: .GET, path: "/share_files", least: .member),
        Action(method: .PUT, path: "", body: #"{"description":"x"}"#, least: .administrator),
        Action(method: .PUT, path: "", body: #"{"newowner":"eve"}"#, least: .owner),
        Action(method: .DELETE, path: "", least: .owner),
        Action(
            method: .POST, path: "/invite", body: #"{"usernames":["grace"]}"#, least: .administrator, places: [.group]),
    ]

    private func scene(_ place: Place) async throws -> Calls {
        let calls = try await Calls.make(rates: false)
        let now = calls.bench.clock.now()
        for user in ["eve", "frank", "grace"] {
            try await calls.bench.core.importUser(UserID(user), in: calls.bench.app.id)
        }
        let type: GroupType = place == .group ? .public : .chatRoom
        let group = Group(id: GroupID(easemob: place.id), type: type, name: "", owner: UserID("alice"), createdAt: now)
        let members = ["bob", "carol", "eve", "frank"].map { Member(user: UserID($0), joinedAt: now) }
        try await calls.bench.core.createGroup(CreateGroup(app: calls.bench.app.id, group: group, members: members))
        try await calls.bench.core.changeMember(UserID("bob"), of: group.id, in: calls.bench.app.id) { member, _ in
            member.role = .administrator
        }
        return calls
    }

    private func answer(_ calls: Calls, _ action: Action, in place: Place, by user: String?) async -> WireResponse {
        var headers = [("Content-Type", "application/json")]
        if let user { headers.append(("Authorization", "Bearer <user:\(user)>")) }
        return await calls.call(action.method, place.path + action.path, headers: headers, action.body)
    }

    @Test(arguments: Self.actions, Place.allCases)
    func eachMayDoWhatHisRankAllows(_ action: Action, in place: Place) async throws {
        guard action.places.contains(place) else { return }
        for rank in Rank.allCases {
            let answer = await self.answer(try await self.scene(place), action, in: place, by: rank.rawValue)
            let expected: HTTPResponseStatus =
                switch rank {
                case _ where rank >= action.least: .ok
                case .stranger: place == .group ? .forbidden : .badRequest
                default: .unauthorized
                }
            #expect(answer.status == expected, "\(rank): \(answer.text)")
            if expected == .unauthorized {
                #expect(answer.json?["error_description"]?.string == "Unable to authenticate (OAuth)")
            }
        }
        let app = await self.answer(try await self.scene(place), action, in: place, by: nil)
        #expect(app.status == .ok, "\(app.text)")
    }

    @Test(arguments: Place.allCases)
    func administratorsHaveNoPowerOverTheirEquals(_ place: Place) async throws {
        let actions = [
            Action(method: .DELETE, path: "/users/eve", least: .owner),
            Action(method: .DELETE, path: "/users/eve,frank", least: .owner),
            Action(method: .POST, path: "/mute", body: #"{"usernames":["eve"],"mute_duration":1}"#, least: .owner),
            Action(method: .DELETE, path: "/mute/eve", least: .owner),
            Action(method: .POST, path: "/blocks/users/eve", least: .owner),
            Action(method: .POST, path: "/blocks/users", body: #"{"usernames":["frank","eve"]}"#, least: .owner),
        ]
        for action in actions {
            for (user, status) in [("bob", HTTPResponseStatus.unauthorized), ("alice", .ok)] {
                let calls = try await self.scene(place)
                try await calls.bench.core.changeMember(
                    UserID("eve"), of: GroupID(easemob: place.id), in: calls.bench.app.id
                ) { member, _ in member.role = .administrator }
                let answer = await self.answer(calls, action, in: place, by: user)
                #expect(answer.status == status, "\(action) by \(user): \(answer.text)")
            }
        }
    }

    @Test func membersInviteWhereTheGroupLetsThem() async throws {
        let calls = try await self.scene(.group)
        let invite = Action(method: .POST, path: "/invite", body: #"{"usernames":["grace"]}"#, least: .member)
        #expect(await self.answer(calls, invite, in: .group, by: "carol").status == .unauthorized)
        try await calls.bench.core.changeGroup(GroupID("4711"), in: calls.bench.app.id) { $0.membersMayInvite = true }
        #expect(await self.answer(calls, invite, in: .group, by: "carol").status == .ok)
        #expect(await self.answer(calls, invite, in: .group, by: "dave").status == .forbidden)
    }

    @Test func membersShareFilesAndTakeTheirOwnBack() async throws {
        let calls = try await self.scene(.room)
        let form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n"
        let path = Place.room.path + "/share_files"
        func share(_ user: String) async -> WireResponse {
            let type = ("Content-Type", "multipart/form-data; boundary=b")
            return await calls.call(.POST, path, headers: [type, ("Authorization", "Bearer <user:\(user)>")], form)
        }
        func shared(_ user: String) async -> String { await share(user).json?["data"]?["file_id"]?.string ?? "none" }
        func delete(_ id: String, _ user: String) async -> HTTPResponseStatus {
            await calls.call(.DELETE, "\(path)/\(id)", headers: [("Authorization", "Bearer <user:\(user)>")]).status
        }
        #expect(await share("dave").status == .badRequest)
        let ids = [await shared("carol"), await shared("carol")]
        #expect(await delete(ids[0], "eve") == .unauthorized)
        #expect(await delete(ids[0], "carol") == .ok)
        #expect(await delete(ids[1], "bob") == .ok)
        #expect(await delete(ids[1], "bob") == .notFound)
    }
}
