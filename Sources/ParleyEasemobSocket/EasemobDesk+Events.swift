import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyEasemob
import ParleyHub
import ParleySocket

/// What the client is told beside messages: others' presence, what is kept for the user.
extension EasemobDesk {
    func watch() async throws {
        let now = self.now
        let subscriptions = try await self.socket.core.directory.subscriptions(
            of: self.user, in: self.reader.client.app)
        let users = Dictionary(subscriptions.lazy.filter { $0.expiresAt > now }.map { ($0.target, $0.expiresAt) }) {
            $1
        }
        self.reader.unwatch(self.watched.keys.filter { users[$0] == nil })
        // Beyond the hub's limit nobody new is watched: what he is can still be asked.
        let isWatched = self.reader.watch(users.keys.filter { self.watched[$0] == nil })
        self.watched = isWatched ? users : users.filter { self.watched[$0.key] != nil }
    }

    func tell(of user: UserID) async throws {
        let expiresAt = self.watched[user]
        // What the user says of himself his other devices are told, too.
        guard user == self.user || expiresAt.map({ $0 > self.now }) == true else { return }
        let meta = try await self.spelling.presence(
            of: user, in: self.reader.client.app, of: self.socket.core, until: expiresAt)
        self.happened([meta])
    }
}

// MARK: What is kept for the user

extension EasemobDesk {
    /// What the client has not fetched yet waits here; only then is more of it read.
    func readEventsIfDue() async {
        do {
            while self.queues.isBehind, self.queues.events.isEmpty, !self.isClosed { try await self.readEvents() }
        } catch {
            self.queues.failed()
            self.socket.report(error, self.reader.client)
        }
    }

    private func readEvents() async throws {
        let (directory, app) = (self.socket.core.directory, self.reader.client.app)
        let beginning = self.queues.position == nil ? try await self.beginEvents() : nil
        guard let after = beginning?.after ?? self.queues.position else { return }
        let heardOf = self.queues.heardOf
        let (events, through, hasMore) = try await directory.events(
            of: self.user, in: app, after: after, limit: KeptEvent.limit)
        let asked = beginning?.isNew == true ? try await self.invitations(notAmong: events) : []
        guard !self.isClosed else { return }
        if let beginning { self.queues.begin(beginning) }
        self.queues.read(through: through, hasMore: hasMore, heardOf: heardOf)
        self.happened(
            asked.map { Queues.Happened(id: $0.id, keptAs: after, meta: $0.meta) } + events.flatMap(self.spelled))
    }

    private func beginEvents() async throws -> EventBeginning {
        let (directory, app) = (self.socket.core.directory, self.reader.client.app)
        let settings = try await directory.app(app)?.settings ?? AppSettings()
        return try await directory.beginEvents(
            of: self.reader.client.device, of: self.user, in: app,
            retainedSince: self.now.adding(seconds: -settings.offlineRetentionSeconds))
    }

    /// What others have asked the user, and he has not answered: a new device is told, however long ago that was, and one that was away for too long.
    private func invitations(notAmong events: [KeptEvent]) async throws -> [(id: MessageID, meta: WireMeta)] {
        let told = Set(events.compactMap { $0.event.inviter })
        let waiting = try await self.socket.core.directory.invitations(to: self.user, in: self.reader.client.app)
        return waiting.filter { !told.contains($0.from) }.flatMap { invitation in
            let id = self.socket.core.identifiers.next()
            let change = ContactChange(.invited(reason: invitation.reason), from: invitation.from, to: invitation.to)
            return self.spelling.metas(of: .contact(change), id: id).map { (id, $0) }
        }
    }
}

extension Event {
    fileprivate var inviter: UserID? {
        guard case .contact(let change) = self, case .invited = change.kind else { return nil }
        return change.from
    }
}
