import Foundation
import ParleyCore
import ParleyDialectKit
import ParleyOutbound
import Testing

/// A notice of a message from ann to ben, at noon, and how what is made of it is read.
enum NoticeSample {
    static let now = Timestamp(seconds: 1_700_000_000)
    static let message = MessageID(sentAt: Timestamp(milliseconds: 1_699_999_999_000), slot: 7)

    static func notice(
        token: String = "00fc13adff78", bundle: String? = nil, payload: [PushField] = [], badge: Int? = nil,
        _ change: (inout PushLook) -> Void = { _ in }
    ) -> PushNotice {
        var look = PushLook(title: "Ann", text: "Lunch?")
        change(&look)
        return PushNotice(
            app: AppID("demo"), message: Self.message, conversation: .direct(UserID("ann"), UserID("ben")),
            sender: UserID("ann"),
            device: PushDevice(
                user: UserID("ben"), device: "phone", provider: "mine", token: token, dialect: .parley, bundle: bundle,
                registeredAt: .distantPast), look: look, badge: badge, payload: payload)
    }

    static func field(_ name: String, _ json: String) -> PushField { PushField(name, Array(json.utf8)) }

    static func answer(_ status: Int, _ body: String = "", retryAfter: String? = nil) -> OutboundAnswer {
        OutboundAnswer(status: status, headers: retryAfter.map { ["retry-after": $0] } ?? [:], body: Array(body.utf8))
    }

    static func object(_ bytes: [UInt8]) throws -> NSDictionary {
        try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary)
    }

    static func object(_ text: String) throws -> NSDictionary { try Self.object(Array(text.utf8)) }
}

/// A JSON Web Token, taken apart: RFC 7515, section 7.1.
struct TokenParts {
    var header: NSDictionary
    var claims: NSDictionary
    var signed: Data
    var signature: Data

    init(_ token: String) throws {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        try #require(parts.count == 3)
        self.header = try NoticeSample.object(try #require(Base64.url.decoded(parts[0].utf8)))
        self.claims = try NoticeSample.object(try #require(Base64.url.decoded(parts[1].utf8)))
        self.signed = Data("\(parts[0]).\(parts[1])".utf8)
        self.signature = Data(try #require(Base64.url.decoded(parts[2].utf8)))
    }
}
