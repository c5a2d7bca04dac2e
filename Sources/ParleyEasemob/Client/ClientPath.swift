import NIOHTTP1
package import ParleyDialectKit
import ParleyJSON

/// What this vendor's client SDKs ask for beside the REST API. Source: facts/easemob-client.md 1.
package enum ClientPath: Hashable, Sendable {
    /// Frames in WebSocket messages.
    case socket
    /// What SockJS asks first …
    case sockJSInfo
    /// … and where it goes then.
    case sockJS
    /// Where everything is.
    case discovery

    /// Nil: none of them.
    package init?(_ path: String) {
        switch path {
        case "/websocket": self = .socket
        case "/ws/info": self = .sockJSInfo
        case "/easemob/server.json": self = .discovery
        default:
            // Every request comes by here.
            guard path.utf8.starts(with: "/ws/".utf8) else { return nil }
            let segments = path.pathSegments
            guard segments.count == 4, segments[3] == "websocket" else { return nil }
            self = .sockJS
        }
    }
}

/// The answers to them.
package enum ClientAnswer {
    package static let preflight = CrossOrigin.preflight

    /// - Parameter entropy: a new one for each.
    package static func sockJSInfo(entropy: UInt32) -> WireResponse {
        self.answer { json in
            json.field("websocket", true)
            json.field("origins", ["*:*"])
            json.field("cookie_needed", false)
            json.field("entropy", entropy)
        }
    }

    /// Everything is where it was asked: the web builds from 4.11 and the mini-programs look for `msync-wx`, the SockJS builds for `msync-ws`.
    ///
    /// - Parameter origin: the scheme, host and port that the client asked.
    package static func discovery(at origin: String) -> WireResponse {
        let isEncrypted = origin.hasPrefix("https://")
        let authority = origin.dropFirst(isEncrypted ? 8 : 7).prefix { $0 != "/" }
        // An IPv6 address is in brackets.
        let colon = authority.last == "]" ? nil : authority.lastIndex(of: ":")
        let domain = colon.map { authority[..<$0] } ?? authority
        let port = colon.map { authority[authority.index(after: $0)...] } ?? (isEncrypted ? "443" : "80")
        return self.answer { json in
            for service in ["rest", "msync-wx", "msync-ws"] {
                json.field(service) { json in
                    json.object { json in
                        json.field("hosts") { json in
                            json.array {
                                $0.object { json in
                                    json.field("protocol", isEncrypted ? "https" : "http")
                                    json.field("domain", String(domain))
                                    json.field("port", String(port))
                                }
                            }
                        }
                    }
                }
            }
            json.field("enableReportLogs", "false")
            json.field("enableDataReport", "false")
            json.field("uploadinparts_enable", "false")
        }
    }

    private static func answer(_ members: (inout JSONWriter) -> Void) -> WireResponse {
        CrossOrigin.allow(WireResponse(contentType: "application/json;charset=UTF-8", body: JSONWriter.object(members)))
    }
}
