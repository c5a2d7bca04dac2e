package import Logging
package import ParleyCore
package import ParleyDialectKit
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
    private let transport: any CallbackTransport
    private let forms: [DialectName: any CallbackForm.Type]
    private let clock: any WallClock
    private let monotonic: @Sendable () -> Int64
    private let bells = Mutex<[Key: Running]>([:])
    /// So that a commit costs nothing where nobody is called.
    private let hasFollowers = Atomic(false)

    private struct Key: Hashable {
        let app: AppID
        let rule: String
    }

    private struct Running {
        let app: App
        let rule: CallbackRule
        let bell: AsyncStream<Void>.Continuation
        let task: Task<Void, Never>
    }

    /// - Parameter forms: how each dialect calls.
    package init(
        transport: any CallbackTransport, forms: [DialectName: any CallbackForm.Type], clock: any WallClock,
        monotonic: @escaping @Sendable () -> Int64 = Callbacks.uptime
    ) {
        let tally = CallbackTally()
        self.transport = transport
        self.forms = forms
        self.clock = clock
        self.monotonic = monotonic
        self.tally = tally
        self.gate = CallbackGate(transport: transport, clock: clock, tally: tally, monotonic: monotonic)
    }

    /// Milliseconds since some moment before the process began.
    package static let uptime: @Sendable () -> Int64 = {
        let elapsed = ContinuousClock.now - origin
        return elapsed.components.seconds * 1000 + elapsed.components.attoseconds / 1_000_000_000_000_000 + 1_000_000
    }
    /// Something was committed: followers look at the log.
    package func rang() {
        guard self.hasFollowers.load(ordering: .acquiring) else { return }
        self.bells.withLock { for running in $0.values { running.bell.yield() } }
    }

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
        let running = self.bells.withLock { exchange(&$0, for: [:]) }
        for one in running.values { one.bell.finish() }
        for one in running.values { await one.task.value }
    }

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
        let apps: [App]
        do { apps = try await office.core.directory.apps() } catch {
            office.logger.error("callbacks: the apps cannot be read", metadata: ["error": "\(error)"])
            return
        }
        var guarding: [(app: AppID, ResolvedRule)] = []
        var wanted: [Key: (App, ResolvedRule)] = [:]
        for app in apps {
            for rule in self.resolve(app, office.logger) {
                if rule.rule.topics.contains(.beforeMessage) { guarding.append((app.id, rule)) }
                if rule.rule.topics != [.beforeMessage] {
                    wanted[Key(app: app.id, rule: rule.rule.name)] = (app, rule)
                }
            }
        }
        self.gate.change(guarding)
        await self.stop { key, running in
            guard let (app, resolved) = wanted[key] else { return true }
            return app != running.app || resolved.rule != running.rule
        }
        for (key, (app, rule)) in wanted where self.bells.withLock({ $0[key] == nil }) {
            await self.start(key, app, rule, office)
        }
        self.hasFollowers.store(self.bells.withLock { !$0.isEmpty }, ordering: .releasing)
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

    private func stop(_ mustStop: (Key, Running) -> Bool) async {
        let stopped = self.bells.withLock { bells in
            let stopped = bells.filter { mustStop($0.key, $0.value) }
            for key in stopped.keys { bells[key] = nil }
            return stopped
        }
        for one in stopped.values { one.bell.finish() }
        for one in stopped.values { await one.task.value }
    }

    private func start(_ key: Key, _ app: App, _ rule: ResolvedRule, _ office: CallbackOffice) async {
        let start: MessageID
        do {
            start = try await office.book.begin(rule.rule.name, in: app.id)
        } catch {
            office.logger.error(
                "callbacks: a rule cannot begin", metadata: ["rule": "\(rule.rule.name)", "error": "\(error)"])
            return
        }
        let (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let follower = Follower(app: app, rule: rule.rule, form: rule.form, address: rule.address, office: office)
        let task = Task { await follower.run(after: start, bell: rings) }
        self.bells.withLock { $0[key] = Running(app: app, rule: rule.rule, bell: bell, task: task) }
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

private let origin = ContinuousClock.now

private func exchange<Value>(_ value: inout Value, for next: Value) -> Value {
    let old = value
    value = next
    return old
}
