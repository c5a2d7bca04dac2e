import Crypto
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

struct DialectTests {
    // MARK: Clients' tokens

    @Test func aTokenThatWasMadeSaysWhoHoldsIt() async throws {
        let calls = try await Calls.make()
        let token = try calls.easemob.token(for: UserID("alice"), in: calls.bench.app, lifetimeSeconds: 60)
        let holder = try await calls.easemob.holder(of: token)
        let now = calls.bench.clock.now()
        #expect(
            holder
                == TokenHolder(
                    app: AppID("demo"), user: UserID("alice"), dialect: Easemob.name, issuedAt: now,
                    expiresAt: now.adding(seconds: 60)))
        calls.bench.clock.advance(seconds: 60)
        #expect(try await calls.easemob.holder(of: token) == nil)
    }

    @Test func tokensOfAnyAppAreFoundByTheAppInThem() async throws {
        let calls = try await Calls.make()
        _ = try await calls.easemob.holder(
            of: try calls.easemob.token(for: UserID("x"), in: calls.bench.app, lifetimeSeconds: 60))
        let other = App(
            id: AppID("other"), credentials: [Easemob.newCredential(for: AppID("other"), secret: "s")],
            createdAt: calls.bench.clock.now())
        try await calls.bench.core.directory.save(other)
        let token = try calls.easemob.token(for: UserID("x"), in: other, lifetimeSeconds: 60)
        #expect(try await calls.easemob.holder(of: token)?.app == AppID("other"))
    }

    @Test func whatIsNoTokenOfAUserHasNoHolder() async throws {
        let calls = try await Calls.make()
        let authorization = Authorization(bench: calls.bench)
        for token in [
            "", "nonsense", authorization.token(.application),
            authorization.token(.user(UserID("alice")), secret: "guessed"),
            authorization.token(.user(UserID("alice")), app: AppID("none")),
            authorization.token(.user(UserID("alice")), age: 10, lifetime: 10),
        ] {
            #expect(try await calls.easemob.holder(of: token) == nil)
        }
    }

    @Test func aDynamicTokenHasAHolderWhileItLasts() async throws {
        let calls = try await Calls.make()
        let seconds = calls.bench.clock.now().seconds
        let key = "parley#demo"
        let signature = SHA256.hash(
            data: Array("parley-demo-client\(key)bob\(seconds)600parley-demo-secret".utf8)
        ).hex
        let json =
            #"{"signature":"\#(signature)","appkey":"\#(key)","userId":"bob","curTime":\#(seconds),"ttl":600}"#
        let token = Base64.url.encoded(Array("dt-\(json)".utf8))
        let holder = try await calls.easemob.holder(of: token)
        #expect(holder?.user == UserID("bob"))
        #expect(holder?.app == AppID("demo"))
        let download = await calls.call(.GET, "/chatfiles/x", headers: [("Authorization", "Bearer \(token)")])
        #expect(download.status == .notFound, "it is good for what users may call")
        calls.bench.clock.advance(seconds: 600)
        #expect(try await calls.easemob.holder(of: token) == nil)
    }

    @Test func anAppWithoutEasemobGetsNoTokens() async throws {
        let calls = try await Calls.make()
        let other = App(id: AppID("other"), credentials: [], createdAt: calls.bench.clock.now())
        #expect(throws: NoCredential.self) {
            try calls.easemob.token(for: UserID("x"), in: other, lifetimeSeconds: 60)
        }
    }

    /// What was found out of a token once is remembered (``Proofs``), and only that.
    @Test func aTokenThatWasUsedEndsWithItsTimeItsSecretAndItsApp() async throws {
        let calls = try await Calls.make()
        func status(_ token: String, of app: String = "demo") async -> HTTPResponseStatus {
            let authorization = [("Authorization", "Bearer \(token)")]
            var request = calls.request(.GET, "/users/alice", headers: authorization)
            request.path = "/parley/\(app)/users/alice"
            return await calls.easemob.answer(request).status
        }
        let authorization = Authorization(bench: calls.bench)
        let short = authorization.token(.application, lifetime: 10)
        let long = authorization.token(.application)
        #expect(await status(short) == .ok)
        #expect(await status(long) == .ok)
        let other = App(
            id: AppID("other"),
            credentials: [Easemob.newCredential(for: AppID("other"), secret: "parley-demo-secret")],
            createdAt: calls.bench.clock.now())
        try await calls.bench.core.directory.save(other)
        #expect(await status(long, of: "other") == .unauthorized)
        calls.bench.clock.advance(seconds: 10)
        #expect(await status(short) == .unauthorized)
        #expect(await status(long) == .ok)
        var app = calls.bench.app
        let index = try #require(app.credentials.firstIndex { $0.dialect == Easemob.name })
        app.credentials[index].secret = "changed"
        try await calls.bench.core.directory.save(app)
        #expect(await status(long) == .unauthorized)
    }

    // MARK: Users

    @Test func openRegistrationTakesOneUserWithoutAToken() async throws {
        let calls = try await Calls.make { $0.credentials.setDetail(CredentialDetail.registration, "open") }
        let none = [("Authorization", "none")]
        let one = #"{"username":"eve","password":"p"}"#
        #expect(await calls.call(.POST, "/users", headers: none, one).status == .ok)
        #expect(await calls.call(.POST, "/users", headers: none, "[\(one)]").status == .unauthorized)
        #expect(
            await calls.call(.POST, "/users", headers: none, #"{"username":"alice","password":"p"}"#).status
                == .badRequest)
        let alice = try await calls.bench.core.directory.user(UserID("alice"), in: AppID("demo"))
        #expect(alice?.passwordHash.map { Password.matches("p", hash: $0) } != true, "nobody takes over who is there")
    }

    @Test func passwordsAreNotKeptInTheClear() async throws {
        let calls = try await Calls.make()
        _ = await calls.call(.POST, "/users", #"{"username":"eve","password":"hunter2"}"#)
        let hash = try #require(
            try await calls.bench.core.directory.user(UserID("eve"), in: AppID("demo"))?.passwordHash)
        #expect(!hash.contains("hunter2"))
        #expect(Password.matches("hunter2", hash: hash))
    }

    @Test func whoIsOnlineIsSaidSo() async throws {
        let calls = try await Calls.make()
        calls.bench.signals.setOnline(UserID("alice"))
        #expect(await calls.call(.GET, "/users/alice/status").json?["data"]?["alice"]?.string == "online")
        let batch = await calls.call(.POST, "/users/batch/status", #"{"usernames":["ALICE","bob"]}"#)
        #expect(batch.json?["data"]?.array?[0]["alice"]?.string == "online")
        #expect(batch.json?["data"]?.array?[1]["bob"]?.string == "offline")
    }

    @Test func disconnectingAndDeactivatingCloseConnections() async throws {
        let calls = try await Calls.make()
        let app = AppID("demo")
        _ = await calls.call(.GET, "/users/alice/disconnect")
        _ = await calls.call(.DELETE, "/users/alice/disconnect/android_1")
        _ = await calls.call(.POST, "/users/alice/deactivate")
        #expect(
            calls.bench.signals.disconnects == [
                Disconnect(UserID("alice"), in: app, because: .kicked),
                Disconnect(UserID("alice"), in: app, device: DeviceID("android_1"), because: .kicked),
                Disconnect(UserID("alice"), in: app, because: .userInactive),
            ])
        let download = await calls.call(.GET, "/chatfiles/x", headers: [("Authorization", "Bearer <user:alice>")])
        #expect(download.status == .unauthorized)
    }

    @Test func aNewPasswordAndADeletedUserCloseConnectionsToo() async throws {
        let calls = try await Calls.make()
        let app = AppID("demo")
        _ = await calls.call(.PUT, "/users/alice/password", #"{"newpassword":"new"}"#)
        _ = await calls.call(.DELETE, "/users/bob")
        _ = await calls.call(.DELETE, "/users?limit=1")
        #expect(
            calls.bench.signals.disconnects == [
                Disconnect(
                    UserID("alice"), in: app, tokensIssuedBefore: calls.bench.clock.now(), because: .tokenExpired),
                Disconnect(UserID("bob"), in: app, because: .userInactive),
                Disconnect(UserID("alice"), in: app, because: .userInactive),
            ])
    }

    @Test func aBlockOfAnotherDialectsIsSeenAndLifted() async throws {
        let calls = try await Calls.make()
        let until = calls.bench.clock.now().adding(seconds: 60)
        try await calls.bench.core.block(UserID("alice"), in: AppID("demo"), until: until)
        func activated() async -> Bool? {
            await calls.call(.GET, "/users/alice").json?["entities"]?.array?.first?["activated"]?.bool
        }
        #expect(await activated() == false)
        let login = #"{"grant_type":"inherit","username":"alice"}"#
        #expect(await calls.call(.POST, "/token", login).json?["error_description"]?.string == "user not activated")
        _ = await calls.call(.POST, "/users/alice/activate")
        #expect(await activated() == true)
        #expect(await calls.call(.POST, "/token", login).status == .ok)
    }

    // MARK: Groups

    @Test func membershipIsToldUnlessAskedNotTo() async throws {
        let calls = try await Calls.make()
        _ = await calls.call(.DELETE, "/chatgroups/demo-group/users/dave")
        guard case .notice(.removed(let removed, by: _))? = calls.bench.signals.entries.last?.body else {
            Issue.record("no notice")
            return
        }
        #expect(removed == [UserID("dave")])
        let count = calls.bench.signals.entries.count
        _ = await calls.call(.POST, "/chatgroups/demo-group/users/dave?need_notify=false")
        #expect(calls.bench.signals.entries.count == count)
    }

    // MARK: The edge

    @Test func everyAnswerMayBeReadByAnyPage() async throws {
        let calls = try await Calls.make()
        let preflight = await calls.call(.OPTIONS, "/token", headers: [("Authorization", "none")])
        #expect(preflight.status == .ok)
        #expect(preflight.headers.first(name: "Access-Control-Allow-Methods")?.contains("DELETE") == true)
        let allowed = preflight.headers.first(name: "Access-Control-Allow-Headers")?.lowercased() ?? ""
        for name in ["authorization", "content-type", "restrict-access", "share-secret", "x-requested-with", "accept"] {
            #expect(allowed.contains(name))
        }
        let responses = [
            preflight, await calls.call(.GET, "/users/alice"), await calls.call(.GET, "/nothing"),
            await calls.call(.GET, "/users/alice", headers: [("Authorization", "none")]),
            calls.easemob.answer(.timedOut, path: "/parley/demo/users"),
        ]
        for response in responses {
            #expect(response.headers[canonicalForm: "Access-Control-Allow-Origin"] == ["*"])
        }
    }

    @Test func timeIsTheRequestsAndTheClocks() async throws {
        let calls = try await Calls.make()
        var request = calls.request(.GET, "/users/alice?x=1")
        request.receivedAt = calls.bench.clock.now()
        calls.bench.clock.advance(milliseconds: 12)
        let json = try #require(await calls.easemob.answer(request).json)
        #expect(json["duration"]?.int == 12)
        #expect(json["timestamp"]?.int == calls.bench.clock.now().milliseconds)
        #expect(json["uri"]?.string == "http://localhost:8080/parley/demo/users/alice")
        request.receivedAt = calls.bench.clock.now().adding(milliseconds: 5)
        #expect(await calls.easemob.answer(request).json?["duration"]?.int == 0, "a clock set back is no negative time")
    }

    @Test func whatCouldNotBeReceivedIsAnsweredInTheVendorsForm() async throws {
        let calls = try await Calls.make()
        let table: [(TransportFault, String, HTTPResponseStatus, String)] = [
            (.bodyTooLarge(limitBytes: 1), "/parley/demo/chatfiles", .payloadTooLarge, "file exceeding maximum limit"),
            (.bodyTooLarge(limitBytes: 1), "/parley/demo/messages/chatgroups", .badRequest, "message_send_error"),
            (.bodyTooLarge(limitBytes: 1), "/parley/demo/users", .payloadTooLarge, "request_entity_too_large"),
            (.timedOut, "/parley/demo/users", .requestTimeout, "request_timeout"),
            (.unreadable, "/", .badRequest, "bad_request"),
            (.overloaded, "/parley/demo/users", .serviceUnavailable, "service_unavailable"),
        ]
        for (fault, path, status, error) in table {
            let response = calls.easemob.answer(fault, path: path)
            #expect(response.status == status)
            #expect(response.json?["error"]?.string == error)
            #expect(response.json?["error_description"]?.string?.isEmpty == false)
        }
    }

    @Test func bytesThatAreNoTextAreAnInvalidBody() async throws {
        let calls = try await Calls.make()
        let start = Array(#"{"to":["1"],"type":"txt","body":{"msg":""#.utf8)
        for bytes in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x00], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]] {
            let body = start + bytes + Array(#""}}"#.utf8)
            let response = await calls.easemob.answer(calls.request(.POST, "/messages/chatgroups", body: body))
            #expect(response.status == .badRequest)
            #expect(response.json?["error"]?.string == "invalid_request_body")
        }
    }

    /// Every endpoint, with bodies of every kind: an answer in the vendor's form, and never "internal error".
    @Test func noEndpointFallsOverAnOddRequest() async throws {
        let calls = try await Calls.make(rates: false)
        let bodies = [
            "", "{}", "[]", "null", "[{}]", #"{"usernames":{}}"#, #"{"msgs":[1]}"#, #"{"to":[],"msg":[]}"#, "\u{0}",
        ]
        for endpoint in Easemob.endpoints {
            let path = endpoint.path.split(separator: "/").dropFirst(2)
                .map { $0.hasPrefix("{") ? "%C3%A9,%00" : String($0) }.joined(separator: "/")
            for body in bodies {
                let response = await calls.call(
                    HTTPMethod(rawValue: endpoint.method),
                    "/\(path)?limit=-5&limit=x&cursor=&pagenum=99999999999999999999&pagesize=0&%zz=&%C3%A9", body)
                // Of these the vendor has a status that says that the service is not open.
                if endpoint.path.contains("/translate") {
                    #expect(response.status == .serviceUnavailable)
                    #expect(response.json?["error_description"]?.string == "service not open")
                } else {
                    #expect(
                        response.status.code < 500, "\(endpoint.method) \(endpoint.path) \(body): \(response.text)")
                }
                #expect(response.json?.kind == .object)
            }
        }
    }

    @Test func aQueryThatIsNoTextIsRefused() async throws {
        let calls = try await Calls.make()
        #expect(await calls.call(.GET, "/users?limit=%FF").status == .badRequest)
    }

    @Test func textsOfNothingButControlCharactersAreTexts() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(
            #"{"from":"\u0000","to":["\u0000\n"],"type":"\u0000","body":{"\u0000":"\ud800"},"ext":{"":""}}"#)
        #expect(entry.message?.sender == UserID("\u{0}"))
        #expect(try await calls.bench.core.log.entry(entry.id, in: AppID("demo"))?.message == entry.message)
    }

    @Test func limitsOfThreadsHaveTheVendorsWords() {
        let refusals = [Rejection.threadsFull(limit: 1), .threadMembershipsFull(UserID("u"), limit: 1)]
            .map { Refusal($0, in: .threads) }
        #expect(refusals.allSatisfy { $0.status == .forbidden && $0.error == "group_error" })
        #expect(
            refusals.map(\.description) == ["thread number has reached limit.", "user join thread reach limit."])
    }

    @Test func everyRefusalOfTheCoreHasWords() {
        let (user, group) = (UserID("u"), GroupID("g"))
        let rejections: [Rejection] = [
            .userNotFound(user), .userExists(user), .userInactive(user), .groupNotFound(group),
            .groupExists(group, owner: nil), .groupFull(group, capacity: 1), .notMember(user, of: group),
            .alreadyMember(user, of: group), .notSupported(by: .work), .notPermitted, .ownerMayNotLeave(group),
            .contactsFull(user, limit: 1), .pinsFull(limit: 1),
            .reactionExists, .reactionsFull(limit: 1), .threadsFull(limit: 1), .threadMembershipsFull(user, limit: 1),
            .senderMuted(until: .distantFuture), .groupMuted(group), .senderNotMember(user, of: group),
            .blockedByRecipient(user), .tooFrequent, .messageNotFound, .alreadyRecalled, .recallWindowPassed,
            .notRecallable, .notEditable, .editLimitReached(10), .noReceipts, .fileNotFound, .fileExpired,
            .fileSecretWrong, .fileTooLarge(limitBytes: 1),
            .fileUnreadable,
            .overloaded,
        ]
        for area in [
            Area.general, .tokens, .users, .groups, .messages, .recall, .rewrite, .roaming, .conversations, .files,
            .contacts, .metadata, .reactions, .threads,
        ] {
            for rejection in rejections {
                let refusal = Refusal(rejection, in: area)
                #expect((400..<504).contains(refusal.status.code))
                #expect(!refusal.error.isEmpty && !refusal.exception.isEmpty && !refusal.description.isEmpty)
            }
        }
    }
}
