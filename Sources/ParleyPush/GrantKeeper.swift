import ParleyCore
import ParleyOutbound

/// Keeps what a provider lets in until it expires; several requests that need a new one wait for the same.
actor GrantKeeper {
    private let adapter: any PushAdapter
    private let transport: any Transport
    private let address: AddressRule
    private let timeoutMilliseconds: Int64
    private let clock: any WallClock
    private var grant: PushGrant?
    private var grantedAt = Timestamp.distantPast
    private var isMade = false
    private var renewal: Task<Result<PushGrant?, GrantFault>, Never>?

    /// Renewed this long before it ends, so that none ends on its way.
    private static let margin = Int64(60)
    private static let makePause = Int64(20 * 60)

    init(
        _ adapter: any PushAdapter, transport: any Transport, address: AddressRule, timeoutMilliseconds: Int64,
        clock: any WallClock
    ) {
        self.adapter = adapter
        self.transport = transport
        self.address = address
        self.timeoutMilliseconds = timeoutMilliseconds
        self.clock = clock
    }

    /// Nil: none is needed.
    func current() async throws(GrantFault) -> PushGrant? {
        if let grant = self.grant, grant.expiresAt > self.clock.now().adding(seconds: Self.margin) { return grant }
        let renewal = self.renewal ?? Task { await self.renewed() }
        self.renewal = renewal
        let result = await renewal.value
        if self.renewal == renewal { self.renewal = nil }
        self.grant = try result.get()
        return self.grant
    }

    /// The provider does not take it. What is made here is made anew only now and then: a provider that refuses the last one would refuse the next, and counts them
    /// (APNs: not more than one in 20 minutes).
    func discard(_ grant: PushGrant) {
        guard self.grant == grant, !self.isMade || self.clock.now() > self.grantedAt.adding(seconds: Self.makePause)
        else { return }
        self.grant = nil
    }

    private func renewed() async -> Result<PushGrant?, GrantFault> {
        let now = self.clock.now()
        do {
            switch try await self.adapter.access(at: now) {
            case .open: return .success(nil)
            case .made(let grant):
                self.isMade = true
                self.grantedAt = now
                return .success(grant)
            case .ask(let request):
                let answer = try await self.transport.send(
                    request, allowing: self.address,
                    timeoutMilliseconds: self.timeoutMilliseconds)
                guard let grant = self.adapter.grant(from: answer, at: now) else {
                    // What was granted after all, in a form that we cannot read, is no business of the log's.
                    let words =
                        answer.status >= 400 ? String(decoding: answer.body.prefix(200), as: UTF8.self) : "unreadable"
                    return .failure(GrantFault(status: answer.status, detail: "no access: \(words)"))
                }
                return .success(grant)
            }
        } catch { return .failure(GrantFault(status: nil, detail: "no access: \(error)")) }
    }
}

struct GrantFault: Error {
    var status: Int?
    var detail: String
}
