import Logging
package import ParleyCore
import ParleyDialectKit
import Synchronization

/// What everybody who calls backends shares.
struct CallbackOffice: Sendable {
    let core: Core
    let book: any CallbackBook
    let transport: any CallbackTransport
    let logger: Logger
    let tally: CallbackTally
    /// Milliseconds of a clock that does not jump.
    let monotonic: @Sendable () -> Int64

    /// With what its form needs to know beside it.
    func subject(_ entry: Entry, in app: App) async -> CallbackSubject {
        var subject = CallbackSubject(app: app, entry: entry)
        subject.group = await self.group(of: entry.conversation.conversation, in: app)
        let target: MessageID? =
            switch entry.body {
            case .recall(let recall): recall.target
            case .edit(let edit): edit.target
            case .message, .notice: nil
            }
        if let target { subject.target = try? await self.core.log.entry(target, in: app.id) }
        return subject
    }

    func group(of conversation: Conversation, in app: App) async -> Group? {
        guard case .group(let id) = conversation else { return nil }
        return try? await self.core.directory.group(id, in: app.id)?.group
    }
}

/// How many calls came to which end.
package final class CallbackTally: Sendable {
    private let counts = Mutex<[CallbackRecord.Outcome: Int]>([:])

    func called(_ outcome: CallbackRecord.Outcome) { self.counts.withLock { $0[outcome, default: 0] += 1 } }
    package var outcomes: [CallbackRecord.Outcome: Int] { self.counts.withLock { $0 } }
}
