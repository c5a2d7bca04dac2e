package import Logging
package import ParleyCore
package import ParleyDialectKit
package import ParleyOutbound
import Synchronization

/// Makes the phones of those ring who are not connected: a follower of the log for each provider of each App. Looks once a second whether an App has changed
/// what it wants.
package final class Pushes: Sendable {
    package let tally = PushTally()
    private let transport: any Transport
    private let forms: [DialectName: any PushForm.Type]
    private let clock: any WallClock
    private let monotonic: @Sendable () -> Int64
    private let followers = Followers<Name, Wish>()
    /// Accounts that cannot be read, so that it is said once.
    private let unreadable = Mutex<Set<PushProvider>>([])

    private let keepers = Mutex<[Name: Kept]>([:])

    private struct Kept {
        let provider: PushProvider
        let address: AddressRule
        let keeper: GrantKeeper
    }

    private struct Name: Hashable {
        let app: AppID
        let provider: String
    }

    private struct Wish: Equatable {
        let app: App
        let provider: PushProvider
    }

    /// - Parameter forms: how each dialect's messages look.
    package init(
        transport: any Transport, forms: [DialectName: any PushForm.Type], clock: any WallClock,
        monotonic: @escaping @Sendable () -> Int64 = uptime
    ) {
        self.transport = transport
        self.forms = forms
        self.clock = clock
        self.monotonic = monotonic
    }

    /// Something was committed: followers look at the log.
    package func rang() { self.followers.ring() }

    /// Follows until it is cancelled; then what is under way is waited for, and noted.
    package func run(_ core: Core, _ book: any PushBook & CallbackBook, logger: Logger) async {
        while !Task.isCancelled {
            await self.look(core, book, logger: logger)
            try? await Task.sleep(for: .seconds(1))
        }
        await self.stop()
    }

    package func stop() async { await self.followers.stop() }

    /// Takes up what the Apps want now; ``run(_:_:logger:)`` does so each second.
    package func look(_ core: Core, _ book: any PushBook & CallbackBook, logger: Logger) async {
        let office = PushOffice(
            core: core, log: book, book: book, forms: self.forms, transport: self.transport, logger: logger,
            tally: self.tally, monotonic: self.monotonic)
        let apps: [App]
        do { apps = try await core.directory.apps() } catch {
            logger.error("push: the apps cannot be read", metadata: ["error": "\(error)"])
            return
        }
        var wishes: [Name: Wish] = [:]
        for app in apps {
            for provider in app.settings.pushProviders where provider.isOn {
                wishes[Name(app: app.id, provider: provider.name)] = Wish(app: app, provider: provider)
            }
        }
        await self.followers.change(to: wishes) { _, wish in await self.begin(wish, office) }
    }

    private func begin(_ wish: Wish, _ office: PushOffice) async -> (@Sendable (AsyncStream<Void>) async -> Void)? {
        guard let adapter = self.adapter(for: wish.provider, office.logger) else { return nil }
        do {
            let address = try AddressRule(networks: wish.app.settings.callbackNetworks)
            let end = try await office.log.end()
            let start = try await office.book.beginPushing(wish.provider.name, in: wish.app.id, at: end)
            let grants = self.grants(for: wish, adapter, address)
            let trail = PushTrail(
                app: wish.app, provider: wish.provider, adapter: adapter, grants: grants, address: address,
                office: office, recoveringThrough: end)
            let follower = Follower(trail, clock: self.clock, monotonic: self.monotonic, logger: office.logger)
            return { bell in await follower.run(after: start, bell: bell) }
        } catch {
            office.logger.error(
                "push: a provider cannot begin", metadata: ["provider": "\(wish.provider.name)", "error": "\(error)"])
            return nil
        }
    }

    /// Kept when some other setting changes: providers count how often somebody asks for another.
    private func grants(for wish: Wish, _ adapter: any PushAdapter, _ address: AddressRule) -> GrantKeeper {
        self.keepers.withLock { keepers in
            let name = Name(app: wish.app.id, provider: wish.provider.name)
            if let known = keepers[name], known.provider == wish.provider, known.address == address {
                return known.keeper
            }
            let keeper = GrantKeeper(
                adapter, transport: self.transport, address: address,
                timeoutMilliseconds: wish.provider.timeout(adapter), clock: self.clock)
            keepers[name] = Kept(provider: wish.provider, address: address, keeper: keeper)
            return keeper
        }
    }

    private func adapter(for provider: PushProvider, _ logger: Logger) -> (any PushAdapter)? {
        do throws(AccountFault) { return try PushAdapters.adapter(for: provider) } catch {
            if self.unreadable.withLock({ $0.insert(provider).inserted }) {
                logger.error(
                    "push: an account cannot be used", metadata: ["provider": "\(provider.name)", "reason": "\(error)"])
            }
            return nil
        }
    }
}

extension PushBook {
    /// Where a provider goes on, or begins: with what is said from now on.
    fileprivate func beginPushing(_ provider: String, in app: AppID, at end: MessageID) async throws -> MessageID {
        if let progress = try await self.pushProgress(of: provider, in: app) { return progress }
        try await self.note(end, of: provider, in: app, [])
        return end
    }
}
