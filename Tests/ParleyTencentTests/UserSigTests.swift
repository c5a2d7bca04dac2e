import Crypto
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import Testing

@testable import ParleyTencent

/// Vectors of facts/tencent-im.md 1.3, made with the vendor's public sample key.
private let key = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
private let issuedAt = Timestamp(seconds: 1_700_000_000)

private let xiaojun =
    "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkKjIT87NK82CSxSnZiQUFmSlAKUMTAyiAyqVWFGQWpYJkTE1NjRDiJZm5YFFzNPXFmekgG3zKHM1T9D3LzdODi-OKs8vCqpxcAvydnV2SSv2cy03cPcpDnA2SMgu0nUxslWoBHdYzUg__"
private let administrator =
    "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkElNyM-Myi0uKEkvyi2BKilOyEwsKMlOACgxNDKAAKpdaUZBZlAqUsTAzgQuWZOaChAzN0RQXZ6aDLKn0cUzVLjcPD00NLS1MCrPM0A*JMLcoNTLMD3HP1M60jCowLDUOKMiLNDOwVaoFAD4PNPI_"
private let userbuf: [UInt8] = [
    0x00, 0x00, 0x07, 0x78, 0x69, 0x61, 0x6f, 0x6a, 0x75, 0x6e, 0x53, 0x72, 0x4e, 0x00, 0x00, 0x00, 0x27, 0x10, 0x66,
    0x41, 0x3f, 0x00, 0x00, 0x00, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00,
]

@Suite struct UserSigTests {
    @Test func aSignatureOfTheVendorsGeneratorIsReadAndVerified() throws {
        let signature = try #require(UserSig(decoding: xiaojun))
        #expect(signature.identifier == "xiaojun")
        #expect(signature.sdkAppID == 1_400_000_000)
        #expect(signature.issuedAt == issuedAt)
        #expect(signature.lifetimeSeconds == 15_552_000)
        #expect(signature.userbuf == nil)
        #expect(signature.isSigned(with: key))
    }

    @Test func aSignatureWithSpecialCharactersIsReadAndVerified() throws {
        let signature = try #require(UserSig(decoding: administrator))
        #expect(signature.identifier == "administrator")
        #expect(signature.lifetimeSeconds == 86400)
        #expect(signature.isSigned(with: key))
    }

    @Test(
        arguments: [
            ("xiaojun", Int64(15_552_000), [UInt8]?.none, "LvA7d/Iw7gSsnskvVzBDPOCCDbuNCw4GHwTC0bip+B4="),
            ("administrator", 86400, nil, "yLAe+w7WUeUuqbV9h/TX78u21oTGi+i9Zp1u3PpnY60="),
            ("xiaojun", 15_552_000, userbuf, "y9Avb5xwHgIgoABbGakLaE0xs+v/dLcIPegbWfcbRLI="),
        ])
    func whatIsMadeHasTheMACThatTheVendorsGeneratorsGive(
        identifier: String, lifetime: Int64, userbuf: [UInt8]?, mac: String
    ) throws {
        let made = UserSig(
            identifier: identifier, sdkAppID: 1_400_000_000, issuedAt: issuedAt, lifetimeSeconds: lifetime,
            userbuf: userbuf, key: key)
        let json = try self.json(in: made.text)
        #expect(json["TLS.sig"]?.string == mac)
        #expect(json["TLS.ver"]?.string == "2.0")
        if userbuf != nil { #expect(json["TLS.userbuf"]?.string == "AAAHeGlhb2p1blNyTgAAACcQZkE/AAAAAP8AAAAA") }
        let read = try #require(UserSig(decoding: made.text))
        #expect(read == made)
        #expect(read.isSigned(with: key))
    }

    @Test func theTextIsSafeInAURL() {
        for number in 0..<50 {
            let made = UserSig(
                identifier: "user\(number)", sdkAppID: 1, issuedAt: issuedAt, lifetimeSeconds: 60, key: key)
            #expect(made.text.utf8.allSatisfy { !"+/=".utf8.contains($0) })
            #expect(UserSig(decoding: made.text) == made)
        }
    }

    @Test func anotherKeyDoesNotVerify() throws {
        let signature = try #require(UserSig(decoding: xiaojun))
        #expect(!signature.isSigned(with: key + "0"))
        #expect(!signature.isSigned(with: ""))
    }

    @Test func theKeyIsTextAndIsNotDecoded() throws {
        let signature = try #require(UserSig(decoding: xiaojun))
        #expect(!signature.isSigned(with: key.uppercased()))
    }

    /// Whatever is signed must not be changed, field by field.
    @Test(arguments: ["identifier", "sdkappid", "time", "expire", "userbuf"])
    func aChangedFieldDoesNotVerify(field: String) throws {
        var signature = UserSig(
            identifier: "xiaojun", sdkAppID: 1, issuedAt: issuedAt, lifetimeSeconds: 60, userbuf: userbuf, key: key)
        switch field {
        case "identifier": signature.identifier = "xiaojum"
        case "sdkappid": signature.sdkAppID += 1
        case "time": signature.issuedAtSeconds += 1
        case "expire": signature.lifetimeSeconds += 1
        default: signature.userbuf = nil
        }
        #expect(!signature.isSigned(with: key))
    }

    @Test func itIsGoodAtItsLastSecondAndNotAfter() throws {
        let signature = try #require(UserSig(decoding: administrator))
        #expect(!signature.hasExpired(at: issuedAt.adding(seconds: 86400)))
        #expect(!signature.hasExpired(at: issuedAt.adding(seconds: 86400).adding(milliseconds: 999)))
        #expect(signature.hasExpired(at: issuedAt.adding(seconds: 86401)))
    }

    @Test func lifetimesThatOverflowAreForEver() {
        let signature = UserSig(
            identifier: "a", sdkAppID: 1, issuedAt: issuedAt, lifetimeSeconds: .max, key: key)
        #expect(!signature.hasExpired(at: issuedAt.adding(seconds: 1 << 40)))
    }

    /// Go compresses at level 1 and ends the JSON with a line feed; PHP escapes `/`; Java has the keys in any order.
    @Test(arguments: [0, 1, 6, 9] as [Int32])
    func everyLevelOfCompressionReadsTheSame(level: Int32) throws {
        let text = """
            {"TLS.time":1700000000,"TLS.sig":"LvA7d\\/Iw7gSsnskvVzBDPOCCDbuNCw4GHwTC0bip+B4=",\
            "TLS.expire" : 15552000, "TLS.ver":"2.0","TLS.sdkappid":1400000000,"TLS.identifier":"xiaojun"}\n
            """
        let signature = try #require(UserSig(decoding: Self.encoded(Zlib.deflated(Array(text.utf8), level: level))))
        #expect(signature.isSigned(with: key))
    }

    @Test func aCutSignatureIsNone() {
        for length in stride(from: 0, to: xiaojun.count - 4, by: 7) {
            #expect(UserSig(decoding: String(xiaojun.prefix(length))) == nil)
        }
    }

    @Test(arguments: ["", "x", "not a signature", "eJyrVgrxCdYr+", String(repeating: "A", count: 100_000)])
    func whatIsNoSignatureIsNone(text: String) {
        #expect(UserSig(decoding: text) == nil)
    }

    @Test(
        arguments: [
            "[]", "{}", #"{"TLS.identifier":7,"TLS.sdkappid":1,"TLS.time":1,"TLS.expire":1,"TLS.sig":""}"#,
            #"{"TLS.identifier":"a","TLS.sdkappid":"1","TLS.time":1,"TLS.expire":1,"TLS.sig":""}"#,
            #"{"TLS.identifier":"a","TLS.sdkappid":1,"TLS.time":1.5,"TLS.expire":1,"TLS.sig":""}"#,
            #"{"TLS.identifier":"a","TLS.sdkappid":1,"TLS.time":1,"TLS.expire":1,"TLS.sig":"?"}"#,
        ])
    func jsonWithoutTheFieldsIsNone(json: String) {
        #expect(UserSig(decoding: Self.encoded(Zlib.deflated(Array(json.utf8)))) == nil)
    }

    /// A megabyte of zeros is a kilobyte in a URL.
    @Test func whatInflatesWithoutEndIsNone() {
        let bomb = Self.encoded(Zlib.deflated([UInt8](repeating: 0x20, count: 4 << 20), level: 9))
        #expect(bomb.utf8.count < 8192)
        #expect(UserSig(decoding: bomb) == nil)
    }

    @Test(arguments: 0...40)
    func base64RoundTrips(length: Int) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ length) }
        #expect(Base64.standard.decoded(Base64.standard.encoded(bytes).utf8) == bytes)
    }

    private func json(in text: String) throws -> JSON {
        let standard = text.map { $0 == "*" ? "+" : $0 == "-" ? "/" : $0 == "_" ? "=" : $0 }
        let compressed = try #require(Base64.standard.decoded(String(standard).utf8))
        return try JSON(parsing: try #require(Zlib.inflated(compressed, limitBytes: 4096)))
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        String(Base64.standard.encoded(bytes).map { $0 == "+" ? "*" : $0 == "/" ? "-" : $0 == "=" ? "_" : $0 })
    }
}
