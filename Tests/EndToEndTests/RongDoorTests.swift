import NIOCore
import ParleyJSON
import ParleyServer
import Testing

/// Where RongCloud's client SDKs are let in, and where the same paths are another vendor's.
@Suite(.timeLimit(minutes: 2))
struct RongDoorTests {
    /// A port, and the host by which it is called.
    private struct Address {
        var port: Int
        var host = "127.0.0.1"

        func get(_ target: String) async throws -> (status: String, body: String) {
            let text = try await self.open(target, "Connection: close\r\n").received()
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(text.dropFirst(9).prefix(3)), parts.count > 1 ? String(parts[1]) : "")
        }

        /// Whether a WebSocket is opened on which RongCloud's CONNACK is the first that is said. Others wait for the client to speak, and hear it leave.
        func greets(_ target: String) async throws -> Bool {
            let raw = try await self.open(
                target,
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n", ClientFrame.close(1000).bytes)
            var bytes = ByteBuffer()
            for await chunk in raw.chunks {
                bytes.writeBytes(chunk)
                guard let end = bytes.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
                guard bytes.readableBytesView.starts(with: "HTTP/1.1 101".utf8) else { return false }
                var rest = bytes
                rest.moveReaderIndex(to: end.upperBound)
                if let frame = ServerFrame(from: &rest) { return frame.opcode == 2 && frame.payload.first == 0x20 }
            }
            return false
        }

        private func open(_ target: String, _ headers: String, _ rest: [UInt8] = []) async throws -> RawConnection {
            let raw = try await RawConnection.connect(port: self.port)
            await raw.send(Array("GET \(target) HTTP/1.1\r\nHost: \(self.host)\r\n\(headers)\r\n".utf8) + rest)
            return raw
        }
    }

    private static func query(_ live: LiveServer) throws -> String {
        "appId=parley-demo&token=\(try live.token("rongcloud", "alice"))&sdkVer=5.2.1"
    }

    private func expectLetIn(_ live: LiveServer, at address: Address) async throws {
        let query = try Self.query(live)
        #expect(try await address.get("/ping?r=1").body == "pong")
        #expect(try await address.greets("/websocket?\(query)"))
        let comet = try await address.get("/websocket?\(query)").body
        #expect(try JSON(parsing: comet)["status"]?.int == 0)
        #expect(try await address.get("/pullmsg.js?sessionid=x").body == "lost params")
        #expect(try await address.get("/navi.js?\(query)").status == "200")
    }

    private func expectNotLetIn(_ live: LiveServer, at address: Address) async throws {
        let query = try Self.query(live)
        for path in ["/navi.js", "/cometnavi.js", "/ping", "/websocket", "/pullmsg.js", "/message/exist.js"] {
            let answer = try await address.get("\(path)?\(query)")
            // Tencent's refusals are 200 as well.
            #expect(answer.status != "200" || answer.body.contains(#""ActionStatus":"FAIL""#), "\(path)")
        }
        #expect(try await address.greets("/websocket?\(query)") == false)
        #expect(try await address.get("/health/live").status == "200")
    }

    @Test func aPortOfAnotherVendorsDoesNotKnowThem() async throws {
        let (easemob, tencent) = (try await LiveServer.freePort(), try await LiveServer.freePort())
        let rongCloud = try await LiveServer.freePort()
        let settings = [
            "http.ports.easemob": "\(easemob)", "http.ports.tencent": "\(tencent)",
            "http.ports.rongcloud": "\(rongCloud)",
        ]
        try await withServer(settings) { live in
            for port in [easemob, tencent] { try await self.expectNotLetIn(live, at: Address(port: port)) }
            for port in [rongCloud, live.server.port] { try await self.expectLetIn(live, at: Address(port: port)) }
        }
    }

    @Test func aHostOfAnotherVendorsDoesNotKnowThem() async throws {
        let settings = ["http.hosts.easemob": "easemob.test", "http.hosts.rongcloud": "rongcloud.test"]
        try await withServer(settings) { live in
            for host in ["easemob.test", "Easemob.test:8080"] {
                try await self.expectNotLetIn(live, at: Address(port: live.server.port, host: host))
            }
            for host in ["rongcloud.test", "another.test"] {
                try await self.expectLetIn(live, at: Address(port: live.server.port, host: host))
            }
        }
    }

    /// Easemob's clients come to `/websocket` as well, and say nothing in the address.
    @Test func aSocketThatDoesNotSayWhoConnectsIsTheirsOnlyWhereNobodyElseComes() async throws {
        try await withServer(["http.hosts.rongcloud": "rongcloud.test"]) { (live) async throws in
            let shared = Address(port: live.server.port)
            let own = Address(port: live.server.port, host: "rongcloud.test")
            for target in ["/websocket", "/websocket?", "/websocket?v=1&access_token=x"] {
                #expect(try await shared.greets(target) == false, "\(target)")
                #expect(try await own.greets(target), "\(target)")
            }
            for target in ["/websocket?token=x", "/websocket?sdkVer=5.2.1&appId=parley-demo"] {
                #expect(try await shared.greets(target), "\(target)")
            }
        }
    }
}
