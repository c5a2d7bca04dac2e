import Logging
import ParleyCore
import ParleyDialectKit
import ParleyOutbound

/// Calls one rule's backend about what happens in its App, in the order of each conversation.
struct CallbackTrail: Trail {
    let app: App
    let rule: CallbackRule
    let form: any CallbackForm.Type
    let address: AddressRule
    let office: CallbackOffice

    /// One of the calls about something.
    struct Told: Sendable {
        let occurrence: Occurrence
        let part: CallbackPart
    }

    /// One call, as far as it went.
    struct Report: Sendable {
        var name: String
        var status: Int?
        var detail = ""
    }

    var name: String { "callback \(self.rule.name) of \(self.app.id)" }

    /// A message to a group may be a thousand calls about who is absent.
    var limits: FollowLimits { FollowLimits(page: self.rule.topics.contains(.offline) ? 16 : 256) }

    var retry: RetryPolicy {
        var retry = self.form.policy.retry
        retry.attempts = self.rule.attempts ?? retry.attempts
        return retry
    }

    func read(after: MessageID, limit: Int) async throws -> Stretch<Told, ConversationID> {
        let (occurrences, through) = try await self.office.book.occurrences(
            in: self.app.id, after: after, limit: limit)
        var errands: [Errand<Told, ConversationID>] = []
        for occurrence in occurrences {
            for part in try await self.parts(of: occurrence) { errands.append(self.errand(occurrence, part)) }
        }
        return Stretch(errands: errands, through: through)
    }

    /// In the order of its conversation; whom a message waits for is told of in the order of what waits for him.
    private func errand(
        _ occurrence: Occurrence, _ part: CallbackPart, again: Int64? = nil
    ) -> Errand<Told, ConversationID> {
        let lane: ConversationID =
            if case .absent(let user) = part {
                ConversationID(app: self.app.id, .system(user))
            } else { occurrence.conversation }
        return Errand(Told(occurrence: occurrence, part: part), lane: lane, about: occurrence.id, again: again)
    }

    /// The calls that the rule wants. Who is absent is seen now, when it is told first.
    private func parts(of occurrence: Occurrence) async throws -> [CallbackPart] {
        guard self.concerns(occurrence) else { return [] }
        let topics = occurrence.topics.intersection(self.rule.topics)
        var parts = topics.subtracting([.offline]).isEmpty ? [] : self.form.parts(of: occurrence, for: self.rule)
        if topics.contains(.offline), case .entry(let entry) = occurrence {
            parts += try await self.office.absent(for: entry, in: self.app).map { .absent($0) }
        }
        return parts
    }

    /// Whether it is of those who the rule is about.
    private func concerns(_ occurrence: Occurrence) -> Bool {
        guard case .entry(let entry) = occurrence else { return true }
        let origins = self.rule.origins ?? self.form.policy.origins
        switch entry.body {
        case .message(let message):
            return origins.contains(message.origin) && !message.options.forbiddenCallbacks.contains(.afterSend)
                && self.rule.filter.admits(message, in: entry.conversation.conversation)
        case .edit(let edit):
            return origins.contains(edit.message.origin)
                && self.rule.filter.admits(edit.message, in: entry.conversation.conversation)
        case .recall: return true
        case .notice: return false
        }
    }

    // MARK: One call

    func attempt(_ errand: Errand<Told, ConversationID>) async -> Attempt<Report> {
        var subject: CallbackSubject
        do {
            subject = try await self.office.subject(errand.work.occurrence, errand.work.part, in: self.app)
            if self.form.tellsUnread { subject.unread = try await self.office.unread(after: subject) }
        } catch {
            return .ended(.failed(), Report(name: "", detail: "what it is about cannot be read"))
        }
        guard let call = self.form.call(about: subject, for: self.rule, at: self.office.core.clock.now()) else {
            return .nothing
        }
        var report = Report(name: call.name)
        let timeout = self.rule.timeoutMilliseconds ?? self.form.policy.timeoutMilliseconds
        do {
            let answer = CallbackAnswer(
                try await self.office.transport.send(
                    OutboundRequest(call), allowing: self.address, timeoutMilliseconds: timeout))
            report.status = answer.status
            if self.form.accepts(answer) { return .ended(.accepted, report) }
            report.detail = "the answer is not one of the vendor's"
            return .ended(self.form.mayRetry(after: answer) ? .failed() : .refused, report)
        } catch {
            report.detail = "\(error)"
            return .ended(.failed(), report)
        }
    }

    // MARK: Notes

    func record(
        of errand: Errand<Told, ConversationID>, _ report: Report, _ outcome: ErrandOutcome
    ) -> CallbackRecord {
        var record = self.record(of: errand)
        record.call = report.name
        record.milliseconds = self.office.monotonic() - errand.began
        record.outcome = outcome == .accepted ? .accepted : .givenUp
        record.status = report.status
        record.detail = report.detail
        self.office.tally.called(record.outcome)
        return record
    }

    func record(of errand: Errand<Told, ConversationID>) -> CallbackRecord {
        CallbackRecord(
            id: errand.again, rule: self.rule.name, call: "", entry: errand.about,
            sentAt: errand.firstSentAt ?? self.office.core.clock.now(), milliseconds: 0, attempts: errand.attempts,
            outcome: .givenUp, detail: "there is nothing to tell any more")
    }

    func note(_ progress: MessageID?, _ records: [CallbackRecord]) async throws {
        try await self.office.book.note(progress, of: self.rule.name, in: self.app.id, records)
    }

    /// Which of the calls about something it was that has this name.
    private func part(of occurrence: Occurrence, called name: String) async throws -> CallbackPart {
        var parts = self.form.parts(of: occurrence, for: self.rule)
        if case .entry(let entry) = occurrence, case .message = entry.body, self.rule.topics.contains(.offline) {
            parts += try await self.office.recipients(of: entry, in: self.app).map { .absent($0) }
        }
        guard parts.count > 1 else { return parts.first ?? .whole }
        let subject = try await self.office.subject(occurrence, .whole, in: self.app)
        let now = self.office.core.clock.now()
        return parts.first { part in
            var subject = subject
            subject.part = part
            return self.form.call(about: subject, for: self.rule, at: now)?.name == name
        } ?? .whole
    }

    func wantedAgain() async -> [Errand<Told, ConversationID>] {
        do {
            var found: [Errand<Told, ConversationID>] = []
            var lost: [CallbackRecord] = []
            for var record in try await self.office.book.awaitingAnother(of: self.rule.name, in: self.app.id, limit: 16)
            {
                if let occurrence = try await self.office.book.occurrence(record.entry, in: self.app.id) {
                    let part = try await self.part(of: occurrence, called: record.call)
                    found.append(self.errand(occurrence, part, again: record.id))
                } else {
                    record.detail = "what it was about is past keeping"
                    lost.append(record)
                }
            }
            if !lost.isEmpty { try await self.office.book.note(nil, of: self.rule.name, in: self.app.id, lost) }
            return found
        } catch {
            self.office.logger.error(
                "callbacks: what is to be sent again cannot be read",
                metadata: ["rule": "\(self.rule.name)", "error": "\(error)"])
            return []
        }
    }
}

extension OutboundRequest {
    init(_ call: CallbackCall) {
        self.init("POST", call.url, headers: [("Content-Type", call.contentType)], body: call.body)
    }
}

extension CallbackAnswer {
    init(_ answer: OutboundAnswer) { self.init(status: answer.status, body: answer.body) }
}

extension CallbackPolicy {
    var retry: RetryPolicy {
        RetryPolicy(
            attempts: self.attempts, retryAfterMilliseconds: self.retryAfterMilliseconds,
            failuresBeforePause: self.failuresBeforePause, failureWindowMilliseconds: self.failureWindowMilliseconds,
            pausesMilliseconds: self.pausesMilliseconds)
    }

    /// Of asking before a message: whoever is gone is asked again soon, because until then messages go unasked.
    var retryBefore: RetryPolicy {
        var retry = self.retry
        retry.pausesMilliseconds = [1000, 2000, 5000, 15_000, 30_000]
        return retry
    }
}
