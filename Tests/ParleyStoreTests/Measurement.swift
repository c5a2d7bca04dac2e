import Foundation
import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

/// `PARLEY_MEASURE=1 swift test --filter Measurement` prints what appends cost; a debug build is good for ratios only.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["PARLEY_MEASURE"] != nil), .serialized)
struct Measurement {
    @Test(arguments: [1, 16, 64, 256])
    func appends(_ callers: Int) async throws {
        let scene = try Scene(.folder)
        let total = callers == 1 ? 1500 : 12_000
        let clock = ContinuousClock()
        let (start, cpu) = (clock.now, Self.cpuSeconds)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for number in 0..<(total / callers) {
                        _ = try await scene.store.append(
                            scene.draft("hello, this is message \(number)", to: "g\(caller * 7 + number % 5)"))
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = (clock.now - start) / .seconds(1)
        let entries = Double(scene.store.counters.entries)
        print(
            "\(callers) callers: \(Int(entries / seconds)) appends/s,",
            "\(Int((Self.cpuSeconds - cpu) / entries * 1e6)) us CPU each,",
            "\((entries / Double(scene.store.counters.commits)).rounded()) a commit")
    }

    @Test func reads() async throws {
        let scene = try Scene(.folder)
        for _ in 0..<20 { _ = try await scene.store.append((0..<100).map { scene.draft("message \($0)") }) }
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<500 { _ = try await scene.store.entries(of: scene.conversation(), upTo: 1500, limit: 50) }
        print("last 50: \(((clock.now - start) / .microseconds(1) / 500).rounded()) us")
        try await scene.makeGroup(members: (0..<5000).map { "m\($0)" })
        _ = try await scene.store.group(GroupID("g"), in: Scene.app)
        let again = clock.now
        for number in 0..<500 {
            try await scene.store.write(in: Scene.app) { transaction in
                try transaction.save(Member(user: UserID("n\(number)"), joinedAt: transaction.now), of: GroupID("g"))
            }
        }
        print("a member more, of 5000: \(((clock.now - again) / .microseconds(1) / 500).rounded()) us")
    }

    /// How long others wait for the writer when a group ends.
    @Test func endings() async throws {
        let scene = try Scene(.folder)
        try await scene.makeGroup(members: (0..<100_000).map { "m\($0)" })
        let clock = ContinuousClock()
        var start = clock.now
        try await scene.store.write(in: Scene.app) { try $0.delete(GroupID("g")) }
        print("a group of 100,000 ends: \(((clock.now - start) / .milliseconds(1)).rounded()) ms")
        start = clock.now
        try await scene.store.maintain()
        print("what it leaves: \(((clock.now - start) / .milliseconds(1)).rounded()) ms in 99 pieces")
    }

    /// `waiting` messages in all, in 200 conversations of one user who has read nothing.
    @Test(arguments: [10_000, 400_000])
    func lists(waiting: Int) async throws {
        let scene = try Scene(.folder)
        for conversation in 0..<200 {
            try await scene.makeGroup("g\(conversation)", members: ["bob"])
            for _ in 0..<(waiting / 2000) {
                _ = try await scene.store.append((0..<10).map { scene.draft("message \($0)", to: "g\(conversation)") })
            }
        }
        let clock = ContinuousClock()
        func measure(_ what: String, _ body: () async throws -> Void) async throws {
            try await body()
            let start = clock.now
            for _ in 0..<20 { try await body() }
            print("\(waiting) waiting: \(what): \(((clock.now - start) / .microseconds(1) / 20).rounded()) us")
        }
        try await measure("the first 50 of 200") {
            _ = try await scene.store.conversations(of: "bob", in: Scene.app, from: nil, limit: 50)
        }
        try await measure("all that is unread") { _ = try await scene.store.unread(of: "bob", in: Scene.app) }
        try await measure("positions of a new device") { _ = try await scene.positions("bob", device: "new") }
        try await scene.confirm(1, "bob", in: .group(GroupID("g1")))
        try await measure("positions") { _ = try await scene.positions("bob") }
    }

    private static var cpuSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
