package import NIOHTTP1
package import ParleyCore
package import ParleyDialectKit
import ParleyJSON

/// The answers to what client SDKs ask over HTTP (facts/rongcloud-client.md, 1, 8, 9). Pages of every origin may read them.
package enum ClientAnswer {
    private static let everyOrigin: HTTPHeaders = ["Access-Control-Allow-Origin": "*"]

    /// What the SDKs send is simple enough for browsers not to ask first; what an App puts around them may not be.
    package static let preflight = {
        var headers = Self.everyOrigin
        headers.add(name: "Access-Control-Allow-Methods", value: "GET, POST, OPTIONS")
        headers.add(name: "Access-Control-Allow-Headers", value: "Content-Type, X-Requested-With")
        headers.add(name: "Access-Control-Max-Age", value: "86400")
        return WireResponse(headers: headers, contentType: "text/plain", body: [])
    }()

    package static let pong = Self.text("pong")

    package static func refused(_ status: HTTPResponseStatus) -> WireResponse {
        WireResponse(
            status: status, headers: self.everyOrigin, body: JSONWriter.object { $0.field("code", Int(status.code)) })
    }

    /// Where a client is to connect: to the host that it asked.
    ///
    /// - Parameters:
    ///   - origin: `http://host:port`, as the client reached the server.
    ///   - query: of the request.
    package static func navigation(of user: UserID, at origin: String, for query: Form) -> WireResponse {
        let json = JSONWriter.object { json in
            json.field("code", 200)
            json.field("userId", user.rawValue)
            json.field("server", self.address(of: origin))
            json.field("backupServer", "")
            json.field("voipCallInfo", "")
            for name in ["openMp", "openUS", "openAnti", "logSwitch", "monitor"] { json.field(name, 0) }
            for name in ["kvStorage", "grpRRVer", "historyMsg", "chatroomMsg"] { json.field(name, 1) }
            json.field("joinMChrm", true)
            json.field("logPolicy", "")
        }
        return self.script(json, for: query)
    }

    /// - Parameter query: of the request.
    package static func unread(_ isAny: Bool, for query: Form) -> WireResponse {
        self.script(JSONWriter.object { $0.field("status", isAny ? 1 : 0) }, for: query)
    }

    /// `host:port`, without a scheme: the SDKs take that of the address that they asked.
    private static func address(of origin: String) -> String {
        let isEncrypted = origin.hasPrefix("https://")
        let host = origin.dropFirst(isEncrypted ? 8 : 7).prefix { $0 != "/" }
        // An IPv6 address is in brackets.
        let hasPort = host.last != "]" && host.contains(":")
        return hasPort ? String(host) : "\(host):\(isEncrypted ? 443 : 80)"
    }

    /// For a script's `callBack`, or bare where there is none.
    private static func script(_ json: [UInt8], for query: Form) -> WireResponse {
        guard let callback = query["callBack"] ?? query["callback"], self.isName(callback) else {
            return WireResponse(headers: self.everyOrigin, body: json)
        }
        return WireResponse(
            headers: self.everyOrigin, contentType: "application/javascript; charset=utf-8",
            body: Array("\(callback)(".utf8) + json + Array(");".utf8))
    }

    /// What a page may be told to call: no more than a name.
    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == 0x5F || $0 == 0x24 || $0 == 0x2E
            }
    }

    private static func text(_ text: String) -> WireResponse {
        WireResponse(headers: self.everyOrigin, contentType: "text/plain", body: Array(text.utf8))
    }
}

// MARK: - Without a WebSocket

extension ClientAnswer {
    /// What there is to know of a session that is gone: the SDKs then connect anew.
    package static let lost = Self.text("lost params")

    /// What was posted is on its way.
    package static let taken = Self.frames(Array("[]".utf8))

    /// To who connects.
    package static func connected(_ welcome: ServerFrame) -> WireResponse {
        var json = JSONWriter(capacity: 256)
        welcome.write(into: &json)
        return self.frames(json.bytes)
    }

    /// - Parameter json: an array of frames.
    package static func frames(_ json: [UInt8]) -> WireResponse {
        WireResponse(headers: self.everyOrigin, body: json)
    }
}
