package import Logging
package import ParleyCore
package import ParleyDialectKit
package import ParleyOutbound
import Synchronization

/// A rule, with what it takes to follow it.
struct ResolvedRule: Sendable {
    let rule: CallbackRule
    let form: any CallbackForm.Type
    let address: AddressRule
}

/// Calls backends: before messages are taken (``gate``), and about what is in the log. Looks once a second whether an App has changed what it wants.
package final class Callbacks: Sendable {
    package let gate: CallbackGate
    package let tally: CallbackTally
    private let transport: any Transport
    private let forms: [DialectName: any CallbackForm.Type]
    private let clock: any WallClock
    private let monotonic: @Sendable () -> Int64
    private let followers = Followers<Name, Wish>()
    private let looks = Mutex(Looks())

    /// One that began earlier and ends later knows less.
    private struct Looks {
        var begun = 0
        var newest = 0
    }

    private struct Name: Hashable {
        let app: AppID
        let rule: String
    }

    private struct Wish: Equatable {
        let app: App
        let rule: CallbackRule
    }

    /// - Parameters:
    ///   - asking: what asks before messages. Its connections are its own: slow calls about old messages do not hold up new ones.
    ///   - forms: how each dialect calls.
    package init(
        transport: any Transport, asking: any Transport, forms: [DialectName: any CallbackForm.Type],
        clock: any WallClock, monotonic: @escaping @Sendable () -> Int64 = uptime
    ) {
        let tally = CallbackTally()
        self.transport = transport
        self.forms = forms
        self.clock = clock
        self.monotonic = monotonic
        self.tally = tally
        self.gate = CallbackGate(transport: asking, clock: clock, tally: tally, monotonic: monotonic)
    }

    /// Something was committed: followers look at the log.
    package func rang() { self.followers.ring() }

    // MARK: Life

    /// Follows until it is cancelled; then what is under way is waited for, and noted.
    package func run(_ core: Core, _ book: any CallbackBook, logger: Logger) async {
        let office = self.office(core, book, logger)
        while !Task.isCancelled {
            await self.look(office)
            await self.noteAnswers(office)
            try? await Task.sleep(for: .seconds(1))
        }
        await self.noteAnswers(office)
        await self.stop()
    }

    /// No more calls are begun; what is under way is waited for, and noted.
    package func stop() async { await self.followers.stop() }

    /// Takes up what the Apps want now; ``run(_:_:logger:)`` does so each second.
    package func look(_ core: Core, _ book: any CallbackBook, logger: Logger) async {
        await self.look(self.office(core, book, logger))
    }

    private func office(_ core: Core, _ book: any CallbackBook, _ logger: Logger) -> CallbackOffice {
        CallbackOffice(
            core: core, book: book, transport: self.transport, logger: logger, tally: self.tally,
            monotonic: self.monotonic)
    }

    private func look(_ office: CallbackOffice) async {
        let number = self.looks.withLock { looks in
            looks.begun += 1
            return looks.begun
        }
        let apps: [App]
        do { apps = try await office.core.directory.apps() } catch {
            office.logger.error("callbacks: the apps cannot be read", metadata: ["error": "\(error)"])
            return
        }
        var guarding: [(app: AppID, ResolvedRule)] = []
        var wishes: [Name: Wish] = [:]
        for app in apps {
            for rule in self.resolve(app, office.logger) {
                if rule.rule.topics.contains(.beforeMessage) { guarding.append((app.id, rule)) }
                if rule.rule.topics != [.beforeMessage] {
                    wishes[Name(app: app.id, rule: rule.rule.name)] = Wish(app: app, rule: rule.rule)
                }
            }
        }
        let isNewest = self.looks.withLock { looks in
            guard looks.newest < number else { return false }
            looks.newest = number
            self.gate.change(guarding)
            return true
        }
        guard isNewest else { return }
        await self.followers.change(to: wishes) { _, wish in await self.begin(wish, office) }
    }

    private func resolve(_ app: App, _ logger: Logger) -> [ResolvedRule] {
        guard !app.settings.callbacks.isEmpty else { return [] }
        let address: AddressRule
        do { address = try AddressRule(networks: app.settings.callbackNetworks) } catch {
            logger.error(
                "callbacks: an app's networks cannot be read", metadata: ["app": "\(app.id)", "error": "\(error)"])
            return []
        }
        return app.settings.callbacks.compactMap { rule in
            guard rule.isOn, !rule.url.isEmpty, let form = self.forms[rule.dialect] else { return nil }
            return ResolvedRule(rule: rule, form: form, address: address)
        }
    }

    private func begin(_ wish: Wish, _ office: CallbackOffice) async -> (@Sendable (AsyncStream<Void>) async -> Void)? {
        guard let rule = self.resolve(wish.app, office.logger).first(where: { $0.rule == wish.rule }) else {
            return nil
        }
        do {
            let start = try await office.book.begin(wish.rule.name, in: wish.app.id)
            let trail = CallbackTrail(
                app: wish.app, rule: rule.rule, form: rule.form, address: rule.address, office: office)
            let follower = Follower(trail, clock: self.clock, monotonic: self.monotonic, logger: office.logger)
            return { bell in await follower.run(after: start, bell: bell) }
        } catch {
            office.logger.error(
                "callbacks: a rule cannot begin", metadata: ["rule": "\(wish.rule.name)", "error": "\(error)"])
            return nil
        }
    }

    private func noteAnswers(_ office: CallbackOffice) async {
        for (app, records) in self.gate.takeRecords() {
            for (rule, records) in Dictionary(grouping: records, by: \.rule) {
                do { try await office.book.note(nil, of: rule, in: app, records) } catch {
                    office.logger.error(
                        "callbacks: what was asked cannot be noted",
                        metadata: ["rule": "\(rule)", "error": "\(error)"])
                }
            }
        }
    }
}

extension CallbackBook {
    /// Where a rule goes on, or begins: with what is said from now on.
    package func begin(_ rule: String, in app: AppID) async throws -> MessageID {
        if let progress = try await self.progress(of: rule, in: app) { return progress }
        let end = try await self.end()
        try await self.note(end, of: rule, in: app, [])
        return end
    }
}
