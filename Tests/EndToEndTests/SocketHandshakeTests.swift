import Foundation
import ParleyClient
import ParleyJSON
import ParleyServer
import Testing

/// Who may open a socket from where, and what is agreed upon.
@Suite(.timeLimit(minutes: 2))
struct SocketHandshakeTests {
    private static func handshake(_ live: LiveServer, _ headers: String, token: String? = nil) async throws -> String {
        let raw = try await RawConnection.connect(port: live.server.port)
        let credential = token ?? demoToken("alice")
        await raw.send(
            "GET /v1/connect?token=\(credential) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\(headers)\r\n")
        let answer = await raw.received { $0.contains("\r\n\r\n") }
        await raw.close()
        return answer.components(separatedBy: "\r\n\r\n")[0]
    }

    /// A page cannot make a browser add the token: it is in no cookie. So any page that has one may connect, unless the operator names those who may.
    @Test func aPageWithoutATokenGetsNowhere() async throws {
        try await withServer { live in
            let refused = try await Self.handshake(
                live, "Origin: https://evil.example\r\nCookie: token=\(demoToken("alice"))\r\n", token: "")
            #expect(refused.hasPrefix("HTTP/1.1 401"))
            let answer = try await Self.handshake(live, "Origin: https://app.example\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 101"))
            #expect(!answer.lowercased().contains("set-cookie"))
        }
    }

    @Test func onlyThePagesThatWereNamedMayConnect() async throws {
        try await withServer(["sockets.origins": "https://app.example, https://other.example:8443"]) { live in
            for (origin, status) in [
                ("Origin: https://app.example\r\n", 101), ("Origin: HTTPS://App.Example\r\n", 101),
                ("Origin: https://other.example:8443\r\n", 101), ("", 101), ("Origin: https://evil.example\r\n", 403),
                ("Origin: http://app.example\r\n", 403), ("Origin: https://app.example.evil.example\r\n", 403),
                ("Origin: https://other.example\r\n", 403), ("Origin: null\r\n", 403),
            ] {
                let answer = try await Self.handshake(live, origin)
                #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(origin)")
            }
        }
    }

    /// So there is nothing to inflate: a frame that says it is compressed breaks the protocol (HostileFrameTests).
    @Test func compressionIsNotAgreedUpon() async throws {
        try await withServer { live in
            let answer = try await Self.handshake(
                live,
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nSec-WebSocket-Protocol: chat\r\n"
            )
            #expect(answer.hasPrefix("HTTP/1.1 101"))
            #expect(!answer.lowercased().contains("sec-websocket-extensions"))
            #expect(!answer.lowercased().contains("sec-websocket-protocol"))
        }
    }
}
