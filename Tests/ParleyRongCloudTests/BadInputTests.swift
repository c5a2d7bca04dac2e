import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyRongCloud

@Suite struct BadInputTests {
    static let group = PublishTests.group

    @Test func contentMayBe128KiBAndNoMore() async throws {
        let backend = try await Backend()
        let most = String(repeating: "群", count: (128 << 10) / 3) + "xx"
        #expect(most.utf8.count == 128 << 10)
        func form(_ content: String) -> [(String, String)] {
            [("fromUserId", "a"), ("toGroupId", "g"), ("objectName", "App:X"), ("content", content)]
        }
        #expect(await backend.post(Self.group, form(most)).status == 200)
        #expect(backend.messages.first?.content == .custom(type: "App:X", data: most))
        let more = await backend.post(Self.group, form(most + "x"))
        #expect((more.status, more.code) == (400, 1005))
        #expect(more.text == "the length of content should less than 131072.")
    }

    /// The largest call that is within the vendor's limits passes the limit on bodies.
    @Test func theBodyLimitHoldsTheLargestMessage() {
        let content = String(repeating: "群", count: (128 << 10) / 3).percentEncoded.utf8.count
        let value = String(repeating: "值", count: 4096).percentEncoded.utf8.count
        let extraContent = 100 * (value + 32 * 3 + 30)
        let users = 1000 * ("toUserId=&".utf8.count + 64 * 3)
        let limits = ["/statusmessage/private", "/statusmessage/group", "/message/private", "/message/group"].map {
            RongCloud.bodyLimit(path: $0 + "/publish.json")
        }
        #expect(limits.allSatisfy { $0 > content + users + 10_000 && $0 < 8 << 20 })
        #expect(limits[2...].allSatisfy { $0 > content + extraContent + users + 10_000 })
        #expect(RongCloud.bodyLimit(path: "/group/create.json") > users)
        #expect(RongCloud.bodyLimit(path: "/user/nothing.json") <= 256 << 10)
    }

    @Test func whatIsNotTextIsRefused() async throws {
        let backend = try await Backend()
        for bytes in ["\u{0}"] {
            let answer = await backend.post("/user/getToken.json", Array("userId=a\(bytes)b".utf8))
            #expect((answer.status, answer.code) == (400, 1002))
        }
        for bytes in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]] {
            let raw = await backend.post("/user/getToken.json", Array("userId=a".utf8) + bytes)
            #expect(raw.body == #"{"url":"/user/getToken.json","code":1002,"errorMessage":"the body is unreadable."}"#)
            let escaped = bytes.map { "%" + [$0].hex }.joined()
            #expect(await backend.post("/user/getToken.json", "userId=a" + escaped).code == 1002)
        }
    }

    /// An App's own content may hold anything that is text.
    @Test func aNULInContentIsDeliveredAsItIs() async throws {
        let backend = try await Backend()
        let answer = await backend.post(Self.group, "fromUserId=a&toGroupId=g&objectName=App:X&content=a%00b")
        #expect(answer.status == 200)
        let native = try #require(backend.messages.first?.native)
        #expect(WireMessage(native)?.content == "a\u{0}b")
    }

    @Test func theFirstOfDuplicateHeadersCounts() async throws {
        let backend = try await Backend()
        var request = WireRequest(
            method: .POST, target: "/user/checkOnline.json", headers: [:], body: Array("userId=a".utf8),
            receivedAt: .distantPast)
        request.signIfUnsigned()
        request.headers.add(name: "App-Key", value: "nobody")
        request.headers.add(name: "Signature", value: "wrong")
        #expect(await backend.dialect.answer(request).status == .ok)
        request.headers.replaceOrAdd(name: "Signature", value: "wrong")
        #expect(await backend.dialect.answer(request).status == .unauthorized)
    }

    @Test func headersMayHaveTheirOtherNames() async throws {
        let backend = try await Backend()
        let request = WireRequest(
            method: .POST, target: "/user/checkOnline.json",
            headers: [
                "RC-App-Key": "parley-demo", "rc-nonce": "996904.7740116195", "RC-Timestamp": "1408706337",
                "RC-Signature": Signature.value(
                    secret: "parley-demo-secret", nonce: "996904.7740116195", timestamp: "1408706337"),
            ],
            body: Array("userId=a".utf8), receivedAt: .distantPast)
        #expect(await backend.dialect.answer(request).status == .ok)
    }

    @Test func anAppMayBoundTheAgeOfSignatures() async throws {
        let backend = try await Backend()
        var app = backend.bench.app
        let index = try #require(app.credentials.firstIndex { $0.dialect == RongCloud.name })
        app.credentials[index].details["signatureToleranceSeconds"] = "300"
        try await backend.bench.core.directory.save(app)
        #expect(await backend.post("/user/checkOnline.json", "userId=a").code == 1004)
    }

    @Test func answersAreByteForByteTheVendors() async throws {
        let backend = try await Backend()
        var request = WireRequest(
            method: .POST, target: "/user/getToken.json", headers: ["App-Key": "x"], body: [], receivedAt: .distantPast)
        let refused = await backend.dialect.answer(request)
        #expect(
            String(decoding: refused.body, as: UTF8.self)
                == #"{"url":"/user/getToken.json","code":1002,"errorMessage":"invalid App-Key."}"#)
        #expect(refused.contentType == "application/json; charset=utf-8")
        request.headers = [:]
        request.signIfUnsigned(secret: "wrong")
        let signed = await backend.dialect.answer(request)
        #expect(
            String(decoding: signed.body, as: UTF8.self)
                == #"{"url":"/user/getToken.json","code":1004,"errorMessage":"签名错误，请检查。"}"#)
        let published = await backend.post(Self.group, PublishTests.toGroup)
        let uid = try #require(published.uids.first)
        #expect(
            published.body
                == #"{"code":200,"messageUIDs":[{"groupId":"demo-group","messageUID":"\#(uid)"}]}"#)
    }

    /// Whatever comes, the answer is the vendor's, and is no fault of the server.
    @Test func nothingMakesItFail() async throws {
        let backend = try await Backend()
        var generator = Seeded(state: 1)
        let seeds = [
            PublishTests.toGroup,
            PublishTests.toGroup + #"&expansion=true&extraContent={"a":"b"}&pushExt={"pushConfigs":[{"HW":{}}]}"#,
            "userId=alice&groupId=demo-group&minute=5&blackUserId=bob&time=1&conversationType=3&targetId=x&messageUID=CBPV-IMG0-002C-035A&toUserId=bob",
        ].map { Array($0.utf8) }
        for round in 0..<600 {
            var body = seeds[round % seeds.count]
            for _ in 0...Int.random(in: 0...6, using: &generator) {
                let position = Int.random(in: 0..<max(1, body.count), using: &generator)
                switch Int.random(in: 0...3, using: &generator) {
                case 0: body[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: body.removeLast(min(body.count - 1, position))
                case 2: body.insert(contentsOf: Array("%00&={\"[".utf8), at: position)
                default: body += body.prefix(position)
                }
            }
            let path = RongCloud.endpoints.randomElement(using: &generator)!.path
            let type = round % 5 == 0 ? "application/json" : "application/x-www-form-urlencoded"
            let answer = await backend.post(path, body, type: type)
            #expect(answer.json != nil && answer.code != nil)
            #expect(answer.status < 500, "\(path) \(String(decoding: body, as: UTF8.self)): \(answer.body)")
        }
    }

    @Test func aFaultIsTheVendorsInternalError() async throws {
        let backend = try await Backend()
        let core = backend.bench.core
        let broken = Core(
            directory: core.directory, log: BrokenLog(), places: core.places, files: core.files, signals: core.signals,
            presence: core.presence, push: core.push, callbacks: core.callbacks, clock: core.clock,
            identifiers: core.identifiers)
        var context = backend.dialect.context
        context.core = broken
        var request = WireRequest(
            method: .POST, target: Self.group, headers: [:], body: Array(PublishTests.toGroup.utf8),
            receivedAt: .distantPast)
        request.signIfUnsigned()
        let answer = Answer(await RongCloud(context).answer(request))
        #expect(answer.status == 500)
        #expect(
            answer.body == #"{"url":"/message/group/publish.json","code":1000,"errorMessage":"internal error."}"#)
    }

    @Test func whatIsWrongBelowTheDialectIsAnsweredInItsForm() async throws {
        let backend = try await Backend()
        let expected: [(TransportFault, Int, Int64)] = [
            (.bodyTooLarge(limitBytes: 9), 413, 1005), (.timedOut, 408, 1002), (.unreadable, 400, 1002),
            (.overloaded, 503, 1050),
        ]
        for (fault, status, code) in expected {
            let answer = Answer(backend.dialect.answer(fault, path: "/user/getToken.json"))
            #expect((answer.status, answer.code) == (status, code))
            #expect(answer.json?["url"]?.string == "/user/getToken.json")
            #expect(answer.json?.count == 3)
        }
    }
}

@Suite struct SurfaceTests {
    @Test(arguments: [
        "/user/getToken.json", "/message/group/publish.json", "/statusmessage/private/publish.json", "/group/x/y.json",
        "/push.json", "/push/user.json", "/v3/message/group/query.json", "/chatroom/create.json", "/user/getToken.xml",
        "/sensitiveword/add.json", "/wordfilter/list.json", "/ultragroup/create.json", "/entrust/group/join.json",
        "/friend/add.json", "/conversation/top/set.json",
    ])
    func claimsTheVendorsPaths(_ path: String) { #expect(RongCloud.claims(path: path)) }

    @Test(arguments: [
        "/", "", "/user/getToken", "/v4/openim/sendmsg", "/v4/group_open_http_svc/send_group_msg",
        "/parley/demo/messages/chatgroups", "/parley/demo/users/x.json", "/console/index.json", "/metrics",
        "/health/live", "/v1/connect", "/user.json/x",
    ])
    func leavesOthersPathsAlone(_ path: String) { #expect(!RongCloud.claims(path: path)) }

    @Test func claimsEveryEndpointAndDescribesEachOnce() {
        let paths = RongCloud.endpoints.map(\.path)
        #expect(paths.allSatisfy { RongCloud.claims(path: $0) })
        #expect(Set(paths).count == paths.count)
        #expect(
            RongCloud.endpoints.allSatisfy {
                $0.method == "POST" && !$0.title.english.isEmpty && $0.page.hasPrefix("https://")
            })
    }
}

/// Random enough, and the same in every run.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (self.state >> 33) ^ self.state
    }
}

/// A log on a disk that is full.
struct BrokenLog: Log {
    struct DiskFull: Error {}

    func append(_ drafts: [Draft]) async throws -> [Receipt] { throw DiskFull() }
    func entries(of conversation: ConversationID, after: UInt64, limit: Int) async throws -> [Entry] {
        throw DiskFull()
    }
    func entries(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [Entry] {
        throw DiskFull()
    }
    func entry(_ id: MessageID, in app: AppID) async throws -> Entry? { throw DiskFull() }
    func entry(_ sequence: UInt64, of conversation: ConversationID) async throws -> Entry? { throw DiskFull() }
    func lastSequence(of conversation: ConversationID) async throws -> UInt64 { throw DiskFull() }
    func positions(
        of user: UserID, device: DeviceID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position] { throw DiskFull() }
    func begin(
        _ device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position] { throw DiskFull() }
    func reached(by users: [UserID], in conversation: ConversationID) async throws -> [UserID: UInt64] {
        throw DiskFull()
    }
    func confirm(_ cursors: [Cursor]) async throws { throw DiskFull() }
}
