import NIOCore
package import NIOHTTP1
package import ParleyCore
package import ParleyDialectKit
import Synchronization

/// The calls and messages of late, in memory: the newest ``itemLimit`` of them, and no more than ``byteLimit``.
///
/// Nothing is recorded while nobody looks: then a call costs the look at one flag. Where recording is always on (the demo), no more than
/// ``unseenPerSecond`` are recorded meanwhile, so that load does not pay for what nobody could read. Bodies are shared with whoever has them, or cut.
package final class Journal: Sendable {
    package static let itemLimit = 4000
    package static let byteLimit = 16 << 20
    /// Of a body, in bytes.
    package static let bodyLimit = 64 << 10
    /// Without anybody who asks for news.
    package static let patienceSeconds: Int64 = 5 * 60
    /// While nobody looks, of calls and messages together.
    package static let unseenPerSecond = 500
    /// Of those who wait for news.
    static let waiterLimit = 64

    struct Item: Sendable {
        let number: Int
        let at: Timestamp
        let body: Body
        fileprivate let bytes: Int

        enum Body: Sendable {
            case call(RecordedCall)
            case entry(Entry)
        }
    }

    private struct State {
        var items = CircularBuffer<Item>()
        var bytes = 0
        var last = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var tickets = 0
        var isClosed = false
    }

    private let clock: any WallClock
    /// Whether anybody asks or not (the demo).
    private let isAlwaysOn: Bool
    private let isOn: Atomic<Bool>
    /// When somebody last asked for news, in milliseconds.
    private let askedAt = Atomic(Timestamp.distantPast.milliseconds)
    private let unseen = Allowance(perSecond: Journal.unseenPerSecond)
    private let state = Mutex(State())

    package init(clock: any WallClock, isAlwaysOn: Bool) {
        self.clock = clock
        self.isAlwaysOn = isAlwaysOn
        self.isOn = Atomic(isAlwaysOn)
    }

    package var isRecording: Bool { self.isOn.load(ordering: .relaxed) }

    struct Size: Sendable {
        var calls: Int
        var messages: Int
        var bytes: Int
        /// Who wait for news.
        var waiting: Int
    }

    var size: Size {
        self.state.withLock { state in
            let calls = state.items.count { if case .call = $0.body { true } else { false } }
            return Size(
                calls: calls, messages: state.items.count - calls, bytes: state.bytes,
                waiting: state.waiters.count)
        }
    }

    // MARK: Recording

    /// Answers by the dialect; while somebody looks, what was found out is kept.
    package func answer(_ request: WireRequest, by dialect: any Dialect) async -> WireResponse {
        guard self.continuesRecording() else { return await dialect.answer(request) }
        return await self.record(request, by: dialect).response
    }

    /// - Returns: also the number by which the call is found.
    func record(_ request: WireRequest, by dialect: any Dialect) async -> (response: WireResponse, number: Int) {
        let trace = CallTrace()
        var traced = request
        traced.trace = trace
        let began = ContinuousClock.now
        let response = await dialect.answer(traced)
        let call = RecordedCall(
            request, response, dialect: type(of: dialect), findings: trace.findings,
            duration: ContinuousClock.now - began)
        return (response, self.add(.call(call), bytes: call.bytes, at: request.receivedAt))
    }

    /// A request that was not read to its end; without a head, when not even that could be read.
    package func refused(
        _ fault: TransportFault, _ head: HTTPRequestHead?, from address: String, by dialect: (any Dialect)?,
        _ response: WireResponse
    ) {
        guard self.continuesRecording() else { return }
        let trace = CallTrace()
        trace.refused(Explanation(fault))
        let request = WireRequest(
            method: head?.method ?? .RAW(value: ""), target: head?.uri ?? "", headers: head?.headers ?? [:], body: [],
            remoteAddress: address, receivedAt: self.clock.now())
        let call = RecordedCall(
            request, response, dialect: dialect.map { type(of: $0) }, findings: trace.findings, duration: nil)
        _ = self.add(.call(call), bytes: call.bytes, at: request.receivedAt)
    }

    /// On the writer's thread, after each commit.
    package func committed(_ entries: [Entry]) {
        for entry in entries {
            guard self.continuesRecording() else { return }
            _ = self.add(.entry(entry), bytes: entry.roughBytes, at: entry.sentAt)
        }
    }

    private func add(_ body: Item.Body, bytes: Int, at moment: Timestamp) -> Int {
        let (number, waiters) = self.state.withLock { state in
            state.last += 1
            state.items.append(Item(number: state.last, at: moment, body: body, bytes: bytes))
            state.bytes += bytes
            while state.items.count > Self.itemLimit || state.bytes > Self.byteLimit, state.items.count > 1 {
                state.bytes -= state.items.removeFirst().bytes
            }
            defer { state.waiters = [:] }
            return (state.last, Array(state.waiters.values))
        }
        for waiter in waiters { waiter.resume() }
        return number
    }

    /// Ends the recording when nobody looks any more, and gives up what was kept.
    private func continuesRecording() -> Bool {
        guard self.isRecording else { return false }
        let now = self.clock.now()
        if self.isLookedAt(now) { return true }
        guard !self.isAlwaysOn else { return self.unseen.take(at: now) }
        return self.state.withLock { state in
            guard !self.isLookedAt(now) else { return true }
            self.isOn.store(false, ordering: .relaxed)
            state.items.removeAll()
            state.bytes = 0
            return false
        }
    }

    private func isLookedAt(_ now: Timestamp) -> Bool {
        let asked = Timestamp(milliseconds: self.askedAt.load(ordering: .relaxed))
        return asked.adding(seconds: Self.patienceSeconds) >= now
    }

    // MARK: Looking

    struct Piece: Sendable {
        /// Oldest first.
        var items: [Item]
        /// Of the last item that there is, whosever.
        var next: Int
        /// So many more came, and are left out.
        var skipped: Int
    }

    /// The newest `limit` of what concerns an App and came after a number. From now on what comes is recorded.
    func look(after number: Int, in app: AppID, limit: Int) -> Piece {
        let now = self.clock.now()
        return self.state.withLock { state in
            self.askedAt.store(now.milliseconds, ordering: .relaxed)
            self.isOn.store(true, ordering: .relaxed)
            // The server has begun anew: whoever asks has numbers of the one before.
            let number = number > state.last ? 0 : number
            var piece = Piece(items: [], next: state.last, skipped: 0)
            if number > 0, let first = state.items.first { piece.skipped = max(0, first.number - 1 - number) }
            for item in state.items.reversed() {
                guard item.number > number else { break }
                guard item.concerns(app) else { continue }
                if piece.items.count < limit { piece.items.append(item) } else { piece.skipped += 1 }
            }
            piece.items.reverse()
            return piece
        }
    }

    func call(_ number: Int, in app: AppID) -> Item? {
        self.state.withLock { state in
            guard let first = state.items.first, number >= first.number, number <= state.last else { return nil }
            let item = state.items[state.items.index(state.items.startIndex, offsetBy: number - first.number)]
            guard item.concerns(app), case .call = item.body else { return nil }
            return item
        }
    }

    /// The newest entry of each, the newest first.
    func recentConversations(in app: AppID, limit: Int) -> [Entry] {
        let items = self.state.withLock { $0.items }
        var seen: Set<Conversation> = []
        var newest: [Entry] = []
        for item in items.reversed() {
            guard case .entry(let entry) = item.body, entry.conversation.app == app,
                seen.insert(entry.conversation.conversation).inserted
            else { continue }
            newest.append(entry)
            if newest.count == limit { break }
        }
        return newest
    }

    /// Returns when something comes after that number, or when the time is over, or at once when too many wait already.
    func news(after number: Int, within duration: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.news(after: number) }
            group.addTask { try? await Task.sleep(for: duration) }
            await group.next()
            group.cancelAll()
        }
    }

    private func news(after number: Int) async {
        let ticket = self.state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayWait = self.state.withLock { state in
                    guard !state.isClosed, !Task.isCancelled, state.last <= number,
                        state.waiters.count < Self.waiterLimit
                    else { return false }
                    state.waiters[ticket] = continuation
                    return true
                }
                if !mayWait { continuation.resume() }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
        }
    }

    var hasRoomForWaiter: Bool { self.state.withLock { $0.waiters.count < Self.waiterLimit } }
    /// The server is stopping: nobody is to wait.
    var isClosed: Bool { self.state.withLock { $0.isClosed } }

    func close() {
        let waiters = self.state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }
}

extension Journal.Item {
    /// A call that names no App that there is may have been meant for any.
    fileprivate func concerns(_ app: AppID) -> Bool {
        switch self.body {
        case .call(let call): call.findings.app == nil || call.findings.app == app
        case .entry(let entry): entry.conversation.app == app
        }
    }
}

extension Entry {
    /// About what it holds on to.
    fileprivate var roughBytes: Int {
        switch self.body {
        case .message(let message): 500 + message.roughBytes
        case .edit(let edit): 500 + edit.message.roughBytes
        case .recall, .notice: 500
        }
    }
}

extension Message {
    fileprivate var roughBytes: Int {
        let users = if case .only(let users) = self.audience { users.count } else { 0 }
        return self.native.payload.count * 2 + users * 32
    }
}
