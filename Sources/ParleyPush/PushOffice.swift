import Logging
package import ParleyCore
import ParleyDialectKit
import ParleyOutbound
import Synchronization

/// What every provider's follower shares.
struct PushOffice: Sendable {
    let core: Core
    let log: any CallbackBook
    let book: any PushBook
    let forms: [DialectName: any PushForm.Type]
    let transport: any Transport
    let logger: Logger
    let tally: PushTally
    /// Milliseconds of a clock that does not jump.
    let monotonic: @Sendable () -> Int64

    /// A notice may have waited: for its turn, for its provider. Meanwhile the phone may have become somebody else's, the user have come back or read it elsewhere, and
    /// the message have been taken back.
    func isStillWanted(_ notice: PushNotice) async throws -> Bool {
        let user = notice.device.user
        let devices = try await self.book.pushDevices(of: user, in: notice.app)
        guard devices.contains(where: { $0.isSameInstallation(as: notice.device) }) else { return false }
        if !notice.look.isForced, await self.core.presence.isOnline(user, in: notice.app) { return false }
        guard let entry = try await self.core.log.entry(notice.message, in: notice.app), !entry.isRecalled else {
            return false
        }
        return try await self.core.places.place(of: user, in: entry.conversation).readThrough < entry.sequence ?? 0
    }

    /// What the number on the app's icon is to be. Nil: it stays.
    func badge(of notice: PushNotice) async -> Int? {
        switch notice.look.badge {
        case .unchanged: return nil
        case .number(let number): return number
        case .unread:
            return try? await self.core.places.unread(of: notice.device.user, in: notice.app).messages
        }
    }
}

/// How many notices came to which end.
package final class PushTally: Sendable {
    package struct Key: Hashable, Sendable {
        package let kind: PushProvider.Kind
        package let outcome: PushRecord.Outcome
    }

    private let counts = Mutex<[Key: Int]>([:])

    func pushed(_ kind: PushProvider.Kind, _ outcome: PushRecord.Outcome) {
        self.counts.withLock { $0[Key(kind: kind, outcome: outcome), default: 0] += 1 }
    }
    package var outcomes: [Key: Int] { self.counts.withLock { $0 } }
}
