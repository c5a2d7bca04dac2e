import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyRongCloud
import ParleyTesting
import Testing

@Suite struct TokenTests {
    static let token = UserToken(
        appKey: "parley-demo", user: UserID("alice"), issuedAt: Timestamp(milliseconds: 1_700_000_000_123),
        expiresAt: Timestamp(milliseconds: 1_800_000_000_456), random: 42)

    @Test func saysWhatItSaid() throws {
        let text = Self.token.signed(with: "secret")
        let unverified = try #require(UserToken.Unverified(text))
        #expect(unverified.claim == Self.token)
        #expect(unverified.isSigned(with: "secret"))
        #expect(!unverified.isSigned(with: "rotated"))
        #expect(!unverified.isSigned(with: ""))
    }

    /// Client SDKs cut a token at its `@`, and put it into URLs and headers as it is.
    @Test func holdsNothingThatAClientTakesApart() {
        let text = Self.token.signed(with: "secret")
        #expect(text.hasPrefix("RC1_"))
        #expect(
            text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            })
    }

    @Test func tellsClientsWhereToConnectIfTheAppSaysSo() async throws {
        let bench = try await Bench.make()
        let dialect = bench.dialect(RongCloud.self)
        var app = bench.app
        let index = try #require(app.credentials.firstIndex { $0.dialect == RongCloud.name })
        app.credentials[index].details["navigation"] = "https://im.example.com;http://10.0.0.1:8080"
        let token = try dialect.token(for: UserID("alice"), in: app, lifetimeSeconds: 60)
        #expect(token.hasSuffix("@https://im.example.com;http://10.0.0.1:8080"))
        #expect(try await dialect.holder(of: token)?.user == UserID("alice"))
        #expect(try await dialect.holder(of: String(token.prefix { $0 != "@" }))?.user == UserID("alice"))
    }

    @Test(arguments: ["@", "@host", "@https://im.example.com;other:8080"])
    func isReadWithTheAddressesThatFollowIt(_ addresses: String) throws {
        let unverified = try #require(UserToken.Unverified(Self.token.signed(with: "secret") + addresses))
        #expect(unverified.isSigned(with: "secret"))
    }

    @Test func isVoidWhenAnyCharacterIsAnother() throws {
        let text = Self.token.signed(with: "secret")
        for index in text.indices {
            var tampered = text
            tampered.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            let unverified = UserToken.Unverified(tampered)
            #expect(unverified?.isSigned(with: "secret") != true, "changed at \(index.utf16Offset(in: text))")
        }
        for shorter in [String(text.dropLast()), String(text.dropFirst()), String(text.prefix(20)), "RC1_", ""] {
            #expect(UserToken.Unverified(shorter)?.isSigned(with: "secret") != true)
        }
        #expect(UserToken.Unverified(text + "A")?.isSigned(with: "secret") != true)
    }

    @Test(arguments: [
        "YWMtabc", "eJwtzMEKgkAUheFXkbsOvc3oqEELQQmiXQm1nHTMS2mijk5E", "RC1_@", "RC1_\u{0}", "RC1_ąć", "@",
    ])
    func isNotAnyText(_ text: String) { #expect(UserToken.Unverified(text) == nil) }

    @Test func namesAreNotConfusedWithEachOther() {
        let one = UserToken(appKey: "ab", user: UserID("c"), issuedAt: .distantPast, random: 1).signed(with: "s")
        let other = UserToken(appKey: "a", user: UserID("bc"), issuedAt: .distantPast, random: 1).signed(with: "s")
        #expect(one != other)
    }
}

/// Tokens as the server gives them out and asks about them.
@Suite struct TokenHolderTests {
    static func token(_ backend: Backend, for user: String = "alice") async throws -> String {
        let answer = await backend.post("/user/getToken.json", "userId=\(user)")
        return try #require(answer.json?["token"]?.string)
    }

    @Test func whoGotATokenIsItsHolder() async throws {
        let backend = try await Backend()
        let token = try await Self.token(backend)
        let holder = try #require(try await backend.dialect.holder(of: token))
        #expect(holder.app == backend.bench.app.id)
        #expect(holder.user == UserID("alice"))
        #expect(holder.dialect == RongCloud.name)
        #expect(holder.issuedAt == backend.bench.clock.now())
        #expect(holder.expiresAt == .distantFuture)
        #expect(try await backend.dialect.holder(of: token + "@im.example.com") == holder)
    }

    @Test func anotherTokenLeavesTheFirstOneValid() async throws {
        let backend = try await Backend()
        let (one, other) = (try await Self.token(backend), try await Self.token(backend))
        #expect(one != other)
        #expect(try await backend.dialect.holder(of: one) != nil)
        #expect(try await backend.dialect.holder(of: other) != nil)
    }

    @Test func aTokenEndsWhenItsTimeIsUp() async throws {
        let backend = try await Backend()
        let token = try backend.dialect.token(for: UserID("bob"), in: backend.bench.app, lifetimeSeconds: 60)
        backend.bench.clock.advance(seconds: 59)
        #expect(try await backend.dialect.holder(of: token)?.user == UserID("bob"))
        backend.bench.clock.advance(seconds: 1)
        #expect(try await backend.dialect.holder(of: token) == nil)
    }

    @Test func aNewSecretVoidsEveryToken() async throws {
        let backend = try await Backend()
        let token = try await Self.token(backend)
        var app = backend.bench.app
        let index = try #require(app.credentials.firstIndex { $0.dialect == RongCloud.name })
        app.credentials[index].secret = "rotated"
        try await backend.bench.core.directory.save(app)
        #expect(try await backend.dialect.holder(of: token) == nil)
    }

    @Test func aTokenOfAnAppThatIsNotThereHasNoHolder() async throws {
        let backend = try await Backend()
        let token = UserToken(appKey: "nobody", user: UserID("alice"), issuedAt: .distantPast)
        #expect(try await backend.dialect.holder(of: token.signed(with: "parley-demo-secret")) == nil)
    }

    @Test func anAppWithoutTheDialectHasNoTokens() async throws {
        let backend = try await Backend()
        let app = App(id: AppID("other"), credentials: [], createdAt: .distantPast)
        #expect(throws: NoCredential.self) {
            try backend.dialect.token(for: UserID("alice"), in: app, lifetimeSeconds: 1)
        }
    }

    /// Whether a token was revoked is asked of the user; the token says when it was issued, and open connections are
    /// told to close.
    @Test func expiringTokensVoidsThoseIssuedBefore() async throws {
        let backend = try await Backend()
        let old = try #require(try await backend.dialect.holder(of: try await Self.token(backend)))
        backend.bench.clock.advance(seconds: 1)
        let moment = backend.bench.clock.now()
        let answer = await backend.post(
            "/user/token/expire.json", "userId=alice&userId=nobody&time=\(moment.milliseconds)")
        #expect(answer.body == #"{"code":200}"#)
        let new = try #require(try await backend.dialect.holder(of: try await Self.token(backend)))
        let user = try #require(try await backend.bench.core.directory.user(UserID("alice"), in: backend.bench.app.id))
        #expect(old.issuedAt < user.tokensValidFrom)
        #expect(new.issuedAt >= user.tokensValidFrom)
        #expect(
            backend.bench.signals.disconnects == [
                Disconnect(
                    UserID("alice"), in: backend.bench.app.id, tokensIssuedBefore: moment, because: .tokenExpired)
            ])
    }

    /// The token stays; its user may not use it, and connections that are open are told to close.
    @Test func blockingClosesConnectionsAndLeavesTokensForLater() async throws {
        let backend = try await Backend()
        let token = try await Self.token(backend)
        let answer = await backend.post("/user/block.json", "userId=alice&userId=new&minute=10")
        #expect(answer.body == #"{"code":200}"#)
        #expect(
            backend.bench.signals.disconnects == [
                Disconnect(UserID("alice"), in: backend.bench.app.id, because: .userInactive),
                Disconnect(UserID("new"), in: backend.bench.app.id, because: .userInactive),
            ])
        let now = backend.bench.clock.now()
        let holder = try #require(try await backend.dialect.holder(of: token))
        let user = try #require(try await backend.bench.core.directory.user(holder.user, in: holder.app))
        #expect(!user.mayLogIn(at: now))
        #expect(user.mayLogIn(at: now.adding(seconds: 600)))
    }

    /// Whoever is blocked for good by another dialect is shown, and let in again.
    @Test func blocksOfOtherDialectsAreSeenAndLifted() async throws {
        let backend = try await Backend()
        try await backend.bench.core.changeUser(UserID("bob"), in: backend.bench.app.id) { $0.isActive = false }
        let query = await backend.post("/user/block/query.json", "")
        #expect(query.body == #"{"code":200,"users":[{"userId":"bob","blockEndTime":"9999-12-31 23:59:59"}]}"#)
        _ = await backend.post("/user/unblock.json", "userId=bob")
        let bob = try #require(
            try await backend.bench.core.directory.user(UserID("bob"), in: backend.bench.app.id))
        #expect(bob.mayLogIn(at: backend.bench.clock.now()))
    }
}
