import NIOCore
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import Synchronization

/// Who may use the console's API.
///
/// Where there is a password, whoever has signed in with it. Where there is none, this machine: by its address *and* by the name that the browser has for it,
/// so that a page of elsewhere whose name leads here (DNS rebinding) stays outside, and not through a proxy, which stands for everybody.
final class Doorkeeper: Sendable {
    static let cookie = "parley-console"
    /// Without a call.
    static let idleSeconds: Int64 = 12 * 3600
    /// After which the browser is told again how long the session lasts.
    static let renewalSeconds: Int64 = 3600
    private static let sessionLimit = 1000
    /// Passwords that are compared at the same time: each costs a hash, and users' passwords wait in the same row.
    static let checkLimit = 4
    /// Wrong passwords a minute from everywhere but this machine: whoever has many addresses is stopped here.
    static let guessLimit = 100
    /// Guesses are counted by account in an App; the administrator of the server is in none.
    private static let app = AppID("/console")

    private struct Session {
        var usedAt: Timestamp
        /// When the browser was told of it last.
        var toldAt: Timestamp

        func isAlive(at now: Timestamp) -> Bool { self.usedAt.adding(seconds: Doorkeeper.idleSeconds) > now }
    }

    private let password: ConsolePassword?
    private let guesses: Guesses
    private let clock: any WallClock
    /// The outside comes in by another name.
    private let isProxied: Bool
    /// By the cookie's value.
    private let sessions = Mutex<[String: Session]>([:])
    private let checks = Atomic<Int>(0)
    private let wrong = Mutex((minute: Int64(0), count: 0))

    init(_ context: ConsoleContext) {
        self.password = context.password
        self.guesses = context.guesses
        self.clock = context.core.clock
        self.isProxied = context.publicURL.map { !Self.isLoopback(name: Self.authority(of: $0)) } ?? false
    }

    // MARK: Pages

    /// Only the console's own page may ask for anything to be done, and no other may read.
    func admitPage(of request: WireRequest) throws(Refusal) {
        if let site = request.header("Sec-Fetch-Site"), site != "same-origin", site != "none" {
            throw .foreignPage
        }
        guard request.method != .GET, request.method != .HEAD else { return }
        guard request.header("X-Parley-Console") == "1" else { throw .foreignPage }
        guard let origin = request.header("Origin") else { return }
        let own = request.header("Host")?.lowercased()
        let isOwn =
            Self.authority(of: origin) == own && own != nil || origin.lowercased() == request.origin.lowercased()
        guard isOwn else { throw .foreignPage }
    }

    // MARK: People

    var hasPassword: Bool { self.password != nil }

    /// Whether whoever asks may see and do everything.
    func knows(_ request: WireRequest) -> Bool {
        guard self.password == nil else { return self.isSignedIn(request) }
        return self.isHere(request)
    }

    /// Somebody at this machine, and nobody between.
    func isHere(_ request: WireRequest) -> Bool {
        guard !self.isProxied, Self.isLoopback(address: request.remoteAddress),
            let host = request.header("Host"), Self.isLoopback(name: host)
        else { return false }
        return !request.headers.contains { Self.isProxys(header: $0.name, $0.value) }
    }

    /// What proxies add, each in its own way.
    private static let proxyHeaders: Set<String> = [
        "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original-forwarded-for",
        "true-client-ip", "cf-connecting-ip", "fly-client-ip",
    ]

    /// nginx, as it comes, passes a request on under this server's own name and says nothing of whom it stands for; but it says `Connection: close`, or `upgrade`
    /// where it is set up for WebSockets, which no browser says of what the console asks.
    private static func isProxys(header name: String, _ value: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("x-forwarded-") || Self.proxyHeaders.contains(name)
            || name == "upgrade" || name == "connection" && value.lowercased() != "keep-alive"
    }

    private func isSignedIn(_ request: WireRequest) -> Bool {
        guard let token = Self.token(in: request) else { return false }
        let now = self.clock.now()
        return self.sessions.withLock { sessions in
            guard let session = sessions[token], session.isAlive(at: now) else { return false }
            sessions[token]?.usedAt = now
            return true
        }
    }

    /// - Returns: the cookie once more, good for as long as at the beginning, when it is time; nil: it is not, or the session has ended meanwhile.
    func renewal(of request: WireRequest) -> String? {
        guard self.password != nil, let token = Self.token(in: request) else { return nil }
        let now = self.clock.now()
        let isDue = self.sessions.withLock { sessions in
            guard let session = sessions[token], session.isAlive(at: now),
                session.toldAt.adding(seconds: Self.renewalSeconds) <= now
            else { return false }
            sessions[token]?.toldAt = now
            return true
        }
        return isDue ? Self.cookie(token, request, maximumAge: Self.idleSeconds) : nil
    }

    /// - Returns: the cookie.
    /// - Throws: ``Refusal``.
    func signIn(_ password: String, _ request: WireRequest) async throws(Refusal) -> String {
        guard let expected = self.password else {
            throw Refusal(
                .conflict, .noPassword,
                self.isHere(request)
                    ? Wording("There is no password: whoever is on this machine is let in.", "未设密码：本机可直接进入。")
                    : Wording(
                        "There is no password (console.password), so only this machine itself is let in.",
                        "未设密码（console.password），因此只有本机可以进入。"))
        }
        let tooMany = Refusal(
            .tooManyRequests, .tooManyGuesses, Wording("Too many wrong passwords: wait a minute.", "密码错误次数过多：请稍等一分钟。"))
        guard self.mayGuess(request) else { throw tooMany }
        defer { self.checks.subtract(1, ordering: .relaxed) }
        guard self.checks.add(1, ordering: .relaxed).newValue <= Self.checkLimit else { throw Refusal.busy }
        let isRight = await expected.matches(password, expected.hash)
        // Again: those that were tried at the same time have failed meanwhile.
        guard self.mayGuess(request) else { throw tooMany }
        guard isRight else {
            self.guessed(request)
            throw Refusal(.unauthorized, .wrongPassword, Wording("The password is wrong.", "密码不正确。"))
        }
        var generator = SystemRandomNumberGenerator()
        let token = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }.hex
        let now = self.clock.now()
        self.sessions.withLock { sessions in
            if sessions.count >= Self.sessionLimit {
                sessions = sessions.filter { $0.value.isAlive(at: now) }
                let oldest = sessions.min { $0.value.usedAt < $1.value.usedAt }?.key
                if sessions.count >= Self.sessionLimit, let oldest { sessions[oldest] = nil }
            }
            sessions[token] = Session(usedAt: now, toldAt: now)
        }
        return Self.cookie(token, request, maximumAge: Self.idleSeconds)
    }

    /// - Returns: the cookie that ends the browser's.
    func signOut(_ request: WireRequest) -> String {
        if let token = Self.token(in: request) { self.sessions.withLock { _ = $0.removeValue(forKey: token) } }
        return Self.cookie("", request, maximumAge: 0)
    }

    private static func cookie(_ value: String, _ request: WireRequest, maximumAge: Int64) -> String {
        let secure = request.origin.hasPrefix("https:") ? "; Secure" : ""
        return
            "\(Self.cookie)=\(value); Path=\(Console.path); Max-Age=\(maximumAge); HttpOnly; SameSite=Strict\(secure)"
    }

    private static func token(in request: WireRequest) -> String? {
        for header in request.headers["Cookie"] {
            for pair in header.split(separator: ";") {
                let parts = pair.trimmingSpaces().split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0] == Self.cookie { return String(parts[1]) }
            }
        }
        return nil
    }

    // MARK: Guesses

    /// At each address he is another one: strangers who guess keep out themselves, and not who knows the password.
    private func administrator(_ request: WireRequest) -> UserID {
        let source = Guesses.source(Self.address(of: request)) ?? "a proxy"
        return UserID("administrator at \(self.isHere(request) ? "this machine" : source)")
    }

    private func mayGuess(_ request: WireRequest) -> Bool {
        let isAdmitted = self.guesses.admits(
            self.administrator(request), in: Self.app, from: Self.address(of: request))
        guard isAdmitted, !self.isHere(request) else { return isAdmitted }
        let minute = self.clock.now().seconds / 60
        return self.wrong.withLock { $0.minute != minute || $0.count < Self.guessLimit }
    }

    private func guessed(_ request: WireRequest) {
        self.guesses.failed(self.administrator(request), in: Self.app, from: Self.address(of: request))
        guard !self.isHere(request) else { return }
        let minute = self.clock.now().seconds / 60
        self.wrong.withLock { $0 = (minute, $0.minute == minute ? $0.count + 1 : 1) }
    }

    /// Where somebody is. A proxy on this machine stands for others, and says last for whom.
    private static func address(of request: WireRequest) -> String {
        guard Self.isLoopback(address: request.remoteAddress),
            let last = request.headers["X-Forwarded-For"].last?.split(separator: ",").last?.trimmingSpaces(),
            (try? SocketAddress(ipAddress: last, port: 0)) != nil
        else { return request.remoteAddress }
        return last
    }

    // MARK: Names

    /// `host:port`, in lower case, of a URL or an origin.
    private static func authority(of url: String) -> String {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        return rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }.lowercased()
    }

    /// Of a `Host`, with or without a port.
    static func isLoopback(name: String) -> Bool {
        var host = name.lowercased()[...]
        if host.hasPrefix("[") {
            host = host.dropFirst().prefix { $0 != "]" }
        } else if let colon = host.firstIndex(of: ":") {
            host = host[..<colon]
        }
        return host == "localhost" || host == "::1" || Self.isLoopback(address: String(host))
    }

    private static func isLoopback(address: String) -> Bool {
        let parts =
            address.hasPrefix("::ffff:") ? address.dropFirst(7).split(separator: ".") : address.split(separator: ".")
        if address == "::1" { return true }
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
