import Foundation
import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

/// `PARLEY_MEASURE=1 swift test -c release -Xswiftc -enable-testing --filter MailMeasurement` prints what reading a user's
/// mail costs, with the way to another thread and back.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["PARLEY_MEASURE"] != nil), .serialized)
struct MailMeasurement {
    /// 100,000 entries in 500 groups and 500 direct conversations of others: one user is in all of the groups, one in 20, one in one.
    @Test func reads() async throws {
        let scene = try Scene(.folder)
        for group in 0..<500 {
            try await scene.makeGroup(
                "g\(group)",
                members: ["everywhere"] + (group % 25 == 0 ? ["some"] : []) + (group == 0 ? ["one"] : []))
        }
        let start = ContinuousClock().now
        for batch in 0..<100 {
            scene.clock.advance(seconds: 1)
            let drafts = (0..<1000).map { number in
                let conversation: Conversation =
                    number % 2 == 0
                    ? .group(GroupID("g\((number * 7 + batch * 13) % 500)"))
                    : .direct(UserID("a\((number * 11 + batch) % 500)"), "b")
                return Draft(
                    conversation: ConversationID(app: Scene.app, conversation), body: .text("message \(number)"))
            }
            _ = try await scene.store.append(drafts)
        }
        let ids = scene.signals.entries.map(\.id)
        print("filled in \(ContinuousClock().now - start)")
        for user in ["everywhere", "some", "one"] as [UserID] {
            for behind in [0, 5, 16, 32, 33, 100, 1000, 10_000, 99_999] {
                for limit in [100, 1000] { try await self.measure(scene, user, ids, behind: behind, limit: limit) }
            }
        }
    }

    private func measure(
        _ scene: Scene, _ user: UserID, _ ids: [MessageID], behind: Int, limit: Int
    ) async throws {
        let after = ids[ids.count - 1 - behind]
        let count = try await scene.mail(user, after: after, limit: limit).items.count
        let clock = ContinuousClock()
        var times: [Double] = []
        for _ in 0..<50 {
            let start = clock.now
            _ = try await scene.mail(user, after: after, limit: limit)
            times.append((clock.now - start) / .microseconds(1))
        }
        times.sort()
        print("\(user), \(behind) behind, at most \(limit): \(count) in \(Int(times[25])) us")
    }
}
