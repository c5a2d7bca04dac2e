import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ParleyOutbound
import ParleyTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CallerTests {
    @Test func bodyHeadersAndQueryArriveAndTheAnswerComesBack() async throws {
        let backend = LocalBackend { _ in .answer(.ok, body: #"{"code":0}"#) }
        let (answer, port) = try await backend.serve { port in
            let call = OutboundRequest(
                "POST", "HTTP://127.0.0.1:\(port)/hook?a=1&b=%2F#part",
                headers: [("Content-Type", "application/json")], body: Array(#"{"x":1}"#.utf8))
            return (try await Self.withCaller { try await $0.post(call) }, port)
        }
        #expect(answer.status == 200)
        #expect(answer.body == Array(#"{"code":0}"#.utf8))
        let request = try #require(backend.requests.first)
        #expect(request.head.method == .POST)
        #expect(request.head.uri == "/hook?a=1&b=%2F")
        #expect(String(buffer: request.body) == #"{"x":1}"#)
        #expect(request.head.headers["content-type"] == ["application/json"])
        #expect(request.head.headers["user-agent"] == ["Parley"])
        #expect(request.head.headers["accept"] == ["*/*"])
        #expect(request.head.headers["content-length"] == ["7"])
        #expect(request.head.headers["host"] == ["127.0.0.1:\(port)"])
    }

    @Test func callsInARowShareAConnection() async throws {
        let backend = LocalBackend { _ in .answer(.ok) }
        try await backend.serve { port in
            try await Self.withCaller { caller in
                for _ in 1...3 { try await caller.post("http://127.0.0.1:\(port)") }
            }
        }
        #expect(backend.requests.map(\.connection) == [1, 1, 1])
        #expect(backend.requests.map(\.head.uri) == ["/", "/", "/"])
    }

    @Test func aRedirectIsAnAnswer() async throws {
        let backend = LocalBackend { _ in .answer(.found, headers: ["Location": "/elsewhere"]) }
        let answer = try await backend.serve { port in
            try await Self.withCaller { try await $0.post("http://127.0.0.1:\(port)/") }
        }
        #expect(answer.status == 302)
        #expect(backend.requests.count == 1)
    }

    @Test(arguments: [65536, 65537])
    func anAnswerIsReadUpToABound(_ length: Int) async throws {
        let backend = LocalBackend { _ in .answer(.ok, body: String(repeating: "x", count: length)) }
        let result = try await backend.serve { port in
            await Self.withCaller { await $0.result("http://127.0.0.1:\(port)/") }
        }
        switch result {
        case .success(let answer): #expect(length == 65536 && answer.body.count == length)
        case .failure(let fault): #expect(length == 65537 && fault == .answerTooLong)
        }
    }

    @Test func aServerThatSaysNothingIsGivenUpInTime() async throws {
        let backend = LocalBackend { _ in .silence }
        let result = try await backend.serve { port in
            await Self.withCaller { await $0.result("http://127.0.0.1:\(port)/", timeoutMilliseconds: 50) }
        }
        #expect(result == .failure(.timedOut))
    }

    @Test func aServerThatHangsUpIsUnreachable() async throws {
        let backend = LocalBackend { _ in .hangUp }
        let result = try await backend.serve { port in
            await Self.withCaller { await $0.result("http://127.0.0.1:\(port)/") }
        }
        #expect(result == .failure(.unreachable("the connection was closed without an answer")))
    }

    @Test func nobodyThereIsUnreachable() async throws {
        let port = try await LocalBackend { _ in .silence }.serve { $0 }
        let result = await Self.withCaller { await $0.result("http://127.0.0.1:\(port)/") }
        #expect(result == .failure(.unreachable("Connection refused")))
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com/", "http:///", "http://user@example.com/", "http://a b/",
        "http://exämple/",
        "http://example.com:0/", "http://example.com:65536/", "http://example.com:8x/", "http://ex%61mple.com/",
        "http://[::1/", "http://[127.0.0.1]/", "http://[fe80::1%25eth0]/", "http://a\\@b/", "http+unix://x/",
        "http://example.com/\r\nHost: other",
    ])
    func whatIsNoPlainURLIsRefused(_ url: String) async throws {
        let result = await Self.withCaller(FakeResolver()) { await $0.result(url) }
        #expect(result == .failure(.badURL))
    }

    @Test func afterShuttingDownNothingIsCalled() async throws {
        let backend = LocalBackend { _ in .answer(.ok) }
        let result = try await backend.serve { port in
            let caller = HTTPCaller(group: .singletonMultiThreadedEventLoopGroup)
            try await caller.post("http://127.0.0.1:\(port)/")
            await caller.shutDown()
            return await caller.result("http://127.0.0.1:\(port)/")
        }
        #expect(result == .failure(.unreachable("the server is shutting down")))
        #expect(backend.requests.count == 1)
    }
}

/// Which addresses are gone to.
extension CallerTests {
    @Test(arguments: ["127.0.0.1", "127.1", "2130706433", "[::ffff:127.0.0.1]", "[::1]", "backend.test", "0", "[::]"])
    func loopbackIsRefusedUnlessItWasOpened(_ host: String) async throws {
        let resolver = FakeResolver(
            [
                "backend.test": [["127.0.0.1"]], "127.1": [["127.0.0.1"]], "2130706433": [["127.0.0.1"]],
                "0": [["0.0.0.0"]],
            ])
        let backend = LocalBackend { _ in .answer(.ok) }
        let result = try await backend.serve { port in
            await Self.withCaller(resolver) {
                await $0.result("http://\(host):\(port)/", allowing: try! AddressRule())
            }
        }
        #expect(result == .failure(.notAllowed(host: String(host.filter { !"[]".contains($0) }))))
        #expect(backend.requests.isEmpty)
    }

    @Test func aNameLeadsToTheAddressThatWasJudged() async throws {
        let resolver = FakeResolver(["backend.test": [["127.0.0.1"]], "xn--fiq228c.test": [["127.0.0.1"]]])
        let backend = LocalBackend { _ in .answer(.ok) }
        let port = try await backend.serve { port in
            try await Self.withCaller(resolver) { caller in
                try await caller.post("http://BACKEND.test:\(port)/")
                try await caller.post("http://xn--fiq228c.test:\(port)/")
            }
            return port
        }
        #expect(
            backend.requests.map { $0.head.headers["host"] } == [
                ["backend.test:\(port)"], ["xn--fiq228c.test:\(port)"],
            ])
    }

    @Test func oneAddressThatIsNotAllowedIsEnough() async throws {
        let resolver = FakeResolver(["backend.test": [["127.0.0.1", "10.0.0.1"]]])
        let result = await Self.withCaller(resolver) { await $0.result("http://backend.test/") }
        #expect(result == .failure(.notAllowed(host: "backend.test")))
    }

    @Test func aNameThatMovesIsJudgedAgain() async throws {
        let resolver = FakeResolver(["backend.test": [["127.0.0.1"], ["10.0.0.1"]]])
        let time = Mutex(NIODeadline.now())
        let backend = LocalBackend { _ in .answer(.ok) }
        try await backend.serve { port in
            try await Self.withCaller(resolver, now: { time.withLock { $0 } }) { caller in
                let url = "http://backend.test:\(port)/"
                try await caller.post(url)
                time.withLock { $0 = $0 + .seconds(9) }
                try await caller.post(url)
                #expect(resolver.lookups == ["backend.test"])
                time.withLock { $0 = $0 + .seconds(1) }
                #expect(await caller.result(url) == .failure(.notAllowed(host: "backend.test")))
                #expect(resolver.lookups == ["backend.test", "backend.test"])
            }
        }
        #expect(backend.requests.count == 2)
    }

    @Test func whatOneAppMayReachAnotherMayNot() async throws {
        let resolver = FakeResolver(["backend.test": [["127.0.0.1"]]])
        let backend = LocalBackend { _ in .answer(.ok) }
        try await backend.serve { port in
            try await Self.withCaller(resolver) { caller in
                let url = "http://backend.test:\(port)/"
                try await caller.post(url)
                #expect(
                    await caller.result(url, allowing: try AddressRule()) == .failure(.notAllowed(host: "backend.test"))
                )
            }
        }
        #expect(resolver.lookups == ["backend.test"])
    }

    @Test func whereNobodyIsTheNextAddressIsTried() async throws {
        let resolver = FakeResolver(["backend.test": [["127.0.0.2", "127.0.0.1"]]])
        let backend = LocalBackend { _ in .answer(.ok) }
        let answer = try await backend.serve { port in
            try await Self.withCaller(resolver) { try await $0.post("http://backend.test:\(port)/") }
        }
        #expect(answer.status == 200)
    }

    @Test func aNameWithoutAddressesIsUnresolved() async throws {
        let result = await Self.withCaller(FakeResolver()) { await $0.result("http://backend.test/") }
        #expect(result == .failure(.unresolved(host: "backend.test")))
    }

    @Test func aLookupThatTakesTooLongIsNotWaitedFor() async throws {
        let resolver = FakeResolver(slow: true)
        let result = await Self.withCaller(resolver) {
            await $0.result("http://backend.test/", timeoutMilliseconds: 50)
        }
        resolver.finish()
        #expect(result == .failure(.timedOut))
    }

    @Test func theSystemKnowsLocalhost() async throws {
        let addresses = try await SystemResolver().addresses(of: "localhost")
        let rule = try AddressRule(networks: ["loopback"])
        #expect(!addresses.isEmpty && addresses.allSatisfy(rule.allows))
    }

    @Test func aURLIsCheckedWithoutCallingIt() async throws {
        let resolver = FakeResolver(["backend.test": [["127.0.0.1"]]])
        try await Self.withCaller(resolver) { caller in
            try await caller.check("https://backend.test/", allowing: AddressRule(networks: ["loopback"]))
            await #expect(throws: OutboundFault.notAllowed(host: "backend.test")) {
                try await caller.check("https://backend.test/", allowing: AddressRule())
            }
        }
    }
}

/// Whose certificates are believed.
extension CallerTests {
    @Test(arguments: ["localhost", "127.0.0.1"])
    func aTrustedCertificateOfThatHostIsAccepted(_ host: String) async throws {
        let result = try await Self.resultEncrypted(
            .first, of: host, trusting: .certificates([TestCertificate.first.parsed]))
        #expect(try result.get().status == 200)
    }

    @Test func aCertificateThatNobodyVouchesForIsNot() async throws {
        let result = try await Self.resultEncrypted(.first, of: "localhost", trusting: .default)
        #expect(result == .failure(.unreachable("the certificate is not trusted")))
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func anotherHostsCertificateIsNot(_ host: String) async throws {
        let roots = NIOSSLTrustRoots.certificates([try TestCertificate.elsewhere.parsed])
        let result = try await Self.resultEncrypted(.elsewhere, of: host, trusting: roots)
        #expect(result == .failure(.unreachable("the certificate is another host's")))
    }

    private static func resultEncrypted(
        _ certificate: TestCertificate, of host: String, trusting roots: NIOSSLTrustRoots
    ) async throws -> Result<OutboundAnswer, OutboundFault> {
        try await LocalBackend { _ in .answer(.ok) }.serve(as: certificate) { port in
            await Self.withCaller(FakeResolver(["localhost": [["127.0.0.1"]]]), trusting: roots) {
                await $0.result("https://\(host):\(port)/")
            }
        }
    }
}

extension CallerTests {
    private static func withCaller<T>(
        _ resolver: any HostResolver = SystemResolver(), trusting roots: NIOSSLTrustRoots = .default,
        now: @escaping @Sendable () -> NIODeadline = { .now() }, _ body: (HTTPCaller) async throws -> T
    ) async rethrows -> T {
        let caller = HTTPCaller(
            group: .singletonMultiThreadedEventLoopGroup, resolver: resolver, trusting: roots, now: now)
        do {
            let result = try await body(caller)
            await caller.shutDown()
            return result
        } catch {
            await caller.shutDown()
            throw error
        }
    }
}

extension HTTPCaller {
    fileprivate func post(_ call: OutboundRequest) async throws -> OutboundAnswer {
        try await self.send(call, allowing: AddressRule(networks: ["loopback"]), timeoutMilliseconds: 30_000)
    }

    @discardableResult
    fileprivate func post(_ url: String) async throws -> OutboundAnswer {
        try await self.post(OutboundRequest("POST", url, headers: [("Content-Type", "text/plain")]))
    }

    fileprivate func result(
        _ url: String, allowing rule: AddressRule = try! AddressRule(networks: ["loopback"]),
        timeoutMilliseconds: Int64 = 30_000
    ) async -> Result<OutboundAnswer, OutboundFault> {
        let call = OutboundRequest("POST", url, headers: [("Content-Type", "text/plain")])
        do throws(OutboundFault) {
            return .success(try await self.send(call, allowing: rule, timeoutMilliseconds: timeoutMilliseconds))
        } catch { return .failure(error) }
    }
}

/// Answers from a script: for each name, what the first lookup finds, the second, and so on; the last for all others.
private final class FakeResolver: HostResolver {
    private struct State {
        var answers: [String: [[String]]]
        var lookups: [String] = []
    }

    private let state: Mutex<State>
    private let gate: AsyncStream<Never>
    private let opener: AsyncStream<Never>.Continuation

    /// - Parameter slow: finds nothing before ``finish``.
    init(_ answers: [String: [[String]]] = [:], slow: Bool = false) {
        self.state = Mutex(State(answers: answers))
        (self.gate, self.opener) = AsyncStream.makeStream()
        if !slow { self.opener.finish() }
    }

    var lookups: [String] { self.state.withLock { $0.lookups } }

    func finish() { self.opener.finish() }

    func addresses(of host: String) async throws(OutboundFault) -> [SocketAddress] {
        for await _ in self.gate {}
        let found: [String] = self.state.withLock { state in
            state.lookups.append(host)
            let answers = state.answers[host] ?? []
            if answers.count > 1 { state.answers[host]?.removeFirst() }
            return answers.first ?? []
        }
        return found.map { try! SocketAddress(ipAddress: $0, port: 0) }
    }
}
