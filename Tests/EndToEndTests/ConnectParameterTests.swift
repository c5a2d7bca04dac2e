import Foundation
import ParleyCore
import ParleyServer
import Testing

/// What `/v1/connect` is asked for, and what the App says about devices.
@Suite(.timeLimit(minutes: 2))
struct ConnectParameterTests {
    private func knock(_ live: LiveServer, _ query: String) async throws -> RawConnection {
        let token = try live.token("rongcloud", "alice").addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        let raw = try await RawConnection.connect(port: live.server.port)
        await raw.send(
            "GET /v1/connect?token=\(token)&\(query) HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
        return raw
    }

    @Test func aCatchUpLimitIsANumberWithinBounds() async throws {
        try await withServer { live in
            for wrong in ["-1", "10001", "many", "1.5"] {
                let raw = try await self.knock(live, "catchup=\(wrong)")
                let answer = await raw.received { $0.contains("}") }
                #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
                #expect(answer.contains(#"{"error":"catchup: not a number from 0 to 10000"}"#))
                await raw.close()
            }
            for right in ["0", "10000"] {
                let raw = try await self.knock(live, "catchup=\(right)")
                #expect(await raw.received { $0.contains("\"ready\"") }.hasPrefix("HTTP/1.1 101"))
                await raw.close()
            }
        }
    }

    @Test func anAppMayAllowOneDeviceOfEachPlatform() async throws {
        try await withServer { live in
            var app = live.app
            app.settings.devices = .onePerPlatform
            try await live.server.core.directory.save(app)
            let phone = try await self.knock(live, "device=phone&platform=iPhone")
            let one = try await self.knock(live, "device=one")
            for raw in [phone, one] { _ = await raw.received { $0.contains("\"ready\"") } }
            let two = try await self.knock(live, "device=two")
            #expect(await two.received { $0.contains("\"ready\"") }.hasPrefix("HTTP/1.1 101"))
            #expect(await one.received().contains("loggedInElsewhere"))
            let there = await live.server.core.presence.connections(of: UserID("alice"), in: app.id).map(
                \.device.rawValue)
            #expect(Set(there) == ["phone", "two"])
            for raw in [phone, two] { await raw.close() }
        }
    }
}
