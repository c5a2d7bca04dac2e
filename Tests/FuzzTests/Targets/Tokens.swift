import CZlib
import Crypto
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyTesting

@testable import ParleyEasemob
@testable import ParleyRongCloud
@testable import ParleyServer
@testable import ParleyTencent

/// What proves who somebody is, as all dialects read it. So that the fuzzer gets past digests that it cannot guess, an input may be the inside of a token,
/// which is wrapped and signed here; its first byte says which.
extension FuzzTarget {
    static let tokens: [FuzzTarget] = [
        FuzzTarget("usersig", seeds: signatureSeeds(), run: userSig),
        FuzzTarget("tokens", seeds: tokenSeeds(), run: token),
        FuzzTarget("signature", seeds: headerSeeds(), run: signature),
    ]

    // MARK: Tencent

    private static func signatureSeeds() -> [[UInt8]] {
        let json =
            #"{"TLS.ver":"2.0","TLS.identifier":"alice","TLS.sdkappid":1400000000,"TLS.expire":86400,"#
            + #""TLS.time":1700000000,"TLS.userbuf":"AAEC","TLS.sig":"AAAA"}"#
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        return [
            [0] + Array(Demo.signature(of: "alice", now: now).utf8), [1] + deflated(Array(json.utf8)),
            [2] + Array(json.utf8), [2] + Array(json.replacing("86400", with: "9223372036854775807").utf8),
            [2] + Array(json.replacing("1700000000", with: "-9223372036854775808").utf8),
            [2] + Array(json.replacing("1700000000", with: "-9223372036854775808").replacing("86400", with: "-1").utf8),
        ]
    }

    private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var length = compressBound(uLong(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(length))
        compress2(&result, &length, bytes, uLong(bytes.count), 1)
        return Array(result.prefix(Int(length)))
    }

    /// In the vendor's alphabet.
    private static func wrapped(_ bytes: [UInt8]) -> String {
        Base64.standard.encoded(bytes).replacing("+", with: "*").replacing("/", with: "-").replacing("=", with: "_")
    }

    private static func userSig(_ bytes: [UInt8]) throws {
        guard let mode = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let text: String
        switch mode {
        case 1: text = self.wrapped(rest)
        case 2: text = self.wrapped(self.deflated(rest))
        default: text = String(decoding: rest, as: UTF8.self)
        }
        guard let signature = UserSig(decoding: text) else { return }
        try require(!signature.identifier.isEmpty, "nobody's signature")
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let isOver = signature.issuedAt < now && signature.lifetimeSeconds < 0
        try require(!isOver || signature.hasExpired(at: now), "good for less than no time, and not expired")
        try require(!signature.isSigned(with: "another key"), "signed with a key that nobody has")
        guard let again = UserSig(decoding: signature.text) else { throw Broken("cannot be read again") }
        try require(again == signature, "read again, it is another")
    }

    // MARK: Clients' tokens

    private static func tokenSeeds() -> [[UInt8]] {
        let texts = (try? Stand.shared().tokens) ?? []
        let whole = texts.map { [0] + Array($0.utf8) }
        let dynamic =
            #"{"signature":"00","appkey":"parley#demo","userId":"alice","curTime":1700000000,"ttl":3600}"#
        let insides = texts.compactMap { Base64.url.decoded($0.utf8) }
        let easemob = insides.filter { $0.starts(with: Array("ac-".utf8)) }.map { [2] + $0 }
        let rongcloud = insides.filter { $0.starts(with: [0x44, 0x2D, 0x7F]) }.map { [3] + $0.dropLast(32) }
        return whole + easemob + rongcloud + [[1] + Array(dynamic.utf8), [0] + Array("RC1_x@host".utf8)]
    }

    private static func tokenText(_ bytes: [UInt8]) -> String? {
        guard let mode = bytes.first else { return nil }
        let rest = Array(bytes.dropFirst())
        let key = SymmetricKey(data: Array(Demo.secret.utf8))
        switch mode {
        case 1: return Base64.url.encoded(Array("dt-".utf8) + rest)
        case 2:
            // The digest in the middle is made anew.
            guard rest.count >= 97 else { return nil }
            let signed = Array(rest[..<65]) + Array(rest[97...])
            let digest = HMAC<SHA256>.authenticationCode(for: signed, using: key)
            return Base64.url.encoded(Array(rest[..<65]) + Array(digest) + Array(rest[97...]))
        case 3: return Base64.url.encoded(rest + Array(HMAC<SHA256>.authenticationCode(for: rest, using: key)))
        default: return String(decoding: rest, as: UTF8.self)
        }
    }

    /// As `/v1/connect` and `/v1/files` ask whose it is, and as Easemob's server API does.
    private static func token(_ bytes: [UInt8]) throws {
        guard let text = self.tokenText(bytes) else { return }
        let stand = try Stand.shared()
        let site = stand.site
        let holder = try blocking { () -> TokenHolder? in
            do { return try await site.admittance.holder(of: text) } catch is TokenRefusal { return nil }
        }
        if let holder {
            try require(holder.app == Demo.appID, "another App's token")
            try require(holder.expiresAt > stand.bench.clock.now(), "an expired token")
        }
        if let token = Token(parsing: text) { _ = (token.expiresAt, token.signed(secret: "s")) }
        if let token = DynamicToken(parsing: text) { _ = token.expiresAt }
    }

    // MARK: RongCloud's headers

    private static func headerSeeds() -> [[UInt8]] {
        ["14314\n1585127132438\nfffff", "14314\n1700000000\n", "\n-1\n", "1\n9223372036854775807\n"]
            .map { Array($0.utf8) }
    }

    /// Nonce, timestamp and signature, a line each.
    private static func signature(_ bytes: [UInt8]) throws {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        guard lines.count == 3 else { return }
        let headers: HTTPHeaders = ["Nonce": lines[0], "RC-Timestamp": lines[1], "Signature": lines[2]]
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let request = WireRequest(method: .POST, target: "/", headers: headers, body: [], receivedAt: now)
        guard var signature = Signature(request) else { return }
        try require(!signature.isMade(with: "a secret that nobody has"), "signed with a secret that nobody has")
        signature.value = Signature.value(
            secret: "s", nonce: signature.nonce, timestamp: signature.timestamp)
        try require(signature.isMade(with: "s"), "the right signature is refused")
        for tolerance: Int64 in [0, 300, .max] { _ = signature.isTimely(at: now, toleranceSeconds: tolerance) }
    }
}
