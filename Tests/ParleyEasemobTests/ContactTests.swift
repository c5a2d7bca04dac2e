import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// Of contacts, blocks, presence and tokens, what exchange files cannot say.
struct ContactTests {
    private static let alice = UserID("alice")
    private static let bob = UserID("bob")

    private static func token(_ user: String) -> [(String, String)] { [("Authorization", "Bearer <user:\(user)>")] }

    /// Of those who know of an event about contacts.
    private static func told(_ calls: Calls) -> [ContactChange.Kind] {
        calls.bench.signals.announcements.compactMap { announcement in
            if case .contact(let change) = announcement.event { change.kind } else { nil }
        }
    }

    // MARK: Contacts

    @Test func whatClientsDoIsToldToThoseWhoAreConnected() async throws {
        let calls = try await Calls.make()
        _ = await calls.call(
            .POST, "/users/alice/contacts/apply", headers: Self.token("alice"), #"{"usernames":["bob"],"reason":"hi"}"#)
        _ = await calls.call(.POST, "/users/bob/contacts/accept/users/alice", headers: Self.token("bob"))
        _ = await calls.call(.DELETE, "/users/alice/contacts/users/bob", headers: Self.token("alice"))
        _ = await calls.call(
            .POST, "/sdk/user/bob/blocks", headers: Self.token("bob"), #"{"usernames":["alice"]}"#)
        #expect(Self.told(calls) == [.invited(reason: "hi"), .agreed, .removed, .blocked])
    }

    @Test(arguments: ["", "?isSendNotice=false", "?isSendNotice=true"])
    func importedContactsAreToldOnlyWhereThatIsWanted(_ query: String) async throws {
        let calls = try await Calls.make()
        _ = await calls.call(.POST, "/users/alice/contacts/import\(query)", #"{"usernames":["bob"]}"#)
        #expect(Self.told(calls) == (query.hasSuffix("true") ? [.added] : []))
    }

    @Test func aFullListTakesNobody() async throws {
        let calls = try await Calls.make(rates: false)
        try await calls.bench.core.directory.write(in: AppID("demo")) { transaction in
            for number in 1...Contact.limit { try transaction.save(Contact(UserID("u\(number)")), of: Self.alice) }
        }
        for path in ["/users/alice/contacts/users/bob", "/users/bob/contacts/users/alice"] {
            let refused = await calls.call(.POST, path)
            #expect(refused.status == .forbidden && refused.json?["error"]?.string == "exceed_limit")
            #expect(refused.json?["error_description"]?.string == "user contact number exceed limit")
        }
        let imported = await calls.call(.POST, "/users/alice/contacts/import", #"{"usernames":["bob"]}"#)
        #expect(imported.status == .forbidden)
        #expect(imported.json?["error_description"]?.string == "Inviter's contact max count.")
        let other = await calls.call(.POST, "/users/bob/contacts/import", #"{"usernames":["alice","carol"]}"#)
        #expect(other.json?["data"]?["maxLimitFailed"]?.array?.map(\.string) == ["alice"])
        #expect(other.json?["data"]?["success"]?.array?.map(\.string) == ["carol"])
        let all = await calls.call(.GET, "/users/alice/contacts/users")
        #expect(all.json?["count"]?.int == 3000 && all.json?["data"]?.array?.first?.string == "u3000")
    }

    // MARK: Blocks

    @Test func fiveHundredMayBeBlocked() async throws {
        let calls = try await Calls.make(rates: false)
        try await calls.bench.core.block((1...499).map { UserID("u\($0)") }, by: Self.alice, in: AppID("demo"))
        let tooMany = await calls.call(.POST, "/users/alice/blocks/users", #"{"usernames":["bob","carol"]}"#)
        #expect(tooMany.status == .forbidden && tooMany.json?["error"]?.string == "exceed_limit")
        #expect(try await !calls.bench.core.directory.hasBlocked(Self.alice, Self.bob, in: AppID("demo")))
        #expect(await calls.call(.POST, "/users/alice/blocks/users", #"{"usernames":["bob"]}"#).status == .ok)
        let all = await calls.call(.GET, "/users/alice/blocks/users")
        #expect(all.json?["count"]?.int == 500 && all.json?["cursor"] == nil)
        let page = await calls.call(.GET, "/users/alice/blocks/users?pageSize=100")
        #expect(page.json?["count"]?.int == 50 && page.json?["cursor"] != nil)
    }

    @Test func whoIsBlockedHereIsBlockedForTheWholeApp() async throws {
        let calls = try await Calls.make()
        _ = await calls.call(.POST, "/users/alice/blocks/users", #"{"usernames":["BOB"]}"#)
        #expect(try await calls.bench.core.directory.hasBlocked(Self.alice, Self.bob, in: AppID("demo")))
    }

    // MARK: Presence

    @Test func devicesThatAreConnectedAreShownAsTheirUserSaysTheyAre() async throws {
        let calls = try await Calls.make()
        let signals = calls.bench.signals
        for device in ["webim_1", "android_2"] { signals.setOnline(Self.bob, device: DeviceID(device)) }
        _ = await calls.call(.POST, "/users/bob/presence/android_2/busy", #"{"ext":"on the phone"}"#)
        _ = await calls.call(.POST, "/users/bob/presence/ios_3/2", #"{"ext":"on the phone still"}"#)
        let shown = await calls.call(.POST, "/users/alice/presence", #"{"usernames":["bob"]}"#)
        let bob = try #require(shown.json?["result"]?.array?.first)
        #expect(bob["ext"]?.string == "on the phone still")
        #expect(bob["status"]?["webim_1"]?.string == "1")
        #expect(bob["status"]?["android_2"]?.string == "busy")
        #expect(bob["status"]?.members?.count == 2)
        #expect(bob["last_time"]?.string == "0" && bob["expiry"] == nil)
    }

    @Test func aSubscriptionSaysWhenItExpires() async throws {
        let calls = try await Calls.make()
        let answer = await calls.call(.POST, "/users/alice/presence/100", #"{"usernames":["bob"]}"#)
        let expiry = "\(calls.bench.clock.now().adding(seconds: 100).seconds)"
        #expect(answer.json?["result"]?.array?.first?["expiry"]?.string == expiry)
        #expect(answer.json?.members?.map(\.key) == ["result"])
    }

    @Test func membersWhoAreOnlineAreCounted() async throws {
        let calls = try await Calls.make()
        for user in [Self.alice, Self.bob, UserID("nobody")] { calls.bench.signals.setOnline(user) }
        let answer = await calls.call(.GET, "/presence/online/demo-group/type/1")
        #expect(answer.json?["result"]?.int == 2)
    }

    // MARK: Tokens and devices

    @Test func aTokenSaysWhenItExpires() async throws {
        let calls = try await Calls.make()
        func expiry(_ token: String) async -> Int64? {
            await calls.call(
                .GET, "/sdk/users/alice/token/expires", headers: [("Authorization", "Bearer \(token)")]
            ).json?["expire_timestamp"]?.int
        }
        let now = calls.bench.clock.now()
        let token = try calls.easemob.token(for: Self.alice, in: calls.bench.app, lifetimeSeconds: 60)
        #expect(await expiry(token) == now.adding(seconds: 60).milliseconds)
        // And from memory.
        #expect(await expiry(token) == now.adding(seconds: 60).milliseconds)
        let forever = try calls.easemob.token(for: Self.alice, in: calls.bench.app, lifetimeSeconds: 0)
        #expect(await expiry(forever) == now.adding(seconds: 2_147_483_647).milliseconds)
    }

    @Test func devicesAreListedWithWhatTheyRunOn() async throws {
        let calls = try await Calls.make()
        calls.bench.signals.setOnline(Self.alice, platform: "Android", device: DeviceID("android_2"))
        let data = await calls.call(.GET, "/users/alice/resources").json?["data"]?.array
        #expect(data?.count == 1 && data?.first?["res"]?.string == "android_2")
        #expect(data?.first?["device_name"]?.string == "Android")
    }
}
