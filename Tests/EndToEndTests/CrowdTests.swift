import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyTesting
import Testing

/// A server that was away, and everyone comes back.
@Suite(.timeLimit(minutes: 3), .serialized)
struct CrowdTests {
    /// Each side needs a descriptor for each connection.
    static let descriptors: Int = {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }()

    /// Of each of a thousand users. A debug build gets through one thousand connections in the time that an optimised one takes for ten thousand.
    static let devices: Int = {
        var isDebug = false
        assert(
            {
                isDebug = true
                return true
            }())
        return isDebug && ProcessInfo.processInfo.environment["PARLEY_TEST_WHOLE_CROWD"] == nil ? 1 : 10
    }()

    @Test(.enabled(if: descriptors >= 12_000, "needs 12,000 file descriptors: ulimit -n"))
    func thousandsAtOnceAreAllServedAndAllLeave() async throws {
        let (users, devices) = (1000, Self.devices)
        let folder = try TemporaryFolder()
        let server = try await ParleyProcess.demo(
            folder: folder.url, environment: ["PARLEY_LIMITS_RATES": "off"])
        let backend = try await server.backend()
        try await self.populate(backend, users)
        let targets = (0..<users).flatMap { user in
            let token = demoToken("u\(user)")
            return (0..<devices).map { "/v1/connect?token=\(token)&device=d\($0)" }
        }
        let before = server.residentBytes

        let swarm = Swarm()
        let began = ContinuousClock.now
        swarm.connect(port: server.port, targets: targets)
        await swarm.ready.reach(targets.count)
        let connected = ContinuousClock.now - began
        #expect(swarm.refused.count == 0)
        #expect(try await self.connections(server) == targets.count)
        let idle = server.residentBytes - before
        #expect(
            idle < targets.count * 40 << 10 || isSanitized,
            "\(idle / targets.count) bytes for each of those who are connected")

        let body =
            #"{"GroupId":"crowd","From_Account":"u0","Random":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}]}"#
        #expect(try await backend.tencent("group_open_http_svc/send_group_msg", body)["ErrorCode"]?.int == 0)
        await swarm.messages.reach(targets.count)
        #expect(swarm.messages.count == targets.count)
        #expect(swarm.ended.count == 0)

        swarm.drop()
        await swarm.ended.reach(targets.count)
        while try await self.connections(server) > 0 {}
        let all = ContinuousClock.now - began
        #expect(all < .seconds(60) || isSanitized, "connected after \(connected), all gone after \(all)")
        try await swarm.end()
        #expect(try await backend.say("still-here", through: "tencent"))
        #expect(await server.terminate() == 0)
    }

    private func populate(_ backend: Backend, _ count: Int) async throws {
        for start in stride(from: 0, to: count, by: 100) {
            let accounts = (start..<start + 100).map { #""u\#($0)""# }.joined(separator: ",")
            let answer = try await backend.tencent(
                "im_open_login_svc/multiaccount_import", #"{"Accounts":[\#(accounts)]}"#)
            #expect(answer["ErrorCode"]?.int == 0)
        }
        let members = (0..<count).map { "userId=u\($0)" }.joined(separator: "&")
        let answer = try await backend.rongCloud("/group/create.json", members + "&groupId=crowd&groupName=crowd")
        #expect(answer["code"]?.int == 200)
    }

    private func connections(_ server: ParleyProcess) async throws -> Int {
        let client = try await HTTPClient.connect(host: "127.0.0.1", port: server.port, group: .singleton)
        let text = try await client.send(.GET, "/metrics").text
        await client.close()
        let line = text.split(separator: "\n").first { $0.hasPrefix("parley_connections ") }
        return try #require(line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) })
    }
}
