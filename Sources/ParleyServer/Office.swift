import Crypto
package import Logging
import NIOPosix
import ParleyCallbacks
package import ParleyCore
import ParleyDialectKit
import ParleyOutbound
import ParleyStore

/// The store without a server: what the administrative commands work in, also while a server runs on the same folder.
package final class Office: Sendable {
    package let core: Core
    private let store: Store
    private let dialects: [any Dialect]

    package init(_ configuration: ServerConfiguration, logger: Logger) throws {
        let clock = SystemClock()
        let identifiers = MessageIDSource(clock: clock)
        let doorbell = Doorbell()
        let store = try Store(configuration.store, clock: clock, identifiers: identifiers, signals: doorbell)
        let core = Core(
            directory: store, log: store, places: store, files: store, signals: doorbell, presence: doorbell,
            push: store, callbacks: store, clock: clock,
            identifiers: identifiers)
        let context = DialectContext(core: core, rates: RateLimiter(clock: clock, isOn: false), logger: logger)
        self.store = store
        self.core = core
        self.dialects = Dialects.all.map { $0.init(context) }
    }

    package func close() { self.store.close() }

    package var callbacks: any CallbackBook { self.store }
    package var pushes: any PushBook { self.store }

    /// - Throws: ``ConfigurationError`` when there is none.
    package func app(_ id: AppID) async throws -> App {
        guard let app = try await self.core.directory.app(id) else {
            throw ConfigurationError(key: "app", reason: "there is no app '\(id)'")
        }
        return app
    }

    package func createApp(_ id: AppID) async throws -> App {
        guard try await self.core.directory.app(id) == nil else {
            throw ConfigurationError(key: "app", reason: "there is an app '\(id)' already")
        }
        let app = App(
            id: id, credentials: Dialects.all.map { $0.newCredential(for: id, secret: Self.newSecret()) },
            createdAt: self.core.clock.now())
        try await self.core.directory.save(app)
        return app
    }

    /// - Parameter changes: `key=value`, with the keys of ``AppSettings/rows``, or `rate.NAME`, `callback.NAME.FIELD`, `push.NAME.FIELD`.
    /// - Throws: ``ConfigurationError`` naming the key.
    package func change(_ id: AppID, _ changes: [String]) async throws -> App {
        var app = try await self.app(id)
        for change in changes { try app.apply(change) }
        try app.checkCallbacks()
        try app.checkPush()
        try await self.checkAddresses(of: app)
        // Again, of what it is by now: others change it too.
        return try await self.core.directory.changeApp(id) { app in
            for change in changes { try app.apply(change) }
            try app.checkCallbacks()
            try app.checkPush()
        } ?? app
    }

    /// A clear word now; what protects is that every call looks again. A name that has no address yet may get one.
    private func checkAddresses(of app: App) async throws {
        let rule: AddressRule
        do { rule = try AddressRule(networks: app.settings.callbackNetworks) } catch {
            throw ConfigurationError(key: AppSettings.callbackNetworksKey, reason: "\(error)")
        }
        let caller = HTTPCaller(group: MultiThreadedEventLoopGroup.singleton)
        let urls =
            app.settings.callbacks.map { ("\(AppSettings.callbackPrefix)\($0.name).url", $0.url) }
            + app.settings.pushProviders.compactMap { provider in
                provider.url.map { ("\(AppSettings.pushPrefix)\(provider.name).url", $0) }
            }
        for (key, url) in urls {
            do throws(OutboundFault) { try await caller.check(url, allowing: rule) } catch {
                if case .unresolved = error { continue }
                await caller.shutDown()
                throw ConfigurationError(key: key, reason: "\(error): see \(AppSettings.callbackNetworksKey)")
            }
        }
        await caller.shutDown()
    }

    package func rotateSecret(of id: AppID, in dialect: DialectName) async throws -> App {
        let app = try await self.app(id)
        return try await self.core.directory.changeApp(id) { app in
            guard let index = app.credentials.firstIndex(where: { $0.dialect == dialect }) else {
                throw ConfigurationError(key: "--dialect", reason: "the app has no credential in '\(dialect)'")
            }
            app.credentials[index].secret = Self.newSecret()
        } ?? app
    }

    package func token(
        for user: UserID, of id: AppID, dialect name: DialectName, lifetimeSeconds: Int64
    ) async throws -> String {
        let app = try await self.app(id)
        guard let dialect = self.dialects.first(where: { type(of: $0).name == name }) else {
            throw ConfigurationError(key: "--dialect", reason: "no dialect is called '\(name)'")
        }
        if try await self.core.directory.user(user, in: id) == nil { try await self.core.importUser(user, in: id) }
        return try dialect.token(for: user, in: app, lifetimeSeconds: lifetimeSeconds)
    }

    package func description(of app: App, showingSecrets: Bool) -> String {
        let lines = app.credentials.map { credential in
            let secret = showingSecrets ? credential.secret : String(repeating: "*", count: 8)
            let details = credential.details.filter {
                !["signatureToleranceSeconds", "singleUseNonces"].contains($0.key)
            }
            .sorted { $0.key < $1.key }.map { "  \($0.key) \($0.value)" }.joined()
            return "  \(credential.dialect): key \(credential.key)  secret \(secret)\(details)"
        }
        let settings = app.rows(showingSecrets: showingSecrets).map { "  \($0.key) = \($0.value)" }
        return ([app.id.rawValue] + lines + settings).joined(separator: "\n")
    }

    private static func newSecret() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { $0.map { $0 }.hex }
    }
}
