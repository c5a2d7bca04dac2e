import Foundation
import Logging
import ParleyCallbacks
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyPushSimulator
import ParleyServer
import Testing

/// Who is told by the server of what is said, when the server is killed while it tells: nobody misses anything, and hears twice only of what was under way.
@Suite(.timeLimit(minutes: 3))
struct KilledFollowersTests {
    private static let kills = 3
    private static let groups = ["demo-group", "second-group"]

    // MARK: Phones

    /// What can have been told and not noted at a kill, of each device: what is under way, or was answered just now. The next is not begun before that is noted.
    private static let unnotedOfADevice = 1

    @Test func everyPhoneRingsForEveryMessageAndTwiceOnlyForWhatWasUnderWayAtAKill() async throws {
        let simulator = try PushSimulator()
        try await simulator.start()
        let folder = try TemporaryFolder()
        let tokens = try await Self.registerPhones(simulator, in: folder)
        let taken = Gathered<String>()
        var kills: [Kill] = []
        try await Self.killing(folder, taken) {
            try await simulator.notices(simulator.inbox().count + 100)
        } gone: {
            kills.append(Kill(noted: try await Self.noted(in: folder, tokens), arrived: simulator.inbox().count))
        } end: {
            try await Self.arrival(of: Self.groups.map { "end-\($0)" }, at: tokens, simulator)
        }
        let notices = simulator.inbox()
        await simulator.shutDown()

        #expect(notices.allSatisfy { $0.verdict == .accepted })
        var arrivals: [Pair: [Int]] = [:]
        var ids: [Pair: Set<String>] = [:]
        for (number, notice) in notices.enumerated() {
            let pair = Pair(text: notice.text, token: notice.token)
            arrivals[pair, default: []].append(number)
            ids[pair, default: []].insert(notice.id)
        }
        for text in taken.all {
            let missed = tokens.filter { arrivals[Pair(text: text, token: $0)] == nil }
            #expect(missed.isEmpty, "\(text) at \(missed)")
        }
        #expect(taken.all.count >= Self.kills * 10)
        // A pair has one apns-id, and no other has it.
        #expect(ids.values.allSatisfy { $0.count == 1 })
        #expect(Set(ids.values.joined()).count == ids.count)
        // What was noted when the server was gone never comes again, and there is much of it.
        let rings = notices.map { Pair(text: $0.text, token: $0.token) }
        for kill in kills {
            #expect(kill.noted.count >= Set(rings.prefix(kill.arrived)).count - Self.unnotedOfADevice * tokens.count)
            for pair in kill.noted { #expect((arrivals[pair]?.last ?? 0) < kill.arrived, "\(pair)") }
        }
        Self.checkRepeats(rings, kills: kills.map(\.arrived), phones: tokens.count)
    }

    /// A phone rings again at once or never, and right about a kill: for what it had rung for last. So of each kill there is one repeat a phone at most.
    private static func checkRepeats(_ rings: [Pair], kills: [Int], phones: Int) {
        var repeats: [Int: [String: Int]] = [:]
        for (token, own) in Dictionary(grouping: rings.enumerated(), by: \.element.token) {
            for (number, (_, ring)) in own.enumerated() where own[..<number].contains(where: { $0.element == ring }) {
                let first = own[number - 1]
                #expect(first.element == ring, "\(ring) at \(number) of \(own)")
                let kill = kills.min { abs($0 - first.offset) < abs($1 - first.offset) } ?? 0
                #expect(abs(kill - first.offset) <= 4 * phones, "\(ring) at \(first.offset), kills at \(kills)")
                repeats[kill, default: [:]][token, default: 0] += 1
            }
        }
        #expect(repeats.values.allSatisfy { $0.values.allSatisfy { $0 <= Self.unnotedOfADevice } }, "\(repeats)")
    }

    /// A server that was killed.
    private struct Kill {
        /// What it had noted that a phone rang for.
        var noted: [Pair]
        /// How much had come to phones.
        var arrived: Int
    }

    private static func noted(in folder: TemporaryFolder, _ tokens: [String]) async throws -> [Pair] {
        let office = try Office(try await Self.configuration(folder), logger: Logger(label: "test"))
        defer { office.close() }
        let records = try await office.pushes.pushRecords(
            in: Demo.appID, provider: nil, outcome: .accepted, user: nil, before: nil, limit: 100_000)
        let users = Self.absent.map(\.rawValue)
        return records.map { record in
            let place = (users.firstIndex(of: record.user.rawValue) ?? 0) * 2 + (Int(record.device) ?? 1) - 1
            return Pair(text: record.text, token: tokens[place])
        }
    }

    private static let absent = ["alice", "carol", "dave"].map { ParleyCore.UserID($0) }

    private static func arrival(of texts: [String], at tokens: [String], _ simulator: PushSimulator) async throws {
        let awaited = Set(texts.flatMap { text in tokens.map { Pair(text: text, token: $0) } })
        while true {
            let notices = simulator.inbox()
            guard !awaited.isSubset(of: notices.map { Pair(text: $0.text, token: $0.token) }) else { return }
            try await simulator.notices(notices.count + 1)
        }
    }

    private struct Pair: Hashable {
        var text: String
        var token: String
    }

    /// Two phones each of those who are not there.
    private static func registerPhones(_ simulator: PushSimulator, in folder: TemporaryFolder) async throws -> [String]
    {
        try await Self.prepare(folder) { app, core in
            // In the clear: the server would not trust the simulator's certificate.
            var provider = PushProvider(
                name: "phones", kind: .apns, url: simulator.url + "/apns", account: try Demo.account(of: .apns))
            // However slow the simulator is beside other tests: only kills make phones ring again.
            provider.timeoutMilliseconds = 60_000
            app.settings.pushProviders = [provider]
            var tokens: [String] = []
            for user in Self.absent {
                for number in 1...2 {
                    tokens.append(String(repeating: "0\(tokens.count + 1)", count: 32))
                    try await core.push.register(
                        PushDevice(
                            user: user, device: "\(number)", provider: "phones", token: tokens.last!,
                            dialect: .parley, registeredAt: core.clock.now()), in: app.id)
                }
            }
            return tokens
        }
    }

    // MARK: Backends

    @Test func aBackendIsCalledAboutEveryMessageInTheOrderOfItsConversation() async throws {
        let receiver = try await Receiver.start()
        let folder = try TemporaryFolder()
        try await Self.prepare(folder) { app, _ in
            var rule = CallbackRule(
                name: "route", dialect: DialectName("tencent"), url: receiver.url, topics: [.message])
            rule.timeoutMilliseconds = 30_000
            rule.attempts = 10
            app.settings.callbacks = [rule]
        }
        let taken = Gathered<String>()
        var calls: [Receiver.Call] = []
        try await Self.killing(folder, taken) {
            calls += await receiver.next(40)
        } gone: {
        } end: {
            var groups: Set<String> = []
            calls += await receiver.calls { call in
                if Self.text(call)?.hasPrefix("end-") == true { groups.insert(Self.text(call)!) }
                return groups.count == Self.groups.count
            }
        }
        await receiver.stop()

        let told = Set(calls.compactMap(Self.text))
        #expect(taken.all.filter { !told.contains($0) } == [])
        #expect(taken.all.count >= Self.kills * 10)
        for group in Self.groups {
            var first: [Int64] = []
            for call in calls where call.json?["GroupId"]?.string == group {
                let sequence = try #require(call.json?["MsgSeq"]?.int)
                if !first.contains(sequence) { first.append(sequence) }
            }
            #expect(first == first.sorted(), "\(group)")
            #expect(first.count >= Self.kills * 5)
        }
    }

    private static func text(_ call: Receiver.Call) -> String? {
        call.json?["MsgBody"]?.array?.first?["MsgContent"]?["Text"]?.string
    }

    // MARK: -

    private static func configuration(_ folder: TemporaryFolder) async throws -> ServerConfiguration {
        try ServerConfiguration(
            settings: try await Settings(
                commandLine: ["data.folder": folder.url.path], environment: [:], file: nil))
    }

    /// Makes the demo app before its server runs.
    @discardableResult
    private static func prepare<Result>(
        _ folder: TemporaryFolder, _ change: (inout App, Core) async throws -> Result
    ) async throws -> Result {
        let office = try Office(try await Self.configuration(folder), logger: Logger(label: "test"))
        defer { office.close() }
        var app = try await Demo.seed(office.core)
        let now = office.core.clock.now()
        try await office.core.createGroup(
            CreateGroup(
                app: app.id,
                group: Group(
                    id: GroupID(Self.groups[1]), type: .public, name: "", owner: Demo.users[0], createdAt: now),
                members: Demo.users.dropFirst().map { Member(user: $0, joinedAt: now, delivery: .notify) }))
        let result = try await change(&app, office.core)
        try await office.core.directory.save(app)
        return result
    }

    /// Says things through every vendor's API, and kills the server while it is being told of them; again and again on the same folder. Then says "end-GROUP"
    /// in each group.
    ///
    /// - Parameters:
    ///   - some: waits until some have been told since.
    ///   - gone: the server is.
    ///   - end: waits until everyone has been told of the end.
    private static func killing(
        _ folder: TemporaryFolder, _ taken: Gathered<String>, some: () async throws -> Void,
        gone: () async throws -> Void,
        end: () async throws -> Void
    ) async throws {
        let environment = ["PARLEY_LIMITS_RATES": "off"]
        for phase in 1...Self.kills {
            let server = try await ParleyProcess.demo(folder: folder.url, environment: environment)
            async let speaking: Void = Self.speak(phase, server, taken)
            try await some()
            #expect(await server.killed() != 0)
            await speaking
            try await gone()
        }
        let server = try await ParleyProcess.demo(folder: folder.url, environment: environment)
        let backend = try await server.backend()
        for group in Self.groups { #expect(try await Self.say("end-\(group)", in: group, through: "tencent", backend)) }
        try await end()
        #expect(await server.terminate() == 0)
    }

    /// Until all is said, or the server is gone: what has no answer is not taken.
    private static func speak(_ phase: Int, _ server: ParleyProcess, _ taken: Gathered<String>) async {
        await withTaskGroup(of: Void.self) { lanes in
            for dialect in ["rongcloud", "easemob", "tencent"] {
                lanes.addTask {
                    guard let backend = try? await server.backend() else { return }
                    for number in 1...20 {
                        let text = "\(dialect)-\(phase)-\(number)"
                        let group = Self.groups[number % 2]
                        guard (try? await Self.say(text, in: group, through: dialect, backend)) == true else { return }
                        taken.add(text)
                    }
                }
            }
        }
    }

    private static func say(
        _ text: String, in group: String, through dialect: String, _ backend: Backend
    ) async throws -> Bool {
        switch dialect {
        case "rongcloud":
            let form =
                "fromUserId=bob&toGroupId=\(group)&objectName=RC:TxtMsg&content=%7B%22content%22%3A%22\(text)%22%7D"
                + "&pushContent=\(text)"
            return try await backend.rongCloud("/message/group/publish.json", form)["code"]?.int == 200
        case "easemob":
            let body =
                #"{"from":"bob","to":["\#(group)"],"type":"txt","body":{"msg":"\#(text)"},"ext":{"em_push_ext":{"content":"\#(text)"}}}"#
            return try await backend.easemob("/messages/chatgroups", body)["data"]?[group]?.string != nil
        default:
            let body =
                #"{"GroupId":"\#(group)","From_Account":"bob","Random":\#(UInt32.random(in: 0...UInt32.max)),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
            return try await backend.tencent("group_open_http_svc/send_group_msg", body)["ErrorCode"]?.int == 0
        }
    }
}
