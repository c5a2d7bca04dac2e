import Crypto
import CryptoExtras
import Foundation
import Logging
import NIOHTTP1
import NIOSSL
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyPushSimulator
import ParleyServer
import ParleyStore
import ParleyTesting
import Testing

/// Phones that are made to ring, by a real server, at a simulator that checks what it gets as the providers do.
@Suite(.timeLimit(minutes: 2))
struct PushTests {
    // MARK: Every vendor, every maker

    @Test func everyVendorsMessageReachesThePhonesOfEveryMaker() async throws {
        try await withPhones { live, simulator in
            for (number, kind) in PushProvider.Kind.allCases.enumerated() {
                try await live.register(
                    Self.absent[number % 3], "phone-\(kind)", at: kind, token: kind.token,
                    dialect: ["rongcloud", "easemob", "tencent", "parley"][number % 4])
            }
            let backend = try await live.backend()
            try await Self.sayWithPushes(backend)
            let notices = try await simulator.notices(3 * PushProvider.Kind.allCases.count)
            for notice in notices {
                #expect(notice.verdict == .accepted, "\(notice.provider): \(notice.reason) \(notice.text)")
                #expect(notice.warnings.isEmpty, "\(notice.provider): \(notice.warnings)")
                #expect(notice.version == (notice.provider == .apns ? "HTTP/2" : "HTTP/1.1"))
                #expect(notice.tokens == [notice.provider.token])
            }
            for kind in PushProvider.Kind.allCases {
                let ofKind = notices.filter { $0.provider == kind }
                // What is said to one phone comes in order.
                #expect(ofKind.map(\.text) == ["words of R", "words of E", "words of T"], "\(kind)")
                #expect(ofKind.map(\.title) == Self.titles(at: kind), "\(kind)")
            }
            let records = try await live.records(notices.count)
            #expect(records.allSatisfy { $0.outcome == .accepted && $0.attempts == 1 })
            let keys = Set(records.map(\.key))
            #expect(records.count == notices.count && keys.count == notices.count)
        }
    }

    @Test func theDemosPhonesRing() async throws {
        let folder = try TemporaryFolder()
        let server = try await ParleyProcess.demo(folder: folder.url, push: true)
        let userSig = try await ParleyProcess.run(
            ["token", "--app", "demo", "--user", "administrator", "--dialect", "tencent", "--data", folder.url.path]
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        let backend = try await Backend.connect(port: server.port, userSig: userSig)
        #expect(try await backend.say("hello", through: "rongcloud"))
        var list = ""
        while list.split(separator: "\n").count < 3 {
            list = try await ParleyProcess.run(["push", "list", "demo", "--data", folder.url.path]).output
        }
        // Bob said it, and carol, who has no connection either, is told by Huawei's.
        #expect(list.contains("demo-apns  accepted  alice/alice-phone  Demo group: bob: hello"))
        #expect(list.contains("demo-huawei  accepted  carol/carol-phone"))
        #expect(list.contains("demo-xiaomi  accepted  dave/dave-phone"))
        #expect(await server.terminate() == 0)
    }

    private static let absent = ["alice", "carol", "dave"]

    /// Easemob and Tencent let a sender say something else to Apple's phones.
    private static func titles(at kind: PushProvider.Kind) -> [String] {
        kind == .apns ? ["From R", "E for Apple", "T for Apple"] : ["From R", "From E", "From T"]
    }

    private static func sayWithPushes(_ backend: Backend) async throws {
        let pushExt = """
            {"title":"From R","forceShowPushContent":0,"pushConfigs":[{"HW":{"channelId":"hw-1","importance":"NORMAL",\
            "image":"https://example.com/image.png"}},{"MI":{"channelId":"mi-1"}},{"OPPO":{"channelId":"oppo-1",\
            "category":"IM","notify_level":2}},{"VIVO":{"classification":"1","category":"IM"}},{"APNs":{"thread-id":"1",\
            "apns-collapse-id":"1","richMediaUri":"https://example.com/image.png"}},{"FCM":{"channelId":"fcm-1",\
            "collapse_key":"1","imageUrl":"https://example.com/image.png"}},{"OHOS":{"category":"IM"}}]}
            """
        let rongCloud = try await backend.rongCloud(
            "/message/group/publish.json",
            "fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg"
                + "&content=\(Self.escaped(#"{"content":"hello"}"#))&pushContent=words%20of%20R&pushData=d"
                + "&pushExt=\(Self.escaped(pushExt))")
        #expect(rongCloud["code"]?.int == 200)
        let easemob = try await backend.easemob(
            "/messages/chatgroups",
            #"""
            {"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"hello"},"ext":{
            "em_push_ext":{"title":"From E","content":"words of E","custom":{"a":"b"}},
            "em_apns_ext":{"em_push_title":"E for Apple","em_push_badge":"+3","em_push_sound":"s.caf"},
            "em_android_push_ext":{"fcm_channel_id":"c","huawei_channel_id":"c","xiaomi_channel_id":"c",
            "oppo_channel_id":"c","vivo_category":"IM","honor_importance":"NORMAL"}}}
            """#)
        #expect(easemob["data"]?["demo-group"]?.string != nil)
        let tencent = try await backend.tencent(
            "group_open_http_svc/send_group_msg",
            #"""
            {"GroupId":"demo-group","From_Account":"bob","Random":1,
            "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}],
            "OfflinePushInfo":{"PushFlag":0,"Title":"From T","Desc":"words of T","Ext":"{\"a\":1}",
            "AndroidInfo":{"GoogleChannelID":"c","HuaWeiChannelID":"c","XiaoMiChannelID":"c","OPPOChannelID":"c",
            "VIVOClassification":1,"HuaWeiCategory":"IM"},
            "ApnsInfo":{"BadgeMode":0,"Title":"T for Apple","SubTitle":"s","Sound":"s.caf","MutableContent":1}}}
            """#)
        #expect(tencent["ErrorCode"]?.int == 0)
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
    }

    // MARK: Who is told

    @Test func aPhoneRingsForWhoIsNotConnectedAndWantsIt() async throws {
        try await withPhones([.huawei, .xiaomi]) { live, simulator in
            let backend = try await live.backend()
            let scene = QuietScene(simulator, backend)
            // Easemob's notifier_name: here the app's id at the provider.
            let binding = try await backend.easemob(
                "/users/carol/push/binding",
                #"{"device_id":"c","notifier_name":"104410411","device_token":"of-carol"}"#, method: .PUT)
            #expect(binding["error"] == nil)
            let alice = try await live.listen("tencent", "alice", query: "&platform=Android&device=phone")
            _ = try await alice.missed()
            alice.socket.send(#"{"request":"r","type":"push.register","provider":"xiaomi","token":"of-alice"}"#)
            let answer = try await alice.frames { $0["request"]?.string == "r" }.last
            #expect(answer?["type"]?.string == "done")
            try await live.register("dave", "a", at: .huawei, token: "of-dave")
            try await live.register("dave", "b", at: .xiaomi, token: "of-dave")

            try await scene.say(tells: ["carol"])
            #expect(try await alice.messages(1).count == 1)
            await alice.socket.close()
            while await live.server.core.presence.isOnline(UserID("alice"), in: Demo.appID) { await Task.yield() }
            try await scene.say(tells: ["alice", "carol"])

            // In the conversation: mentions alone, then nothing.
            try await scene.mute(alice: 1, carol: "AT")
            try await scene.say(tells: [])
            try await scene.say(tells: ["alice"], mentioning: "alice")
            try await scene.say(tells: ["carol"], mentioning: "carol")
            try await scene.mute(alice: 5, carol: "NONE")
            try await scene.say(tells: [], mentioning: "alice")
            try await scene.say(tells: [], mentioning: "carol")
            try await scene.mute(alice: 0, carol: "DEFAULT")
            try await scene.say(tells: ["alice", "carol"])

            // Everywhere: alice's hours let mentions through, carol's time does not.
            try await scene.quieten(aliceButFor: 1, carolForMilliseconds: 3_600_000)
            try await scene.say(tells: [])
            try await scene.say(tells: ["alice"], mentioning: "alice")
            try await scene.say(tells: [], mentioning: "carol")
            try await scene.wake()
            try await scene.say(tells: ["alice", "carol"])
            try await scene.check()
        }
    }

    // MARK: What providers say

    @Test func whatAProviderSaysOfADeviceIsHeeded() async throws {
        let kinds = PushProvider.Kind.allCases
        try await withPhones { live, simulator in
            let words = ["unregistered", "flaky-2", "refused", "broken", "throttled"]
            for (number, kind) in kinds.enumerated() {
                for word in words {
                    let name = "\(word)-\(kind)"
                    try await live.register(Self.absent[number % 3], name, at: kind, token: name)
                }
            }
            let backend = try await live.backend()
            #expect(try await backend.say("hello", through: "easemob"))
            let tries = ["unregistered": 1, "flaky-2": 3, "refused": 1, "broken": 5, "throttled": 5]
            let notices = try await simulator.notices(kinds.count * tries.values.reduce(0, +))
            let records = try await live.records(kinds.count * words.count)
            for kind in kinds {
                func verdicts(_ word: String) -> [ParleyPushSimulator.Notice.Verdict] {
                    notices.filter { $0.token == "\(word)-\(kind)" }.map(\.verdict)
                }
                #expect(verdicts("unregistered") == [.unregistered], "\(kind)")
                #expect(verdicts("flaky-2") == [.broken, .broken, .accepted], "\(kind)")
                #expect(verdicts("refused") == [.refused], "\(kind)")
                #expect(verdicts("broken") == Array(repeating: .broken, count: 5), "\(kind)")
                #expect(verdicts("throttled") == Array(repeating: .throttled, count: 5), "\(kind)")
                var outcomes: [String: PushRecord.Outcome] = [:]
                for record in records where record.kind == kind {
                    let word = String(record.device.dropLast("-\(kind)".count))
                    outcomes[word] = record.outcome
                    #expect(record.attempts == tries[word], "\(record)")
                }
                #expect(
                    outcomes == [
                        "unregistered": .unregistered, "flaky-2": .accepted, "refused": .refused, "broken": .givenUp,
                        "throttled": .givenUp,
                    ], "\(kind)")
            }
            #expect(records.filter { $0.outcome == .refused }.allSatisfy { !$0.detail.isEmpty })

            // As its operator sees it.
            let data = ["--data", live.folder.url.path]
            let devices = try await ParleyProcess.run(["push", "devices", "demo", "alice"] + data).output
            #expect(devices.contains("refused-apns") && devices.contains("flaky-2-apns"))
            #expect(!devices.contains("unregistered"))
            let givenUp = try await ParleyProcess.run(
                ["push", "list", "demo", "--outcome", "given-up", "--limit", "100"] + data
            ).output
            for word in ["broken", "throttled"] {
                #expect(kinds.allSatisfy { givenUp.contains("/\(word)-\($0)  ") })
            }
            #expect(!givenUp.contains("refused-"))
            let refused = try await ParleyProcess.run(["push", "list", "demo", "--outcome", "refused"] + data).output
            #expect(kinds.allSatisfy { refused.contains("/refused-\($0)  ") })
        }
    }

    /// Over TLS and HTTP/2, like any other; and the token of the phone that is gone is forgotten.
    @Test func appleIsShownACertificateInPlaceOfAToken() async throws {
        try await withPhones([.apns], account: Self.certified) { live, simulator in
            try await live.register("alice", "phone", at: .apns, token: PushProvider.Kind.apns.token)
            try await live.register("carol", "phone", at: .apns, token: "unregistered")
            #expect(try await live.backend().say("hello", through: "tencent"))
            let notices = try await simulator.notices(2)
            #expect(Set(notices.map(\.verdict)) == [.accepted, .unregistered])
            for notice in notices {
                #expect(notice.version == "HTTP/2" && notice.headers["authorization"] == nil)
                #expect(notice.warnings.isEmpty)
            }
            let records = try await live.records(2)
            #expect(Set(records.map(\.outcome)) == [.accepted, .unregistered])
            let left = try await live.server.core.push.pushDevices(of: UserID("carol"), in: Demo.appID)
            #expect(left.isEmpty)
        }
    }

    private static func certified(_: PushProvider.Kind) -> [String: String] {
        let shown = TestCertificate.second
        return ["certificate": shown.certificate, "certificate-key": shown.key, "topic": "im.parley.demo"]
    }

    /// What a provider says of too many is heeded, and the rest of the phones' notices go on.
    @Test func whoIsTooFastWaitsAndNothingIsLost() async throws {
        try await withPhones { live, simulator in
            let kinds = PushProvider.Kind.allCases
            for kind in kinds {
                try await live.register("alice", "\(kind)", at: kind, token: kind.token)
                simulator.fail(kind, next: 1, as: .throttled)
            }
            #expect(try await live.backend().say("hello", through: "rongcloud"))
            let notices = try await simulator.notices(2 * kinds.count)
            for kind in kinds {
                #expect(notices.filter { $0.provider == kind }.map(\.verdict) == [.throttled, .accepted], "\(kind)")
            }
            let records = try await live.records(kinds.count)
            #expect(records.allSatisfy { $0.outcome == .accepted && $0.attempts == 2 })
        }
    }

    @Test func whenAProviderNoLongerLetsUsInAnotherGrantIsFetchedAndNothingIsLost() async throws {
        // The others have a key that never changes, or sign for themselves.
        let kinds: [PushProvider.Kind] = [.fcm, .huawei, .honor, .oppo, .vivo]
        try await withPhones(kinds) { live, simulator in
            for kind in kinds { try await live.register("alice", "\(kind)", at: kind, token: "unauthorized-\(kind)") }
            #expect(try await live.backend().say("hello", through: "easemob"))
            let notices = try await simulator.notices(2 * kinds.count)
            for kind in kinds {
                let verdicts = notices.filter { $0.provider == kind }.map(\.verdict)
                #expect(verdicts == [.unauthorized, .accepted], "\(kind)")
            }
            let records = try await live.records(kinds.count)
            #expect(records.allSatisfy { $0.outcome == .accepted && $0.attempts == 2 })
        }
    }
}

// MARK: -

/// Says one thing after the other in demo-group: alice has a phone at one provider, carol at another, and dave one at each, which always ring.
private final class QuietScene {
    let simulator: PushSimulator
    let backend: Backend
    /// What each is to be told, in order.
    private var told: [String: [String]] = ["alice": [], "carol": []]
    private var count = 0

    init(_ simulator: PushSimulator, _ backend: Backend) {
        self.simulator = simulator
        self.backend = backend
    }

    /// Returns when it is decided who is told: one look at the log decides about all of a provider's phones.
    func say(tells users: [String], mentioning user: String? = nil) async throws {
        self.count += 1
        let text = "\(self.count)" + (user.map { " \($0)" } ?? "")
        for user in users { self.told[user]?.append(text) }
        let mention = user.map { #","mentionedInfo":{"type":2,"userIdList":["\#($0)"]}"# } ?? ""
        let content = #"{"content":"\#(text)"\#(mention)}"#
        try await self.post(
            "/message/group/publish.json",
            "fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&isMentioned=\(user == nil ? 0 : 1)&content="
                + content.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)
        for kind in [PushProvider.Kind.huawei, .xiaomi] {
            while true {
                let seen = self.simulator.inbox(kind).count
                guard !self.texts("dave", at: kind).contains(text) else { break }
                try await self.simulator.notices(seen + 1, of: kind)
            }
        }
    }

    private func texts(_ user: String, at kind: PushProvider.Kind) -> [String] {
        self.simulator.inbox(kind).filter { $0.token == "of-\(user)" }.compactMap { notice in
            notice.text.split(separator: ": ").last.map(String.init)
        }
    }

    /// The last thing that was said has to be for both: all before it has come then.
    func check() async throws {
        try await self.simulator.notices(self.told["carol"]!.count + self.count, of: .huawei)
        try await self.simulator.notices(self.told["alice"]!.count + self.count, of: .xiaomi)
        #expect(self.texts("carol", at: .huawei) == self.told["carol"])
        #expect(self.texts("alice", at: .xiaomi) == self.told["alice"])
        #expect(self.simulator.inbox().allSatisfy { $0.verdict == .accepted && $0.warnings.isEmpty })
    }

    /// By RongCloud's endpoint for alice, by Easemob's for carol.
    func mute(alice level: Int, carol type: String) async throws {
        try await self.post(
            "/conversation/notification/set.json",
            "conversationType=3&requestId=alice&targetId=demo-group&isMuted=\(level > 0 ? 1 : 0)&unpushLevel=\(level)")
        try await self.put("/users/carol/notification/chatgroup/demo-group", #"{"type":"\#(type)"}"#)
    }

    /// RongCloud's hours are of each day: all of it but for a minute, from this hour on.
    func quieten(aliceButFor level: Int, carolForMilliseconds milliseconds: Int) async throws {
        let hour = (SystemClock().now().seconds / 3600 + 8) % 24
        try await self.post(
            "/user/blockPushPeriod/set.json", "userId=alice&startTime=\(hour):00:00&period=1439&level=\(level)")
        try await self.put("/users/carol/notification/user/self", #"{"ignoreDuration":\#(milliseconds)}"#)
    }

    func wake() async throws {
        try await self.post("/user/blockPushPeriod/delete.json", "userId=alice")
        try await self.put("/users/carol/notification/user/self", #"{"ignoreDuration":0}"#)
    }

    private func post(_ path: String, _ form: String) async throws {
        let answer = try await self.backend.rongCloud(path, form)
        #expect(answer["code"]?.int == 200, "\(path): \(String(decoding: answer.raw, as: UTF8.self))")
    }

    private func put(_ path: String, _ json: String) async throws {
        let answer = try await self.backend.easemob(path, json, method: .PUT)
        #expect(answer["data"] != nil, "\(path): \(String(decoding: answer.raw, as: UTF8.self))")
    }
}

/// A server in this process whose demo app has a provider of each of these kinds, all played by a simulator over TLS, as the providers do, that refuses what
/// is not documented, and verifies signatures. Both are stopped after the test, also when it fails.
private func withPhones(
    _ kinds: [PushProvider.Kind] = PushProvider.Kind.allCases,
    account: (PushProvider.Kind) throws -> [String: String] = Demo.account(of:),
    _ test: (LiveServer, PushSimulator) async throws -> Void
) async throws {
    var providers = try kinds.map { PushProvider(name: $0.rawValue, kind: $0, account: try account($0)) }
    var configuration = PushSimulator.Configuration()
    configuration.isStrict = true
    configuration.retryAfterSeconds = 1
    for provider in providers { configuration.keys[provider.kind] = try provider.verifies }
    let simulator = try PushSimulator(configuration)
    try await simulator.start()
    for index in providers.indices {
        providers[index].url = "\(simulator.secureURL)/\(providers[index].kind.rawValue)"
        // However slow the simulator is beside other tests: only what it says is tried again.
        providers[index].timeoutMilliseconds = 60_000
        if providers[index].kind == .huawei { providers[index].aliases = ["104410411"] }
    }
    do {
        let live = try await LiveServer.start(with: providers, trusting: simulator)
        do { try await test(live, simulator) } catch {
            await live.server.stop()
            throw error
        }
        await live.server.stop()
    } catch {
        await simulator.shutDown()
        throw error
    }
    await simulator.shutDown()
}

extension LiveServer {
    fileprivate static func start(
        with providers: [PushProvider], trusting simulator: PushSimulator
    ) async throws -> LiveServer {
        let folder = try TemporaryFolder()
        try UsedFolder.make(of: folder.url)
        let configuration = try ServerConfiguration(
            settings: try await Settings(
                commandLine: ["http.port": "0", "data.folder": folder.url.path, "limits.rates": "off"],
                environment: [:],
                file: nil))
        let server = try await Server.start(
            configuration, logger: Logger(label: "test"),
            trusting: try NIOSSLCertificate.fromPEMBytes(Array(simulator.certificate.utf8)),
            prepare: { core in
                var app = try await Demo.seed(core)
                app.settings.pushProviders = providers
                try await core.directory.save(app)
            })
        let app = try #require(try await server.core.directory.app(Demo.appID))
        return LiveServer(server: server, folder: folder, app: app)
    }

    fileprivate func register(
        _ user: String, _ device: String, at kind: PushProvider.Kind, token: String, dialect: String = "parley"
    ) async throws {
        try await self.server.core.push.register(
            PushDevice(
                user: UserID(user), device: device, provider: kind.rawValue, token: token,
                dialect: DialectName(dialect), registeredAt: self.server.core.clock.now()), in: Demo.appID)
    }

    /// What became of everything, when there is so much of it: the provider knows a little earlier than it is noted.
    fileprivate func records(_ count: Int) async throws -> [PushRecord] {
        while true {
            let records = try await self.server.store.pushRecords(
                in: Demo.appID, provider: nil, outcome: nil, user: nil, before: nil, limit: 1000)
            if records.count >= count { return records }
            await Task.yield()
        }
    }
}

extension PushProvider.Kind {
    /// Apple's are hexadecimal.
    fileprivate var token: String {
        self == .apns ? String(repeating: "a11ce0", count: 10) + "0000" : "token-of-a-\(self.rawValue)-phone"
    }
}

extension PushProvider {
    /// What its provider knows of the account: the public key, or the secret.
    fileprivate var verifies: String? {
        get throws {
            switch self.kind {
            case .apns:
                try self.account["key"].map {
                    try P256.Signing.PrivateKey(pemRepresentation: $0).publicKey.pemRepresentation
                }
            case .fcm, .harmony:
                try _RSA.Signing.PrivateKey(
                    pemRepresentation: try #require(
                        try JSON(parsing: self.account["service-account"]!)["private_key"]?.string)
                ).publicKey.pemRepresentation
            case .huawei, .honor, .xiaomi, .oppo, .vivo, .meizu, .webhook: Demo.secret
            }
        }
    }
}
