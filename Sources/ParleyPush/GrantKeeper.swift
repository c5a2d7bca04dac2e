import ParleyCore
import ParleyOutbound

/// Keeps what a provider lets in until it expires; several requests that need a new one wait for the same.
actor GrantKeeper {
    private let adapter: any PushAdapter
    private let transport: any Transport
    private let address: AddressRule
    private let clock: any WallClock
    private var grant: PushGrant?
    private var renewal: Task<Result<PushGrant?, GrantFault>, Never>?

    /// Renewed this long before it ends, so that none ends on its way.
    private static let margin = Int64(60)

    init(_ adapter: any PushAdapter, transport: any Transport, address: AddressRule, clock: any WallClock) {
        self.adapter = adapter
        self.transport = transport
        self.address = address
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

    /// The provider no longer takes it.
    func discard(_ grant: PushGrant) { if self.grant == grant { self.grant = nil } }

    private func renewed() async -> Result<PushGrant?, GrantFault> {
        let now = self.clock.now()
        do {
            switch try await self.adapter.access(at: now) {
            case .open: return .success(nil)
            case .made(let grant): return .success(grant)
            case .ask(let request):
                let answer = try await self.transport.send(
                    request, allowing: self.address,
                    timeoutMilliseconds: type(of: self.adapter).policy.timeoutMilliseconds)
                guard let grant = self.adapter.grant(from: answer, at: now) else {
                    let words = String(decoding: answer.body.prefix(200), as: UTF8.self)
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
