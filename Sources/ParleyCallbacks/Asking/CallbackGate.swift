package import ParleyCore
import ParleyDialectKit
import ParleyOutbound
import Synchronization

/// Asks the backends that want to be asked before a message is taken, each within its deadline. Who does not answer is not asked for a while, and everybody's
/// messages go on at once, as the rule has it.
package final class CallbackGate: MessageGate {
    private struct Guard {
        let rule: CallbackRule
        let form: any CallbackForm.Type
        let address: AddressRule
        var breaker: Breaker
        var underWay = 0

        /// Whether it is asked now: not while it is left alone, by one at a time while it is tried, and not by more than it will ever answer in time.
        func mayBeAsked(at now: Int64) -> Bool {
            !self.breaker.isPaused(at: now)
                && self.underWay < (self.breaker.isProbing ? 1 : CallbackGate.questionLimit)
        }
    }

    private struct State {
        var guards: [AppID: [Guard]] = [:]
        var records: [AppID: [CallbackRecord]] = [:]
    }

    /// Questions under way at one backend.
    private static let questionLimit = 512
    /// Beyond it the oldest are forgotten, until they have been written down.
    private static let recordLimit = 1024

    private let transport: any Transport
    private let clock: any WallClock
    private let tally: CallbackTally
    private let monotonic: @Sendable () -> Int64
    private let hasGuards = Atomic(false)
    private let state = Mutex(State())

    init(
        transport: any Transport, clock: any WallClock, tally: CallbackTally,
        monotonic: @escaping @Sendable () -> Int64
    ) {
        self.transport = transport
        self.clock = clock
        self.tally = tally
        self.monotonic = monotonic
    }

    /// From now on these are asked. What is known of those who were asked before stays.
    func change(_ rules: [(app: AppID, ResolvedRule)]) {
        self.state.withLock { state in
            var guards: [AppID: [Guard]] = [:]
            for (app, resolved) in rules {
                let known = state.guards[app]?.first { $0.rule == resolved.rule }
                guards[app, default: []].append(
                    Guard(
                        rule: resolved.rule, form: resolved.form, address: resolved.address,
                        breaker: known?.breaker ?? Breaker(resolved.form.policy.retryBefore),
                        underWay: known?.underWay ?? 0))
            }
            state.guards = guards
            self.hasGuards.store(!guards.isEmpty, ordering: .releasing)
        }
    }

    package func guards(_ app: AppID) -> Bool {
        guard self.hasGuards.load(ordering: .acquiring) else { return false }
        return self.state.withLock { $0.guards[app] != nil }
    }

    package func decide(on attempt: SendAttempt) async throws(Rejection) -> CallbackDecision {
        var attempt = attempt
        var isReplaced = false
        for asked in self.state.withLock({ $0.guards[attempt.app.id] ?? [] }) {
            switch try await self.ask(asked, about: attempt) {
            case .deliver: continue
            case .replace(let message):
                attempt.send.message = message
                isReplaced = true
            case .refuse(let code, let reason): return .refuse(code: code, reason: reason)
            case .drop: return .drop
            }
        }
        return isReplaced ? .replace(attempt.send.message) : .deliver
    }

    // MARK: One of them

    private func ask(_ asked: Guard, about attempt: SendAttempt) async throws(Rejection) -> CallbackDecision {
        let origins = asked.rule.origins ?? asked.form.policy.originsBefore
        let now = self.clock.now()
        guard origins.contains(attempt.send.message.origin),
            let call = asked.form.call(before: attempt, for: asked.rule, at: now)
        else { return .deliver }
        let began = self.monotonic()
        guard self.begin(asked.rule, in: attempt.app.id, at: began) else { return try self.withoutAnswer(asked.rule) }
        var record = CallbackRecord(
            rule: asked.rule.name, call: call.name, entry: attempt.id, sentAt: now, milliseconds: 0, attempts: 1,
            outcome: .unanswered)
        let timeout = asked.rule.timeoutMilliseconds ?? asked.form.policy.timeoutBeforeMilliseconds
        var decision: CallbackDecision?
        do {
            let answer = CallbackAnswer(
                try await self.transport.send(
                    OutboundRequest(call), allowing: asked.address, timeoutMilliseconds: timeout))
            record.status = answer.status
            decision = asked.form.decision(from: answer, on: attempt)
            if decision == nil { record.detail = "the answer is not one of the vendor's" }
        } catch { record.detail = "\(error)" }
        record.milliseconds = self.monotonic() - began
        decision?.describe(in: &record)
        self.note(record, of: asked.rule, in: attempt.app.id, isAnswered: decision != nil)
        guard let decision else { return try self.withoutAnswer(asked.rule) }
        return decision
    }

    private func begin(_ rule: CallbackRule, in app: AppID, at now: Int64) -> Bool {
        self.state.withLock { state in
            guard let index = state.guards[app]?.firstIndex(where: { $0.rule == rule }),
                state.guards[app]?[index].mayBeAsked(at: now) == true
            else { return false }
            state.guards[app]?[index].underWay += 1
            return true
        }
    }

    private func withoutAnswer(_ rule: CallbackRule) throws(Rejection) -> CallbackDecision {
        switch rule.whenUnanswered {
        case .deliver: return .deliver
        case .refuse: throw .callbackFailed
        }
    }

    private func note(_ record: CallbackRecord, of rule: CallbackRule, in app: AppID, isAnswered: Bool) {
        self.tally.called(record.outcome)
        let now = self.monotonic()
        self.state.withLock { state in
            if let index = state.guards[app]?.firstIndex(where: { $0.rule == rule }) {
                state.guards[app]?[index].underWay -= 1
                if isAnswered {
                    state.guards[app]?[index].breaker.succeeded()
                } else {
                    state.guards[app]?[index].breaker.failed(at: now)
                }
            }
            if state.records[app, default: []].count >= Self.recordLimit { state.records[app]?.removeFirst() }
            state.records[app, default: []].append(record)
        }
    }

    /// What was asked since the last time, to be written down.
    func takeRecords() -> [AppID: [CallbackRecord]] {
        self.state.withLock { state in
            defer { state.records = [:] }
            return state.records
        }
    }
}

extension CallbackDecision {
    fileprivate func describe(in record: inout CallbackRecord) {
        switch self {
        case .deliver: record.outcome = .delivered
        case .replace:
            record.outcome = .delivered
            record.detail = "changed"
        case .refuse(let code, let reason):
            record.outcome = .refused
            record.detail = [code.map { "\($0)" }, reason.map { String($0.prefix(200)) }].compactMap { $0 }.joined(
                separator: " ")
        case .drop: record.outcome = .dropped
        }
    }
}
