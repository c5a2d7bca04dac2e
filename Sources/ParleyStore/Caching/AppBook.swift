import ParleyCore
import Synchronization

/// All Apps, by id and by credential. They are few, and asked for with every request.
///
/// Another process may change them (`parley app`); so once a second somebody who asks looks whether anything was written (``isDue()``).
final class AppBook: Sendable {
    fileprivate struct State {
        var apps: [AppID: App] = [:]
        var appsByCredential: [CredentialKey: App] = [:]
        var version = 0
        var checkedAt: ContinuousClock.Instant?
    }

    fileprivate struct CredentialKey: Hashable {
        let dialect: DialectName
        let key: String
    }

    /// A moment in the life of the book: what was read from the database since is only kept if nothing has changed meanwhile.
    typealias Version = Int

    private let state = Mutex(State())

    var version: Version { self.state.withLock { $0.version } }

    func app(_ id: AppID) -> App? { self.state.withLock { $0.apps[id] } }

    func app(dialect: DialectName, key: String) -> App? {
        self.state.withLock { $0.appsByCredential[CredentialKey(dialect: dialect, key: key)] }
    }

    /// Whether a second of real time has passed since the last look at what others may have written. Says so once.
    func isDue() -> Bool {
        let now = ContinuousClock.now
        return self.state.withLock { state in
            if let checkedAt = state.checkedAt, checkedAt.duration(to: now) < .seconds(1) { return false }
            state.checkedAt = now
            return true
        }
    }

    func keep(_ app: App, readAt version: Version) {
        self.state.withLock { state in if state.version == version { state.set(app) } }
    }

    func change(_ app: App) {
        self.state.withLock { state in
            state.version += 1
            if state.apps[app.id] != nil { state.set(app) }
        }
    }

    func forget() {
        self.state.withLock { state in
            state.version += 1
            state.apps = [:]
            state.appsByCredential = [:]
        }
    }
}

extension AppBook.State {
    fileprivate mutating func set(_ app: App) {
        for credential in self.apps[app.id]?.credentials ?? [] {
            self.appsByCredential[AppBook.CredentialKey(dialect: credential.dialect, key: credential.key)] = nil
        }
        for credential in app.credentials {
            self.appsByCredential[AppBook.CredentialKey(dialect: credential.dialect, key: credential.key)] = app
        }
        self.apps[app.id] = app
    }
}
