import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
package import NIOSSL
package import ParleyDialectKit

/// Calls over HTTP: looks up the host, judges every address that it has, and connects to one that was judged
/// (docs/decisions/0011). Follows no redirect and uses no proxy, whatever the environment says.
package final class HTTPCaller: CallbackTransport {
    /// The vendors' answers are a line of JSON.
    static let longestAnswer = 64 * 1024

    private let group: any EventLoopGroup
    private let names: Names
    private let clients: Clients

    /// - Parameter now: how old things are is measured with it; how long a call may take is not.
    package init(
        group: any EventLoopGroup, resolver: any HostResolver = SystemResolver(),
        trusting roots: NIOSSLTrustRoots = .default, now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.group = group
        self.names = Names(resolver, now: now)
        self.clients = Clients(group: group, trusting: roots, now: now)
    }

    /// Ends calls that are under way, too. Has to be called before the caller is given up, and before its event loops end.
    package func shutDown() async { await self.clients.shutDown() }

    /// Whether a call would be made, for a clear word when a URL is set. What protects is that ``post`` looks again.
    package func check(_ url: String, allowing rule: AddressRule) async throws(CallbackFault) {
        _ = try await self.destinations(of: CallbackURL(url), allowing: rule)
    }

    package func post(
        _ call: CallbackCall, allowing rule: AddressRule, timeoutMilliseconds: Int64
    ) async throws(CallbackFault) -> CallbackAnswer {
        let url = try CallbackURL(call.url)
        // Nobody waits longer than an hour; a number that was meant as "for ever" must not overflow.
        let limit = TimeAmount.milliseconds(min(max(timeoutMilliseconds, 0), 3_600_000))
        return try await self.within(limit) { deadline in
            let destinations = try await self.destinations(of: url, allowing: rule)
            return try await self.post(call, to: url, at: destinations, before: deadline)
        }
    }

    private func destinations(
        of url: CallbackURL, allowing rule: AddressRule
    ) async throws(CallbackFault) -> [Destination] {
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
        _ limit: TimeAmount, _ work: @escaping @Sendable (NIODeadline) async throws -> CallbackAnswer
    ) async throws(CallbackFault) -> CallbackAnswer {
        let deadline = NIODeadline.now() + limit
        let loop = self.group.any()
        let answer = loop.makePromise(of: CallbackAnswer.self)
        let timer = loop.scheduleTask(deadline: deadline) { answer.fail(CallbackFault.timedOut) }
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
                answer.fail(CallbackFault.unreachable("called off"))
            }
        } catch { throw CallbackFault(error) }
    }

    /// The next address is tried only where nothing can have arrived at the one before.
    private func post(
        _ call: CallbackCall, to url: CallbackURL, at destinations: [Destination], before deadline: NIODeadline
    ) async throws -> CallbackAnswer {
        var last: any Error = CallbackFault.unresolved(host: url.host)
        for destination in destinations {
            do {
                return try await self.clients.use(for: destination) { client in
                    try await Self.post(call, to: url, with: client, before: deadline)
                }
            } catch {
                last = error
                guard CallbackFault.isFailureToConnect(error) else { throw error }
            }
        }
        throw last
    }

    private static func post(
        _ call: CallbackCall, to url: CallbackURL, with client: HTTPClient, before deadline: NIODeadline
    ) async throws -> CallbackAnswer {
        var request = HTTPClientRequest(url: url.text)
        request.method = .POST
        request.headers = ["Content-Type": call.contentType, "User-Agent": "Parley", "Accept": "*/*"]
        request.body = .bytes(ByteBuffer(bytes: call.body))
        let response = try await client.execute(request, deadline: deadline)
        let body = try await response.body.collect(upTo: Self.longestAnswer)
        return CallbackAnswer(status: Int(response.status.code), body: Array(body.readableBytesView))
    }
}
