import NIOCore
package import ParleyCore
import ParleyJSON
import Synchronization

/// The push providers, on this machine: speaks every provider's API as its documentation has it, checks what it gets as the provider would, answers with
/// failures that are asked for, and keeps every notice to be looked at. So push can be built, shown and tested with no account anywhere.
///
/// A provider's API is below its kind's name (``url(of:)``); the paths below that are the provider's own. Any credential that is well formed is taken;
/// signatures are verified where ``Configuration/keys`` has something to verify them with. Words in a device token choose what becomes of a notice: see
/// ``TokenWords``.
///
/// It is written from the providers' documentation, and shares no code with the adapters of ParleyPush: each checks the other.
package final class PushSimulator: Sendable {
    private let configuration: Configuration
    private let counter: Counter
    private let certified: SelfSigned
    private let servers = Mutex<Servers?>(nil)

    private struct Servers: Sendable {
        var plain: SimulatorServer
        var secure: SimulatorServer
    }

    /// - Throws: when one of ``Configuration/keys`` is not a key.
    package init(_ configuration: Configuration = Configuration()) throws {
        self.configuration = configuration
        self.counter = try Counter(configuration)
        self.certified = try SelfSigned()
    }

    /// Listens on both ports, of the loopback interface only.
    package func start() async throws {
        let plain = try await SimulatorServer.bind(port: self.configuration.port, counter: self.counter)
        do {
            let secure = try await SimulatorServer.bind(
                port: self.configuration.securePort, counter: self.counter, identity: self.certified)
            self.counter.began(at: [plain.url, secure.url])
            self.servers.withLock { $0 = Servers(plain: plain, secure: secure) }
        } catch {
            await plain.shutDown()
            throw error
        }
    }

    /// Ends connections that are open, too.
    package func shutDown() async {
        let servers = self.servers.withLock { servers in
            defer { servers = nil }
            return servers
        }
        await servers?.plain.shutDown()
        await servers?.secure.shutDown()
        self.counter.inbox.close()
    }

    /// `http://127.0.0.1:PORT`: HTTP/1.1. Empty before ``start()``.
    package var url: String { self.servers.withLock { $0?.plain.url ?? "" } }
    /// `https://127.0.0.1:PORT`: HTTP/2 or HTTP/1.1, whichever is negotiated; APNs by HTTP/2 alone. Empty before ``start()``.
    package var secureURL: String { self.servers.withLock { $0?.secure.url ?? "" } }
    /// PEM of the certificate of ``secureURL``, made for this simulator and good for nothing else: for clients to trust.
    package var certificate: String { self.certified.certificate }

    /// What to set as ``PushProvider/url``: APNs over TLS, the others in the clear.
    package func url(of kind: PushProvider.Kind) -> String {
        (kind == .apns ? self.secureURL : self.url) + "/" + kind.rawValue
    }
}

// MARK: What came

extension PushSimulator {
    /// Oldest first; of one provider or of all (nil). The newest ``Configuration/limit`` are kept.
    package func inbox(
        _ provider: PushProvider.Kind? = nil, purpose: Notice.Purpose? = .notice
    ) -> [Notice] {
        self.counter.inbox.notices.filter {
            (provider == nil || $0.provider == provider) && (purpose == nil || $0.purpose == purpose)
        }
    }

    /// Waits until the inbox has so many notices of a provider (of all: nil), whatever became of them, and so no test has to sleep.
    ///
    /// - Throws: `CancellationError`, also when the simulator is shut down first.
    @discardableResult
    package func notices(_ count: Int, of provider: PushProvider.Kind? = nil) async throws -> [Notice] {
        try await self.counter.inbox.wait { notices in
            notices.count { $0.purpose == .notice && (provider == nil || $0.provider == provider) } >= count
        }
        return self.inbox(provider)
    }

    /// The newest notices as a JSON text, newest first, as `GET /notices` has them.
    package func noticesJSON(limit: Int = 100) -> [UInt8] {
        var json = JSONWriter()
        json.array(self.inbox().reversed().prefix(limit)) { $1.write(to: &$0) }
        return json.bytes
    }

    package func clear() { self.counter.inbox.clear() }
}

// MARK: Failures

extension PushSimulator {
    /// The next `count` notices to a provider that are right in themselves are answered with this HTTP status, and what the provider says with it.
    package func fail(_ provider: PushProvider.Kind, next count: Int, status: Int) {
        self.counter.desk.fail(provider, next: count, .init(verdict: Notice.Verdict(status: status), status: status))
    }

    /// The same in the provider's own way, which is often status 200 and a code.
    package func fail(_ provider: PushProvider.Kind, next count: Int, as verdict: Notice.Verdict) {
        self.counter.desk.fail(provider, next: count, .init(verdict: verdict, status: nil))
    }

    /// What was granted to a provider's clients so far is no longer good, as if its time were over.
    package func expireGrants(of provider: PushProvider.Kind) { self.counter.desk.expireGrants(of: provider) }
}
