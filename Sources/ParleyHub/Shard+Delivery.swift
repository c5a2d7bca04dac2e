import NIOCore
import ParleyCore

// MARK: From commits to runs

extension Shard {
    func receive(_ commit: Commit) {
        if !commit.memberships.isEmpty {
            self.handOutRuns()
            for change in commit.memberships { self.apply(change) }
        }
        if let last = commit.entries.last { self.newest = max(self.newest, last.id) }
        var feed: Feed?
        for entry in commit.entries {
            // Entries of one conversation mostly come together.
            if let feed, feed.conversation == entry.conversation {
                feed.run.append(entry)
                continue
            }
            feed = self.feedToExtend(by: entry)
            guard let feed else { continue }
            if feed.run.isEmpty { self.feedsWithRun.append(feed) }
            feed.run.append(entry)
        }
        if self.connecting > 0 { self.mark(commit.entries) }
        if !commit.amendments.isEmpty { self.amend(commit.amendments) }
        guard !commit.announcements.isEmpty else { return }
        self.handOutRuns()
        for announcement in commit.announcements { self.tell(announcement) }
    }

    private func amend(_ amendments: [Amendment]) {
        self.handOutRuns()
        for amendment in amendments {
            guard let feed = self.feeds[amendment.conversation] else { continue }
            let bytes = feed.tail.bytes
            feed.changes += 1
            feed.tail.amend(amendment.sequence, amendment.options)
            self.tailBytes += feed.tail.bytes - bytes
        }
    }

    private func mark(_ entries: [Entry]) {
        for entry in entries {
            guard let sequence = entry.sequence else { continue }
            self.marks[entry.conversation] = (sequence, self.runNumber)
        }
    }

    /// Nil when nobody here reads the conversation.
    private func feedToExtend(by entry: Entry) -> Feed? {
        switch entry.conversation.conversation {
        case .group, .room: return self.feeds[entry.conversation]
        case .direct(let pair):
            self.follow(entry, by: pair.lesser)
            if pair.greater != pair.lesser { self.follow(entry, by: pair.greater) }
            return self.feeds[entry.conversation]
        case .system(let user):
            self.follow(entry, by: user)
            return self.feeds[entry.conversation]
        }
    }

    /// A direct or system conversation that a reader does not know had nothing in it when he connected.
    private func follow(_ entry: Entry, by user: UserID) {
        let conversation = entry.conversation.conversation
        for reader in self.readersByUser[UserKey(app: entry.conversation.app, user: user)] ?? [] {
            if reader.arrival != nil {
                reader.arrival?.touched[conversation] = entry.sequence
            } else if reader.subscriptions[conversation] == nil {
                self.subscribe(reader, to: conversation, after: 0, last: 0, as: nil)
            }
        }
    }

    /// What comes next has to be told after what was committed before it.
    func handOutRuns() { self.handOutRuns { _ in true } }

    func handOutRuns(of isReady: (Feed) -> Bool) {
        guard !self.feedsWithRun.isEmpty else { return }
        for feed in exchange(&self.feedsWithRun, for: []) {
            if isReady(feed) {
                self.handOut(exchange(&feed.run, for: []), of: feed)
            } else {
                self.feedsWithRun.append(feed)
            }
        }
        self.shortenTails()
    }
}

// MARK: From runs to outboxes

extension Shard {
    /// The way of nearly every delivery: one buffer for all who are up to date and may see what everyone may see.
    private func handOut(_ run: [Entry], of feed: Feed) {
        guard let first = run.first?.sequence, let last = run.last?.sequence else { return }
        self.runNumber += 1
        feed.grewAt = self.runNumber
        if first == 1 {
            // It begins, or it begins anew.
            feed.changes += 1
        } else if feed.last == 0 {
            // It shows those who join what was said before, and nobody here knew how far that goes.
            for subscription in feed.subscriptions { subscription.hasUnknownDeletions(through: first - 1) }
        }
        feed.last = max(feed.last, last)
        let tailBytes = feed.tail.bytes
        // Were something missing in the middle, or had the conversation begun anew, nobody could take the run as it is.
        let isWhole = last &- first &+ 1 == UInt64(run.count)
        var changesWhatWasSaid = false
        for entry in run {
            feed.tail.append(entry, limit: self.configuration.tailEntries)
            if feed.tail.apply(entry) { changesWhatWasSaid = true }
        }
        if changesWhatWasSaid { feed.changes += 1 }
        // What was said and changed in the same run is told as it is now: these frames are the tail's, too.
        var common = CommonFrames(changesWhatWasSaid ? run.map(feed.tail.current) : run, of: feed)
        self.select(common.selected, of: feed)
        var deliveries = 0
        for subscription in feed.subscriptions {
            guard subscription.state.isDisjoint(with: .special), subscription.cursor &+ 1 == first, isWhole else {
                self.handOutSpecially(run, through: last, to: subscription)
                continue
            }
            let reader = subscription.reader
            guard subscription.selectedRun != self.runNumber,
                reader.connectedAt.milliseconds <= common.liveOnlySince,
                subscription.shownAfter < common.oldestTarget, reader.outbox.hasRoom
            else {
                self.queue(subscription)
                continue
            }
            // The log knows what of it the user has deleted, and what he has not got yet.
            if changesWhatWasSaid { self.stopHearing(reader) } else { reader.hearing?.append(common.mail) }
            guard common.count > 0 else {
                subscription.pass(to: last)
                self.ringIfHeldBack(reader)
                continue
            }
            subscription.cursor = last
            subscription.newest = common.newest
            reader.noteUnconfirmed(subscription)
            reader.wantsConfirmation = true
            reader.deliver(common.frames(for: subscription))
            self.flushLater(reader, in: feed)
            deliveries &+= common.count
        }
        feed.place = self.crowd.lastPlace
        self.tallies.deliveries += deliveries
        if deliveries > 0, let newest = run.last { self.tallies.time(newest.sentAt, by: self.clock) }
        self.tailBytes += feed.tail.bytes - tailBytes
    }

    private func handOutSpecially(_ run: [Entry], through last: UInt64, to subscription: Subscription) {
        self.ringIfHeldBack(subscription.reader)
        if subscription.hasEnded || subscription.cursor >= last { return }
        guard subscription.state.contains(.discarding), !subscription.state.contains(.queued) else {
            return self.queue(subscription)
        }
        subscription.reader.hearing?.append(run.map { Mail.Item(entry: $0, isVisible: false) })
        subscription.pass(to: last)
    }

    /// Marks those for whom the run is not what it is for everyone else.
    private func select(_ users: Set<UserID>, of feed: Feed) {
        for user in users {
            for reader in self.readersByUser[UserKey(app: feed.conversation.app, user: user)] ?? [] {
                reader.subscriptions[feed.conversation.conversation]?.selectedRun = self.runNumber
            }
        }
    }

    /// When all tails together are too long, the conversations that have been quiet the longest give theirs up.
    private func shortenTails() {
        guard self.tailBytes > self.configuration.tailBytes else { return }
        for feed in self.feeds.values.sorted(by: { $0.grewAt < $1.grewAt }) {
            guard self.tailBytes > self.configuration.tailBytes / 4 * 3 else { return }
            self.tailBytes -= feed.tail.bytes
            feed.tail.removeAll()
        }
    }
}

/// What of a run is for everyone, encoded when the first who wants it comes, once for each form.
struct CommonFrames {
    private let run: [Entry]
    private let entries: [Entry]
    private let feed: Feed
    private var buffers: [ByteBuffer?] = []
    /// Users who are named somewhere in the run: what they may see is theirs alone.
    private(set) var selected: Set<UserID> = []
    /// Readers who connected after this moment (in milliseconds) may not see everything in it.
    private(set) var liveOnlySince = Int64.max
    /// The oldest message that is edited or taken back in it: who may not see what was said then, may not see everything in it.
    private(set) var oldestTarget = UInt64.max

    init(_ run: [Entry], of feed: Feed) {
        var common: [Entry] = []
        common.reserveCapacity(run.count)
        for entry in run {
            let message: Message
            switch entry.body {
            case .notice:
                common.append(entry)
                continue
            case .recall(let recall):
                self.oldestTarget = min(self.oldestTarget, recall.targetSequence ?? .max)
                if let untold = recall.untold { self.selected.insert(untold) }
                if case .only(let users) = recall.audience {
                    self.selected.formUnion(users)
                } else {
                    common.append(entry)
                }
                continue
            case .edit(let edit):
                message = edit.message
                self.oldestTarget = min(self.oldestTarget, edit.targetSequence ?? .max)
                if message.options.isLiveOnly {
                    self.liveOnlySince = min(self.liveOnlySince, edit.target.sentAt.milliseconds)
                }
            case .message(let said):
                message = said
                if said.options.isLiveOnly { self.liveOnlySince = min(self.liveOnlySince, entry.sentAt.milliseconds) }
            }
            switch message.audience {
            case .everyone:
                if !entry.isRecalled { common.append(entry) }
                if !message.options.reachesSender { self.selected.insert(message.sender) }
            case .only(let users):
                self.selected.formUnion(users)
                self.selected.insert(message.sender)
            }
        }
        self.run = run
        self.entries = common
        self.feed = feed
    }

    /// The run for those who listen to the bell: what is for nobody has its place in it too.
    private(set) lazy var mail: [Mail.Item] = {
        var rest = self.entries[...]
        return self.run.map { entry in
            let isCommon = rest.first === entry
            if isCommon { rest.removeFirst() }
            return Mail.Item(entry: entry, isVisible: isCommon)
        }
    }()

    var count: Int { self.entries.count }
    var newest: MessageID { self.entries.last?.id ?? MessageID(rawValue: 0) }

    mutating func frames(for subscription: Subscription) -> ByteBuffer {
        let form = subscription.form
        if form < self.buffers.count, let frames = self.buffers[form] { return frames }
        while self.buffers.count <= form { self.buffers.append(nil) }
        let frames = self.encode(for: subscription)
        self.buffers[form] = frames
        return frames
    }

    /// One buffer; the tail keeps slices of it.
    private func encode(for subscription: Subscription) -> ByteBuffer {
        let reader = subscription.reader
        let end = self.feed.end(of: reader)
        var frames = ByteBuffer()
        // So that the buffer need not grow. Too little is only slower.
        frames.reserveCapacity(self.entries.reduce(0) { $0 + $1.estimatedBytes })
        var starts: [Int] = []
        starts.reserveCapacity(self.entries.count + 1)
        for entry in self.entries {
            starts.append(frames.writerIndex)
            reader.wire.write(entry, for: end, into: &frames)
        }
        starts.append(frames.writerIndex)
        // Only now: a buffer of which there are slices is copied whole by whoever writes to it.
        for (index, entry) in self.entries.enumerated() {
            guard let sequence = entry.sequence,
                let slice = frames.getSlice(at: starts[index], length: starts[index + 1] - starts[index])
            else { continue }
            self.feed.tail.keep(slice, of: sequence, form: subscription.form)
        }
        return frames
    }
}

// MARK: For those online only

extension Shard {
    func broadcast(_ ephemeral: Ephemeral) {
        let entry = ephemeral.entry
        if let recipients = ephemeral.recipients {
            self.broadcast(entry, to: recipients)
            return
        }
        switch entry.conversation.conversation {
        case .group:
            guard let feed = self.feeds[entry.conversation] else { return }
            var frames = LooseFrames(entry)
            let isForAll = entry.message.map { $0.isForEveryone && $0.options.reachesSender } ?? true
            for subscription in feed.subscriptions where subscription.state.isDisjoint(with: [.discarding, .ended]) {
                guard isForAll || entry.isVisible(to: subscription.viewer, for: .delivery) else { continue }
                guard self.write(&frames, to: subscription.reader) else { continue }
                self.flushLater(subscription.reader, in: feed)
            }
        case .direct(let pair):
            self.broadcast(entry, to: pair.lesser == pair.greater ? [pair.lesser] : [pair.lesser, pair.greater])
        case .system(let user): self.broadcast(entry, to: [user])
        case .room: return
        }
    }

    private func broadcast(_ entry: Entry, to users: [UserID]) {
        var frames = LooseFrames(entry)
        for user in users {
            for reader in self.readersByUser[UserKey(app: entry.conversation.app, user: user)] ?? []
            where entry.isVisible(to: Viewer(user: user, connectedAt: reader.connectedAt), for: .delivery) {
                if self.write(&frames, to: reader) { self.flushLater(reader) }
            }
        }
    }

    /// - Returns: false, where there was no room.
    private func write(_ frames: inout LooseFrames, to reader: Reader) -> Bool {
        guard reader.outbox.hasRoom else {
            self.tallies.ephemeralDrops += 1
            return false
        }
        frames.write(to: reader)
        self.tallies.deliveries += 1
        return true
    }
}

/// The frames of what is in no tail: an event, or an entry for those online only. Those of the last form are kept, because neighbours mostly want
/// the same.
struct LooseFrames {
    private let content: News
    /// All ends of anything else see the same.
    private let isDirect: Bool
    private var last: (wireIndex: Int, end: UserID?, frames: ByteBuffer)?

    init(_ entry: Entry) {
        self.content = .entry(entry)
        self.isDirect = if case .direct = entry.conversation.conversation { true } else { false }
    }

    init(_ event: Event, id: MessageID? = nil) {
        self.content = .event(event, id: id)
        self.isDirect = if case .direct = event.conversation { true } else { false }
    }

    /// There is room for them.
    mutating func write(to reader: Reader) {
        guard !reader.takesNews else { return reader.terminal?.told(self.content) ?? () }
        reader.outbox.append(self.frames(for: reader))
    }

    private mutating func frames(for reader: Reader) -> ByteBuffer {
        let end = self.isDirect ? reader.client.user : nil
        if let last, last.wireIndex == reader.wireIndex, last.end == end { return last.frames }
        var frames = ByteBuffer()
        switch self.content {
        case .entry(let entry): reader.wire.write(entry, for: end, into: &frames)
        case .event(let event, _): reader.wire.write(event, for: end, into: &frames)
        }
        self.last = (reader.wireIndex, end, frames)
        return frames
    }
}
