import Crypto
import ParleyCore
import ParleyDialectKit
import Testing

@testable import ParleyEasemob

struct TokenTests {
    private let issuedAt = Timestamp(milliseconds: 1_700_000_000_123)

    @Test func anApplicationTokenIsLaidOutAsTheVendors() throws {
        let text = Token(.application, of: AppID("demo"), issuedAt: self.issuedAt, lifetimeSeconds: 1_024_000)
            .signed(secret: "s")
        #expect(text.hasPrefix("YWMt"))
        #expect(text.utf8.count == 130)
        let bytes = try #require(Base64.url.decoded(text.utf8))
        #expect(bytes.count == 97)
        #expect(Array(bytes[0..<3]) == Array("ac-".utf8))
        #expect(bytes[9] >> 4 == 1, "the token's UUID is version 1")
        #expect(Array(bytes[19..<35]) == VersionOneUUID.one.bytes)
        #expect(Array(bytes[35..<51]) == VersionOneUUID.application(AppID("demo")).bytes)
        #expect(Array(bytes[51..<53]) == [2, 3])
        #expect(bytes[53..<61].reduce(0) { $0 << 8 | Int64($1) } == 1_700_000_000_123)
        #expect(bytes[61..<65].reduce(0) { $0 << 8 | Int64($1) } == 1_024_000)
        let mac = HMAC<SHA256>.authenticationCode(for: bytes[..<65], using: SymmetricKey(data: Array("s".utf8)))
        #expect(Array(mac) == Array(bytes[65...]))
    }

    @Test func aUserTokenNamesTheAppAndTheUser() throws {
        let text = Token(.user(UserID("alice")), of: AppID("demo"), issuedAt: self.issuedAt, lifetimeSeconds: 60)
            .signed(secret: "s")
        let bytes = try #require(Base64.url.decoded(text.utf8))
        #expect(Array(bytes[19..<35]) == VersionOneUUID.application(AppID("demo")).bytes)
        #expect(Array(bytes[35..<51]) == VersionOneUUID.user(UserID("alice"), in: AppID("demo")).bytes)
        #expect(Array(bytes[51..<53]) == [3, 3])
        #expect(Array(bytes[97...]) == Array("alice".utf8))
        let token = try #require(Token(parsing: text))
        #expect(token.principal == .user(UserID("alice")))
        #expect(token.issuedAt == self.issuedAt)
        #expect(token.expiresAt == self.issuedAt.adding(seconds: 60))
        #expect(token.isGenuine(secret: "s"))
        #expect(!token.isGenuine(secret: "other"))
    }

    @Test func noByteOfATokenCanBeChangedUnnoticed() throws {
        for principal in [Token.Principal.application, .user(UserID("alice"))] {
            let text = Token(principal, of: AppID("demo"), issuedAt: self.issuedAt, lifetimeSeconds: 60)
                .signed(secret: "s")
            let bytes = try #require(Base64.url.decoded(text.utf8))
            for index in bytes.indices {
                var changed = bytes
                changed[index] ^= 1
                let token = Token(parsing: Base64.url.encoded(changed))
                #expect(token?.isGenuine(secret: "s") != true, "byte \(index)")
            }
            #expect(Token(parsing: Base64.url.encoded(bytes + [65]))?.isGenuine(secret: "s") != true)
        }
    }

    @Test func whatIsNoTokenIsNotReadAsOne() {
        for text in [
            "", "YWMt", "nonsense", "YWMt*", String(repeating: "A", count: 130), String(repeating: "Y", count: 5000),
        ] {
            #expect(Token(parsing: text) == nil)
        }
        let notUTF8 =
            Array("ac-".utf8) + [UInt8](repeating: 0, count: 48) + [3, 3] + [UInt8](repeating: 0, count: 44) + [0xFF]
        #expect(Token(parsing: Base64.url.encoded(notUTF8)) == nil)
    }

    @Test func aLifetimeOfZeroIsForEver() throws {
        let token = Token(.application, of: AppID("demo"), issuedAt: self.issuedAt, lifetimeSeconds: 0)
        #expect(token.expiresAt == .distantFuture)
        let parsed = try #require(Token(parsing: token.signed(secret: "s")))
        #expect(parsed.expiresAt == .distantFuture)
    }

    @Test func twoTokensOfOneMomentDiffer() {
        let make = {
            Token(.application, of: AppID("demo"), issuedAt: issuedAt, lifetimeSeconds: 0).signed(secret: "s")
        }
        #expect(make() != make())
    }

    // MARK: Dynamic tokens

    private static let credential = Credential(
        dialect: Easemob.name, key: "org#app", secret: "sec", details: [CredentialDetail.clientID: "cid"])

    private static func dynamic(
        user: String = "alice", ttl: String = "600", secret: String = "sec", quoted: Bool = false
    ) -> String {
        let signature = SHA256.hash(data: Array("cidorg#app\(user)1700000000\(ttl)\(secret)".utf8)).hex
        let lifetime = quoted ? "\"\(ttl)\"" : ttl
        let json =
            #"{"signature":"\#(signature)","appkey":"org#app","userId":"\#(user)","curTime":1700000000,"ttl":\#(lifetime)}"#
        return Base64.url.encoded(Array("dt-\(json)".utf8))
    }

    @Test(arguments: [true, false])
    func aDynamicTokenIsVerifiedByItsSignature(quoted: Bool) throws {
        let token = try #require(DynamicToken(parsing: Self.dynamic(quoted: quoted)))
        #expect(token.user == UserID("alice"))
        #expect(token.appKey == "org#app")
        #expect(token.issuedAt == Timestamp(seconds: 1_700_000_000))
        #expect(token.expiresAt == Timestamp(seconds: 1_700_000_600))
        #expect(token.isGenuine(for: Self.credential))
        let forged = try #require(DynamicToken(parsing: Self.dynamic(secret: "guessed")))
        #expect(!forged.isGenuine(for: Self.credential))
    }

    @Test func aBrokenDynamicTokenIsNone() {
        #expect(DynamicToken(parsing: "") == nil)
        #expect(DynamicToken(parsing: "ZHQt") == nil)
        #expect(DynamicToken(parsing: Base64.url.encoded(Array("dt-{}".utf8))) == nil)
        #expect(DynamicToken(parsing: Self.dynamic(ttl: "9e99")) == nil)
        #expect(DynamicToken(parsing: "YWMt" + Self.dynamic().dropFirst(4)) == nil)
    }

    // MARK: Passwords

    @Test func aPasswordMatchesItsOwnHashOnly() {
        let hash = Password.hash("secret")
        #expect(hash.hasPrefix("scrypt$1024$"))
        #expect(Password.matches("secret", hash: hash))
        #expect(!Password.matches("Secret", hash: hash))
        #expect(!Password.matches("", hash: hash))
        #expect(Password.hash("secret") != hash, "each has its own salt")
    }

    @Test func aHashInAnotherFormMatchesNothing() {
        for hash in ["", "secret", "scrypt$0$a$b", "scrypt$1025$AA$AA", "scrypt$99999999999$AA$AA", "md5$1$AA$AA"] {
            #expect(!Password.matches("secret", hash: hash))
        }
    }
}
