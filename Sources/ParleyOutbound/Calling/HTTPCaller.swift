import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
package import NIOSSL

/// Calls others' servers over HTTP: looks up the host, judges every address that it has, and connects to one that was judged
/// (docs/decisions/0011). Follows no redirect and uses no proxy, whatever the environment says.
package final class HTTPCaller: Transport {
    /// What backends and providers answer is a line of JSON.
    static let longestAnswer = 64 * 1024

    private let group: any EventLoopGroup
    private let resolver: any HostResolver
    private let names: Names
    private let clients: Clients

    /// - Parameter now: how old things are is measured with it; how long a call may take is not.
    package init(
        group: any EventLoopGroup, resolver: any HostResolver = SystemResolver(),
        trusting roots: NIOSSLTrustRoots = .default, and moreRoots: [NIOSSLCertificate] = [],
        now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.group = group
        self.resolver = resolver
        self.names = Names(resolver, now: now)
        self.clients = Clients(
            group: group, trusting: roots, and: moreRoots.isEmpty ? [] : [.certificates(moreRoots)], now: now)
    }

    /// Ends calls that are under way, too. Has to be called before the caller is given up, and before its event loops end.
    package func shutDown() async {
        await self.clients.shutDown()
        self.resolver.shutDown()
    }

    /// Whether a call would be made, for a clear word when a URL is set. What protects is that ``send(_:allowing:timeoutMilliseconds:)`` looks again.
    package func check(_ url: String, allowing rule: AddressRule) async throws(OutboundFault) {
        _ = try await self.destinations(of: OutboundURL(url), allowing: rule)
    }

    package func send(
        _ request: OutboundRequest, allowing rule: AddressRule, timeoutMilliseconds: Int64
    ) async throws(OutboundFault) -> OutboundAnswer {
        let url = try OutboundURL(request.url)
        // Nobody waits longer than an hour; a number that was meant as "for ever" must not overflow.
        let limit = TimeAmount.milliseconds(min(max(timeoutMilliseconds, 0), 3_600_000))
        return try await self.within(limit) { deadline in
            var destinations = try await self.destinations(of: url, allowing: rule)
            for index in destinations.indices {
                destinations[index].identity = request.identity
                destinations[index].speaksHTTP2 = request.needsHTTP2
                destinations[index].account = request.account
            }
            return try await self.send(request, to: url, at: destinations, before: deadline)
        }
    }

    private func destinations(
        of url: OutboundURL, allowing rule: AddressRule
    ) async throws(OutboundFault) -> [Destination] {
        let addresses =
            if let literal = try? SocketAddress(ipAddress: url.host, port: 0) {
                [literal]
            } else {
                try await self.names.addresses(of: url.host)
            }
        guard addresses.allSatisfy(rule.allows) else { throw .notAllowed(host: url.host) }
        return addresses.compactMap { $0.ipAddress.map { Destination(host: url.host, address: $0) } }
    }
}

extension HTTPCaller {
    /// Gives up on time, whatever the work does: looking up a name cannot be interrupted.
    private func within(
        _ limit: TimeAmount, _ work: @escaping @Sendable (NIODeadline) async throws -> OutboundAnswer
    ) async throws(OutboundFault) -> OutboundAnswer {
        let deadline = NIODeadline.now() + limit
        let loop = self.group.any()
        let answer = loop.makePromise(of: OutboundAnswer.self)
        let timer = loop.scheduleTask(deadline: deadline) { answer.fail(OutboundFault.timedOut) }
        let task = Task {
            do { answer.succeed(try await work(deadline)) } catch { answer.fail(error) }
        }
        defer {
            timer.cancel()
            task.cancel()
        }
        do {
            return try await withTaskCancellationHandler {
                try await answer.futureResult.get()
            } onCancel: {
                answer.fail(OutboundFault.unreachable("called off"))
            }
        } catch { throw OutboundFault(error) }
    }

    /// The next address is tried only where nothing can have arrived at the one before.
    private func send(
        _ request: OutboundRequest, to url: OutboundURL, at destinations: [Destination], before deadline: NIODeadline
    ) async throws -> OutboundAnswer {
        var last: any Error = OutboundFault.unresolved(host: url.host)
        for destination in destinations {
            do {
                return try await self.clients.use(for: destination) { client in
                    try await Self.send(request, to: url, with: client, before: deadline)
                }
            } catch {
                last = error
                guard OutboundFault.isFailureToConnect(error) else { throw error }
            }
        }
        throw last
    }

    private static func send(
        _ outbound: OutboundRequest, to url: OutboundURL, with client: HTTPClient, before deadline: NIODeadline
    ) async throws -> OutboundAnswer {
        var request = HTTPClientRequest(url: url.text)
        request.method = HTTPMethod(rawValue: outbound.method)
        for header in outbound.headers { request.headers.add(name: header.name, value: header.value) }
        request.headers.replaceOrAdd(name: "User-Agent", value: "Parley")
        if !request.headers.contains(name: "Accept") { request.headers.add(name: "Accept", value: "*/*") }
        if outbound.method != "GET" { request.body = .bytes(ByteBuffer(bytes: outbound.body)) }
        let response = try await client.execute(request, deadline: deadline)
        let body = try await response.body.collect(upTo: Self.longestAnswer)
        return OutboundAnswer(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first },
            body: Array(body.readableBytesView))
    }
}
