import Logging
import ParleyCore
import ParleyDialectKit

/// Calls one rule's backend about what happens in its App, in the order of each conversation, from where it was when the server last ran.
///
/// The ``Itinerary`` decides; this reads the log, makes the calls and notes what became of them.
struct Follower: Sendable {
    let app: App
    let rule: CallbackRule
    let form: any CallbackForm.Type
    let address: AddressRule
    let office: CallbackOffice

    private enum Event: Sendable {
        case rang
        case woke
        /// The bell rings no more: what is under way is waited for, and nothing else is begun.
        case closing
        case read(Result<(entries: [Entry], through: MessageID), any Error>)
        case again([(CallbackRecord, Entry)])
        case ended(Itinerary.Errand, Attempt)
    }

    private enum Attempt: Sendable {
        case nothingToSend
        case answered(CallbackCall, CallbackAnswer)
        case failed(CallbackCall, CallbackFault)
    }

    /// Records that are noted together, and how long they wait for one another.
    private static let recordCount = 64
    private static let noteInterval = Duration.milliseconds(200)

    private var policy: CallbackPolicy {
        var policy = self.form.policy
        policy.attempts = self.rule.attempts ?? policy.attempts
        return policy
    }

    /// - Parameter bell: yields whenever something was committed. Follows until it ends.
    func run(after start: MessageID, bell: AsyncStream<Void>) async {
        let (events, mailbox) = AsyncStream.makeStream(of: Event.self)
        var itinerary = Itinerary(after: start, self.policy)
        var notes = Notes(through: start)
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in bell { mailbox.yield(.rang) }
                mailbox.yield(.closing)
            }
            group.addTask { await self.knock(mailbox) }
            self.act(&itinerary, &notes, &group, mailbox)
            var isClosing = false
            for await event in events {
                self.take(event, &itinerary, &notes)
                if case .closing = event { isClosing = true }
                if isClosing, itinerary.underWay == 0 { break }
                if !isClosing { self.act(&itinerary, &notes, &group, mailbox) }
                if notes.areDue(at: self.office.monotonic()) { await self.write(&notes, itinerary.through) }
            }
            group.cancelAll()
        }
        await self.write(&notes, itinerary.through)
    }

    /// Wakes the follower now and then: what waits for a time, what is to be sent again, what is to be noted.
    private func knock(_ mailbox: AsyncStream<Event>.Continuation) async {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: Self.noteInterval)) != nil else { return }
            mailbox.yield(.woke)
        }
    }

    private func take(_ event: Event, _ itinerary: inout Itinerary, _ notes: inout Notes) {
        switch event {
        case .rang: itinerary.rang()
        case .woke, .closing: break
        case .read(.success(let page)):
            itinerary.wasRead(page.entries.filter(self.tells), through: page.through)
        case .read(.failure(let error)):
            itinerary.readFailed()
            self.office.logger.error(
                "callbacks: the log cannot be read", metadata: ["rule": "\(self.rule.name)", "error": "\(error)"])
        case .again(let records):
            notes.isLooking = false
            itinerary.sendAgain(records)
        case .ended(let errand, let attempt): self.conclude(errand, attempt, &itinerary, &notes)
        }
    }

    private func act(
        _ itinerary: inout Itinerary, _ notes: inout Notes, _ group: inout DiscardingTaskGroup,
        _ mailbox: AsyncStream<Event>.Continuation
    ) {
        if notes.mayLookForMore(at: self.office.monotonic()) {
            group.addTask { mailbox.yield(.again(await self.whatIsToBeSentAgain())) }
        }
        while true {
            switch itinerary.next(at: self.office.monotonic()) {
            case .read(let after, let limit):
                group.addTask {
                    do {
                        let page = try await self.office.book.entries(in: self.app.id, after: after, limit: limit)
                        mailbox.yield(.read(.success(page)))
                    } catch { mailbox.yield(.read(.failure(error))) }
                }
            case .send(var errand):
                errand.attempts += 1
                if errand.firstSentAt == nil {
                    errand.firstSentAt = self.office.core.clock.now()
                    errand.began = self.office.monotonic()
                }
                let begun = errand
                group.addTask { mailbox.yield(.ended(begun, await self.attempt(begun.entry))) }
            case .wait: return
            }
        }
    }

    // MARK: One call

    /// Whether the rule wants to know.
    private func tells(_ entry: Entry) -> Bool {
        let origins = self.rule.origins ?? self.form.policy.origins
        switch entry.body {
        case .message(let message):
            return self.rule.topics.contains(.message) && origins.contains(message.origin)
                && !message.options.forbiddenCallbacks.contains(.afterSend)
        case .edit(let edit): return self.rule.topics.contains(.edit) && origins.contains(edit.message.origin)
        case .recall: return self.rule.topics.contains(.recall)
        case .notice: return self.rule.topics.contains(.group)
        }
    }

    private func attempt(_ entry: Entry) async -> Attempt {
        let subject = await self.office.subject(entry, in: self.app)
        guard let call = self.form.call(about: subject, for: self.rule, at: self.office.core.clock.now()) else {
            return .nothingToSend
        }
        let timeout = self.rule.timeoutMilliseconds ?? self.form.policy.timeoutMilliseconds
        do {
            let answer = try await self.office.transport.post(
                call, allowing: self.address, timeoutMilliseconds: timeout)
            return .answered(call, answer)
        } catch { return .failed(call, error) }
    }

    private func conclude(
        _ errand: Itinerary.Errand, _ attempt: Attempt, _ itinerary: inout Itinerary, _ notes: inout Notes
    ) {
        let call: CallbackCall
        var status: Int?
        var detail = ""
        var isAccepted = false
        switch attempt {
        case .nothingToSend: return itinerary.skipped(errand)
        case .answered(let sent, let answer):
            call = sent
            status = answer.status
            isAccepted = self.form.accepts(answer)
            if !isAccepted { detail = "the answer is not one of the vendor's" }
        case .failed(let sent, let fault):
            call = sent
            detail = "\(fault)"
        }
        let outcome = itinerary.ended(errand, isAccepted: isAccepted, at: self.office.monotonic())
        guard outcome != .tryAgain else { return }
        self.office.tally.called(outcome == .accepted ? .accepted : .givenUp)
        notes.records.append(
            CallbackRecord(
                id: errand.again?.id, rule: self.rule.name, call: call.name, entry: errand.entry.id,
                sentAt: errand.again?.sentAt ?? errand.firstSentAt ?? self.office.core.clock.now(),
                milliseconds: self.office.monotonic() - errand.began,
                attempts: (errand.again?.attempts ?? 0) + errand.attempts,
                outcome: outcome == .accepted ? .accepted : .givenUp, status: status, detail: detail))
    }

    // MARK: Notes

    /// What is to be written down, some at a time.
    private struct Notes {
        var records: [CallbackRecord] = []
        var through: MessageID
        var writtenAt: Int64 = 0
        var lookedAt: Int64 = 0
        var isLooking = false

        init(through: MessageID) { self.through = through }

        func areDue(at now: Int64) -> Bool {
            self.records.count >= Follower.recordCount || now - self.writtenAt >= 200
        }

        /// What was given up may be wanted again: `parley callbacks retry` says so in the book.
        mutating func mayLookForMore(at now: Int64) -> Bool {
            guard !self.isLooking, now - self.lookedAt >= 1000 else { return false }
            self.isLooking = true
            self.lookedAt = now
            return true
        }
    }

    private func write(_ notes: inout Notes, _ through: MessageID) async {
        notes.writtenAt = self.office.monotonic()
        guard through > notes.through || !notes.records.isEmpty else { return }
        do {
            try await self.office.book.note(
                through > notes.through ? through : nil, of: self.rule.name, in: self.app.id, notes.records)
            notes.through = max(notes.through, through)
            notes.records = []
        } catch {
            // Kept for the next time, but not without bound: what was done is done.
            notes.records = Array(notes.records.suffix(1024))
            self.office.logger.error(
                "callbacks: what was called cannot be noted",
                metadata: ["rule": "\(self.rule.name)", "error": "\(error)"])
        }
    }

    private func whatIsToBeSentAgain() async -> [(CallbackRecord, Entry)] {
        guard
            let records = try? await self.office.book.awaitingAnother(of: self.rule.name, in: self.app.id, limit: 16)
        else { return [] }
        var found: [(CallbackRecord, Entry)] = []
        var lost: [CallbackRecord] = []
        for var record in records {
            if let entry = try? await self.office.core.log.entry(record.entry, in: self.app.id) {
                found.append((record, entry))
            } else {
                record.detail = "what it was about is past keeping"
                lost.append(record)
            }
        }
        if !lost.isEmpty { try? await self.office.book.note(nil, of: self.rule.name, in: self.app.id, lost) }
        return found
    }
}
