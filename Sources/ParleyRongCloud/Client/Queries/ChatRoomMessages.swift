import ParleyCore

// What is said in a chat room: `chrmPull`, with which a client goes on from where it is, and `qryCHMsg`, its history.

extension ClientQuery {
    /// With time 0, the last `count`: what is shown to who has just come. Otherwise all that is newer; `count` is then only what the SDK would like.
    func pullChatRoom(_ room: GroupID) async throws -> [UInt8] {
        let input = try self.read(WireChrmPullMsg.self)
        let conversation = ConversationID(app: self.app, .group(room))
        let viewer = try await self.core.viewer(self.user, of: conversation)
        let isFirst = input.syncTime <= 0
        let moment = isFirst ? nil : Timestamp(milliseconds: input.syncTime)
        let stretch = try await self.stretch(of: conversation, after: moment)
        var shown =
            if isFirst {
                stretch.filter { $0.entry.isVisible(to: viewer, for: .history) && !$0.entry.isRecalled }
                    .suffix(min(max(0, Int(input.count)), Self.firstPullLimit))
            } else {
                stretch.filter { $0.time > input.syncTime && $0.entry.isVisible(to: viewer, for: .delivery) }[...]
            }
        shown = shown.suffix(Self.pullLimit)

        // Never 0: with that, the next pull would again be of who has just come. In an empty room, from before whatever is said from now on.
        let joinedAt = try await self.core.directory.group(room, in: self.app)?.members[self.user]?.joinedAt
        let beginning = max(1, (joinedAt ?? self.now).milliseconds - 1)
        let output = WireDownStreamMessages.with {
            $0.list = shown.compactMap { isFirst ? self.inHistory($0) : self.delivered($0) }
            $0.syncTime = max(stretch.last?.time ?? beginning, input.syncTime)
            $0.finished = true
        }
        return output.wireBytes
    }

    /// Order 0: older than `time` (0: from the newest); order 1: newer. The list is newest first in both.
    func chatRoomHistory(_ room: GroupID) async throws -> [UInt8] {
        let input = try self.read(WireHistoryMsgInput.self)
        let conversation = ConversationID(app: self.app, .group(room))
        let viewer = try await self.core.viewer(self.user, of: conversation)
        let count = min(max(1, Int(input.count)), Self.historyPage)
        let isForward = input.order == 1
        let stretch =
            isForward
            ? try await self.stretch(of: conversation, following: Timestamp(milliseconds: max(0, input.time)))
            : try await self.stretch(of: conversation, before: input.time > 0 ? input.time : nil)
        let candidates = stretch.timed.filter { isForward ? $0.time > input.time : true }
        let visible = candidates.filter { $0.entry.isVisible(to: viewer, for: .history) && !$0.entry.isRecalled }
        let page = isForward ? visible.prefix(count) : visible.suffix(count)
        let end = isForward ? page.last ?? candidates.last : page.first ?? candidates.first
        let isAtEnd = page.count == visible.count
        let output = WireHistoryMsgOuput.with {
            $0.list = page.reversed().compactMap { self.inHistory($0) }
            // What was passed over at the end of the stretch is not read again.
            let passed = isForward ? candidates.last : candidates.first
            $0.syncTime = (isAtEnd ? passed : end)?.time ?? input.time
            $0.hasMsg_p = !isAtEnd || stretch.hasMore ? 1 : 0
        }
        return output.wireBytes
    }

    private static let firstPullLimit = 50
    /// Who has missed more gets the newest: in a room that is what counts.
    private static let pullLimit = 500
    private static let historyPage = 100

    private func inHistory(_ one: TimedEntry) -> WireDownStreamMessage? {
        ClientSpelling.history(one.entry, for: self.user, dataTime: one.time)
    }

    private func delivered(_ one: TimedEntry) -> WireDownStreamMessage? {
        ClientSpelling.downStream(one.entry, for: self.user, dataTime: one.time)
    }
}

// MARK: - Times

/// An entry of a room with the time that clients know it by.
///
/// Times are clients' cursors, so no two messages of a room may have the same; those of the log may. So the second of a millisecond is shown with
/// the next one, and so on. Reading begins some entries earlier than what is asked for, so that it comes out the same wherever a stretch begins.
private struct TimedEntry {
    var entry: Entry
    var time: Int64

    static let lead = 64

    static func timed(_ entries: some Sequence<Entry>) -> [TimedEntry] {
        var last = Int64.min
        return entries.map { entry in
            last = max(entry.sentAt.milliseconds, last == .min ? .min : last + 1)
            return TimedEntry(entry: entry, time: last)
        }
    }
}

extension ClientQuery {
    private static let stretchLimit = 500
    /// Milliseconds.
    private static let overlap: Int64 = 5000

    /// The newest of a room, or the newest of those after a moment, oldest first.
    private func stretch(of room: ConversationID, after moment: Timestamp?) async throws -> [TimedEntry] {
        let last = try await self.core.log.lastSequence(of: room)
        var reached: UInt64 = 0
        if let moment {
            // The time by which clients know a message may be later than that at which it was sent.
            let sentAt = Timestamp(milliseconds: moment.milliseconds - Self.overlap)
            reached = try await self.core.log.sequence(reachedAt: sentAt, in: room)
        }
        let lead = UInt64(TimedEntry.lead)
        let from = max(reached, last - min(last, UInt64(Self.stretchLimit)))
        let entries = try await self.core.log.entries(
            of: room, after: from - min(from, lead), limit: Self.stretchLimit + TimedEntry.lead)
        return TimedEntry.timed(entries)
    }

    private struct Stretch {
        var timed: [TimedEntry]
        var hasMore: Bool
    }

    /// What follows a moment.
    private func stretch(of room: ConversationID, following moment: Timestamp) async throws -> Stretch {
        let reached = try await self.core.log.sequence(reachedAt: moment, in: room)
        let entries = try await self.core.log.entries(
            of: room, after: reached - min(reached, UInt64(TimedEntry.lead)),
            limit: Self.stretchLimit + TimedEntry.lead)
        let isFull = entries.count == Self.stretchLimit + TimedEntry.lead
        return Stretch(timed: TimedEntry.timed(entries), hasMore: isFull)
    }

    /// What comes before a time, up to it.
    private func stretch(of room: ConversationID, before time: Int64?) async throws -> Stretch {
        var upTo: UInt64?
        if let time {
            upTo = try await self.core.log.sequence(reachedAt: Timestamp(milliseconds: time - 1), in: room)
            if upTo == 0 { return Stretch(timed: [], hasMore: false) }
        }
        let entries = try await self.core.log.entries(
            of: room, upTo: upTo, limit: Self.stretchLimit + TimedEntry.lead)
        let isFull = entries.count == Self.stretchLimit + TimedEntry.lead
        let timed = TimedEntry.timed(entries.reversed()).dropFirst(isFull ? TimedEntry.lead : 0)
        return Stretch(timed: timed.filter { time == nil || $0.time < time! }, hasMore: isFull)
    }
}
