package import Logging
package import ParleyCore

/// Follows the log from where it was when the server last ran, and does what a ``Trail`` wants done about it.
///
/// The ``Itinerary`` decides; this reads, acts, and notes what became of it.
package struct Follower<Path: Trail>: Sendable {
    private typealias Work = Path.Work
    private typealias Lane = Path.Lane

    private let path: Path
    private let clock: any WallClock
    private let monotonic: @Sendable () -> Int64
    private let logger: Logger

    /// - Parameter monotonic: milliseconds of a clock that does not jump.
    package init(_ path: Path, clock: any WallClock, monotonic: @escaping @Sendable () -> Int64, logger: Logger) {
        self.path = path
        self.clock = clock
        self.monotonic = monotonic
        self.logger = logger
    }

    private enum Event: Sendable {
        case rang
        case woke
        /// The bell rings no more: what is under way is waited for, and nothing else is begun.
        case closing
        case read(Result<Stretch<Path.Work, Path.Lane>, any Error>)
        case again([Errand<Path.Work, Path.Lane>])
        case ended(Errand<Path.Work, Path.Lane>, Attempt<Path.Report>)
        case noted(Note<Path.Record>, (any Error)?)
    }

    /// What waits for a time is looked at so often.
    private static var pulse: Duration { .milliseconds(200) }
    /// What could not be noted is kept, but not without bound: what was done is done.
    private static var recordLimit: Int { 4096 }

    /// - Parameter bell: yields whenever something was committed. Follows until it ends.
    package func run(after start: MessageID, bell: AsyncStream<Void>) async {
        let (events, mailbox) = AsyncStream.makeStream(of: Event.self)
        var state = State(after: start, self.path)
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in bell { mailbox.yield(.rang) }
                mailbox.yield(.closing)
            }
            group.addTask { await self.knock(mailbox) }
            self.act(&state, &group, mailbox)
            for await event in events {
                self.take(event, &state)
                if state.isClosing, state.itinerary.underWay == 0, !state.isNoting { break }
                // Nothing more is done while what was done cannot be noted: it would be done again after a crash.
                if !state.isClosing, !state.cannotNote { self.act(&state, &group, mailbox) }
                self.note(&state, &group, mailbox)
            }
            group.cancelAll()
        }
        await self.noteTheRest(state)
    }

    private struct State {
        var itinerary: Itinerary<Path.Work, Path.Lane>
        var isClosing = false
        /// Not noted yet.
        var records: [Path.Record] = []
        var notedThrough: MessageID
        var isNoting = false
        var notedAt: Int64 = 0
        var cannotNote = false
        var rangAt: Int64 = 0
        var lookedAt: Int64 = 0
        var isLooking = false

        init(after start: MessageID, _ path: Path) {
            self.itinerary = Itinerary(after: start, path.retry, limits: path.limits)
            self.notedThrough = start
        }

        var progress: MessageID? {
            let through = self.itinerary.through
            return through > self.notedThrough ? through : nil
        }

        /// What was given up may be wanted again.
        mutating func mayLookForMore(at now: Int64) -> Bool {
            guard !self.isLooking, now - self.lookedAt >= 1000 else { return false }
            self.isLooking = true
            self.lookedAt = now
            return true
        }
    }

    private func knock(_ mailbox: AsyncStream<Event>.Continuation) async {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: Self.pulse)) != nil else { return }
            mailbox.yield(.woke)
        }
    }

    // MARK: What comes in

    private func take(_ event: Event, _ state: inout State) {
        switch event {
        case .rang: state.itinerary.rang()
        case .woke: self.lookAnyway(&state)
        case .closing: state.isClosing = true
        case .read(.success(let stretch)): state.itinerary.wasRead(stretch)
        case .read(.failure(let error)):
            state.itinerary.readFailed()
            self.complain("the log cannot be read", error)
        case .again(let errands):
            state.isLooking = false
            state.itinerary.wantAgain(errands)
        case .ended(let errand, let attempt): self.conclude(errand, attempt, &state)
        case .noted(let note, let error):
            state.isNoting = false
            state.notedAt = self.monotonic()
            state.cannotNote = error != nil
            guard let error else {
                state.notedThrough = max(state.notedThrough, note.through)
                state.itinerary.noted(note.heldCount)
                return
            }
            state.records = Array((note.records + state.records).suffix(Self.recordLimit))
            self.complain("what was done cannot be noted", error)
        }
    }

    /// A bell is a hint. What rang before the follower listened, or while the log could not be read, is found a second later.
    private func lookAnyway(_ state: inout State) {
        guard self.monotonic() - state.rangAt >= 1000 else { return }
        state.rangAt = self.monotonic()
        state.itinerary.rang()
    }

    private func conclude(
        _ errand: Errand<Path.Work, Path.Lane>, _ attempt: Attempt<Path.Report>, _ state: inout State
    ) {
        switch attempt {
        case .nothing:
            state.itinerary.skipped(errand)
            if errand.again != nil { state.records.append(self.path.record(of: errand)) }
        case .ended(let verdict, let report):
            guard let outcome = state.itinerary.ended(errand, verdict, at: self.monotonic()) else { return }
            state.records.append(self.path.record(of: errand, report, outcome))
        }
    }

    // MARK: What is done

    private func act(
        _ state: inout State, _ group: inout DiscardingTaskGroup, _ mailbox: AsyncStream<Event>.Continuation
    ) {
        if state.mayLookForMore(at: self.monotonic()) {
            state.itinerary.looksAgain()
            group.addTask { mailbox.yield(.again(await self.path.wantedAgain())) }
        }
        while true {
            switch state.itinerary.next(at: self.monotonic()) {
            case .read(let after, let limit):
                group.addTask {
                    do {
                        mailbox.yield(.read(.success(try await self.path.read(after: after, limit: limit))))
                    } catch { mailbox.yield(.read(.failure(error))) }
                }
            case .send(var errand):
                errand.attempts += 1
                if errand.firstSentAt == nil {
                    errand.firstSentAt = self.clock.now()
                    errand.began = self.monotonic()
                }
                let begun = errand
                group.addTask { mailbox.yield(.ended(begun, await self.path.attempt(begun))) }
            case .wait: return
            }
        }
    }

    // MARK: Notes

    /// One at a time; what comes to its end meanwhile is noted together.
    private func note(
        _ state: inout State, _ group: inout DiscardingTaskGroup, _ mailbox: AsyncStream<Event>.Continuation
    ) {
        guard !state.isNoting, state.progress != nil || !state.records.isEmpty else { return }
        let elapsed = self.monotonic() - state.notedAt
        // How far all is done is worth a write now and then; a disk that refused one is not asked again at once.
        let patience =
            state.records.isEmpty || state.cannotNote
            ? max(1000, self.path.limits.noteAfterMilliseconds) : self.path.limits.noteAfterMilliseconds
        let isFull = !state.cannotNote && state.records.count >= self.path.limits.batch
        guard isFull || elapsed >= patience else { return }
        let progress = state.progress
        let note = Note(
            through: state.itinerary.through, records: state.records, heldCount: state.itinerary.held.count)
        state.isNoting = true
        state.records = []
        group.addTask {
            do {
                try await self.path.note(progress, note.records)
                mailbox.yield(.noted(note, nil))
            } catch { mailbox.yield(.noted(note, error)) }
        }
    }

    private func noteTheRest(_ state: State) async {
        guard state.progress != nil || !state.records.isEmpty else { return }
        do { try await self.path.note(state.progress, state.records) } catch {
            self.complain("what was done cannot be noted", error)
        }
    }

    private func complain(_ words: Logger.Message, _ error: any Error) {
        self.logger.error(words, metadata: ["follower": "\(self.path.name)", "error": "\(error)"])
    }
}

/// What one transaction notes.
private struct Note<Record: Sendable>: Sendable {
    var through: MessageID
    var records: [Record]
    /// Of what is held until it is noted, how many are in it: the first.
    var heldCount: Int
}
