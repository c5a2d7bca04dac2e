import Foundation
import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyServer
import ParleyTesting
import Testing

/// What ends the connections of RongCloud's client SDKs, and whom they reach, for each generation of them.
@Suite(.timeLimit(minutes: 2))
struct RongConnectionTests {
    @Test(arguments: RongClient.Generation.allCases)
    func ofOnePlatformTheNewestStays(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            _ = try await live.server.core.directory.changeApp(live.app.id) { $0.settings.devices = .onePerPlatform }
            let phone = try await RongClient.connect(live, "alice", generation, query: "&platform=iPhone")
            let older = try await RongClient.connect(live, "alice", generation)
            let newer = try await RongClient.connect(live, "alice", generation)
            await older.until { $0.hasEnded }
            #expect(await older.disconnectStatus == 1)
            for client in [phone, newer] {
                await client.ping()
                #expect(await !client.hasEnded)
            }
            #expect(await newer.say("hello", to: "bob")?.status == 0)
        }
    }

    /// As if the network had gone: whoever comes back is told then what is wrong.
    @Test(arguments: RongClient.Generation.allCases)
    func aTokenThatIsTakenBackEndsTheConnection(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let token = try live.token("rongcloud", "alice")
            let alice = try await RongClient.connect(live, "alice", generation, token: token)
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            let backend = try await live.backend()
            let answer = try await backend.rongCloud("/user/token/expire.json", "userId=alice&time=\(now)")
            #expect(answer["code"]?.int == 200)
            await alice.until { $0.hasEnded }
            #expect(await alice.disconnectStatus == nil)
            let again = try await RongClient.connect(live, "alice", generation, token: token)
            #expect(await again.welcome == .connAckRefused(status: 4))
            let anew = try await RongClient.connect(live, "alice", generation)
            #expect(await anew.isAccepted)
        }
    }

    @Test(arguments: RongClient.Generation.allCases)
    func whenATokensTimeIsOverSoIsTheConnection(_ generation: RongClient.Generation) async throws {
        let clock = ManualClock()
        try await withServer(clock: clock) { live in
            let token = try live.token("rongcloud", "alice")
            let alice = try await RongClient.connect(live, "alice", generation, token: token)
            clock.advance(seconds: 3599)
            await alice.ping()
            #expect(await !alice.hasEnded)
            clock.advance(seconds: 2)
            await alice.until { $0.hasEnded }
            #expect(await alice.disconnectStatus == nil)
            let again = try await RongClient.connect(live, "alice", generation, token: token)
            #expect(await again.welcome == .connAckRefused(status: 4))
        }
    }

    @Test func everyGenerationTalksToEveryOther() async throws {
        try await withServer { live in
            try await live.server.core.importUser(UserID("erin"), in: live.app.id)
            _ = try await live.server.core.addMembers(
                AddMembers(app: live.app.id, group: GroupID("demo-group"), users: [UserID("erin")]))
            var clients: [RongClient] = []
            for (user, generation) in zip(["alice", "bob", "carol", "dave", "erin"], RongClient.Generation.allCases) {
                clients.append(try await RongClient.connect(live, user, generation))
            }
            for sender in clients {
                for other in clients where other.user != sender.user {
                    #expect(await sender.say("\(sender.user) to \(other.user)", to: other.user)?.status == 0)
                }
            }
            for client in clients {
                let expected = clients.filter { $0.user != client.user }.map { "\($0.user) to \(client.user)" }
                #expect(await client.texts(4) == expected)
            }
            for sender in clients {
                let said = try #require(await sender.say("\(sender.user) to all", to: "demo-group", inGroup: true))
                for other in clients where other.user != sender.user {
                    await other.until { $0.received.contains { $0.message.msgID == said.uid } }
                }
            }
        }
    }

    /// A client's numbers come to those that the server began with: what it is sent is not taken for an answer.
    @Test(arguments: RongClient.Generation.allCases)
    func whatIsHandedOverIsNumberedBesideTheClientsOwn(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", generation, pulls: false)
            await alice.count(from: 0x8FF0)
            try await alice.startUp()
            let bob = try await RongClient.connect(live, "bob", generation)
            for number in 1...20 {
                #expect(await bob.say("\(number)", to: "alice")?.status == 0)
                #expect(await alice.say("\(number)", to: "bob")?.status == 0)
            }
            #expect(await alice.texts(20) == (1...20).map(String.init))
            #expect(await bob.texts(20) == (1...20).map(String.init))
        }
    }
}
