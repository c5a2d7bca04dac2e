import Logging
package import ParleyCore
import ParleyDialectKit
import ParleyOutbound
import Synchronization

/// What everybody who calls backends shares.
struct CallbackOffice: Sendable {
    let core: Core
    let book: any CallbackBook
    let transport: any Transport
    let logger: Logger
    let tally: CallbackTally
    /// Milliseconds of a clock that does not jump.
    let monotonic: @Sendable () -> Int64

    /// With what its form needs to know beside it.
    func subject(_ occurrence: Occurrence, _ part: CallbackPart, in app: App) async throws -> CallbackSubject {
        var subject = CallbackSubject(app: app, occurrence: occurrence)
        subject.part = part
        subject.group = try await self.group(of: occurrence.conversation.conversation, in: app)
        if let target = occurrence.target { subject.target = try await self.core.log.entry(target, in: app.id) }
        return subject
    }

    /// How many direct messages the recipient of one has not read by now. (A recall's is that of the message.)
    func unread(after subject: CallbackSubject) async throws -> Int? {
        guard case .entry(let entry) = subject.occurrence, case .direct(let pair) = entry.conversation.conversation,
            let sender = entry.message?.sender ?? subject.target?.message?.sender
        else { return nil }
        return try await self.core.places.unreadDirectMessages(of: pair.peer(of: sender), in: subject.app.id)
    }

    /// Of more, none is told of: they are no correspondents, but an audience.
    private static let recipientLimit = 1000

    /// Whom a message is for, and who may get it later if he is not there.
    func recipients(of entry: Entry, in app: App) async throws -> [UserID] {
        guard let message = entry.message, let sequence = entry.sequence, !message.options.isLiveOnly else { return [] }
        let users = try await self.core.audience(of: message, at: sequence, in: entry.conversation)
        return users.count > Self.recipientLimit ? [] : users.sorted()
    }

    /// Those of them who are not connected now.
    func absent(for entry: Entry, in app: App) async throws -> [UserID] {
        var absent: [UserID] = []
        for user in try await self.recipients(of: entry, in: app) {
            if await !self.core.presence.isOnline(user, in: app.id) { absent.append(user) }
        }
        return absent
    }

    func group(of conversation: Conversation, in app: App) async throws -> Group? {
        guard case .group(let id) = conversation else { return nil }
        return try await self.core.directory.group(id, in: app.id)?.group
    }
}

extension Occurrence {
    /// What it changed, or what was read.
    fileprivate var target: MessageID? {
        switch self {
        case .entry(let entry):
            switch entry.body {
            case .recall(let recall): recall.target
            case .edit(let edit): edit.target
            case .message, .notice: nil
            }
        case .happening(let happening): happening.body.target
        }
    }
}

extension Happening.Body {
    fileprivate var target: MessageID? {
        switch self {
        case .read(let reading): reading.message
        case .deleted(let deletion): if case .message(let id) = deletion.extent { id } else { nil }
        case .group, .presence, .refused, .contact, .reaction, .thread: nil
        }
    }
}

/// How many calls came to which end.
package final class CallbackTally: Sendable {
    private let counts = Mutex<[CallbackRecord.Outcome: Int]>([:])

    func called(_ outcome: CallbackRecord.Outcome) { self.counts.withLock { $0[outcome, default: 0] += 1 } }
    package var outcomes: [CallbackRecord.Outcome: Int] { self.counts.withLock { $0 } }
}
