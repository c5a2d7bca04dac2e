import Logging
import ParleyCore
import ParleyDialectKit
import ParleyOutbound

/// Tells one provider of the messages that its devices' users are not there to read.
struct PushTrail: Trail {
    let app: App
    let provider: PushProvider
    let adapter: any PushAdapter
    let grants: GrantKeeper
    let address: AddressRule
    let office: PushOffice
    /// Up to here the server may have pushed before it ended: what it noted is not pushed again.
    let recoveringThrough: MessageID

    /// Whose phone: what is said to one comes in order.
    struct Lane: Hashable, Sendable {
        let user: UserID
        let device: String
    }

    struct Report: Sendable {
        var outcome: PushRecord.Outcome?
        var status: Int?
        var detail = ""
    }

    private typealias Ring = Errand<PushNotice, Lane>

    var name: String { "push \(self.provider.name) of \(self.app.id)" }
    var retry: RetryPolicy { self.policy.retry }
    var limits: FollowLimits {
        // Noted at once: what is not noted when the server ends is pushed again.
        FollowLimits(
            outstanding: 256, page: 64, calls: self.policy.calls, noteAfterMilliseconds: 0, notesBeforeNext: true)
    }
    private var policy: PushPolicy { type(of: self.adapter).policy }

    // MARK: What is to be pushed

    /// A page ends with the message that makes it so many: large groups have thousands of phones.
    var noticesAtOnce = 2000

    func read(after: MessageID, limit: Int) async throws -> Stretch<PushNotice, Lane> {
        let (entries, through) = try await self.office.log.entries(in: self.app.id, after: after, limit: limit)
        var errands: [Ring] = []
        var reached = through
        var maker = NoticeMaker(self.office, self.app, self.provider)
        for entry in entries {
            guard let message = entry.message, self.concerns(entry, message) else { continue }
            for notice in try await maker.notices(about: entry, message) {
                let lane = Lane(user: notice.device.user, device: notice.device.device)
                errands.append(Errand(notice, lane: lane, about: entry.id))
            }
            // What is left of the page is read again when these are done.
            if errands.count >= self.noticesAtOnce {
                reached = entry.id
                break
            }
        }
        if after < self.recoveringThrough, let first = entries.first?.id, let last = entries.last?.id {
            let done = try await self.office.book.pushed(first...last, by: self.provider.name, in: self.app.id)
            errands.removeAll { done.contains($0.work.key) }
        }
        return Stretch(errands: errands, through: reached)
    }

    /// Whether anybody's phone may ring for it at all.
    private func concerns(_ entry: Entry, _ message: Message) -> Bool {
        !message.options.push.isDisabled && !message.options.isLiveOnly && !entry.isRecalled
            && entry.sentAt.adding(seconds: PushRules.stalest) > self.office.core.clock.now()
    }

    // MARK: One notice

    func attempt(_ errand: Errand<PushNotice, Lane>) async -> Attempt<Report> {
        var notice = errand.work
        do {
            guard try await self.office.isStillWanted(notice) else { return .nothing }
        } catch { return .ended(.failed(), Report(detail: "whether it is still wanted cannot be read")) }
        notice.badge = await self.office.badge(of: notice)
        let grant: PushGrant?
        do throws(GrantFault) { grant = try await self.grants.current() } catch {
            return .ended(.failed(), Report(status: error.status, detail: error.detail))
        }
        let now = self.office.core.clock.now()
        let request: OutboundRequest
        do throws(PushRefusal) { request = try self.adapter.request(for: notice, with: grant, at: now) } catch {
            return .ended(.refused, Report(outcome: .refused, detail: error.reason))
        }
        do {
            let answer = try await self.office.transport.send(
                request, allowing: self.address, timeoutMilliseconds: self.provider.timeout(self.adapter))
            return await self.conclude(self.adapter.verdict(on: answer, at: now), answer.status, notice, grant)
        } catch { return .ended(.failed(), Report(detail: "\(error)")) }
    }

    private func conclude(
        _ verdict: PushVerdict, _ status: Int, _ notice: PushNotice, _ grant: PushGrant?
    ) async -> Attempt<Report> {
        switch verdict {
        case .accepted(let id):
            return .ended(.accepted, Report(outcome: .accepted, status: status, detail: id ?? ""))
        case .unregistered:
            do { try await self.office.book.forget(notice.device, in: self.app.id) } catch {
                self.office.logger.error("push: a device cannot be forgotten", metadata: ["error": "\(error)"])
            }
            return .ended(.refused, Report(outcome: .unregistered, status: status))
        case .refused(let reason):
            return .ended(.refused, Report(outcome: .refused, status: status, detail: reason))
        case .unauthorized(let reason):
            if let grant { await self.grants.discard(grant) }
            return .ended(.failed(retryAfterMilliseconds: 100), Report(status: status, detail: reason))
        case .later(let reason, let after):
            return .ended(.failed(retryAfterMilliseconds: after), Report(status: status, detail: reason))
        }
    }

    // MARK: Notes

    func record(of errand: Errand<PushNotice, Lane>, _ report: Report, _ outcome: ErrandOutcome) -> PushRecord {
        var record = self.record(of: errand)
        record.milliseconds = self.office.monotonic() - errand.began
        record.outcome = report.outcome ?? (outcome == .accepted ? .accepted : .givenUp)
        record.status = report.status
        record.detail = String(report.detail.prefix(200))
        self.office.tally.pushed(self.provider.kind, record.outcome)
        return record
    }

    func record(of errand: Errand<PushNotice, Lane>) -> PushRecord {
        let notice = errand.work
        return PushRecord(
            id: errand.again, provider: self.provider.name, kind: self.provider.kind, message: notice.message,
            user: notice.device.user, device: notice.device.device, title: notice.look.title, text: notice.look.text,
            sentAt: errand.firstSentAt ?? self.office.core.clock.now(), milliseconds: 0, attempts: errand.attempts,
            outcome: .givenUp)
    }

    func note(_ progress: MessageID?, _ records: [PushRecord]) async throws {
        try await self.office.book.note(progress, of: self.provider.name, in: self.app.id, records)
    }

    func wantedAgain() async -> [Errand<PushNotice, Lane>] { [] }
}

extension PushNotice {
    var key: PushRecord.Key {
        PushRecord.Key(message: self.message, user: self.device.user, device: self.device.device)
    }
}
