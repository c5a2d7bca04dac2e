import ParleyCore

/// Who is online, for those who asked to be told.
///
/// The registry says only that something changed; the state is looked up when it is written. So a slow reader needs no queue of changes: a user is
/// marked as due, and when there is room, he is told what is so then.
extension Shard {
    /// False: that would be too many.
    func watch(_ users: [UserID], by reader: Reader) -> Bool {
        guard !reader.session.hasEnded else { return true }
        let new = Set(users).subtracting(reader.watched.keys)
        guard reader.watched.count + new.count <= self.configuration.watchLimit else { return false }
        var unknown: [UserKey] = []
        for user in new {
            let key = UserKey(app: reader.client.app, user: user)
            if self.watchers[key] == nil { unknown.append(key) }
            self.watchers[key, default: [:]][reader.number] = reader
        }
        // First to be told, then to look: nothing can fall between the two.
        if !unknown.isEmpty { self.registry.watch(unknown, from: self) }
        for user in users {
            let wasDue = reader.watched.updateValue(Reader.Watched(isDue: true), forKey: user)?.isDue ?? false
            if !wasDue { reader.due.append(user) }
        }
        self.tellDue(reader)
        self.settle()
        return true
    }

    func unwatch(_ users: some Sequence<UserID>, by reader: Reader) {
        var forgotten: [UserKey] = []
        for user in users where reader.watched.removeValue(forKey: user) != nil {
            let key = UserKey(app: reader.client.app, user: user)
            self.watchers[key]?[reader.number] = nil
            guard self.watchers[key]?.isEmpty == true else { continue }
            self.watchers[key] = nil
            forgotten.append(key)
        }
        reader.due.removeAll { reader.watched[$0] == nil }
        if !forgotten.isEmpty { self.registry.unwatch(forgotten, from: self) }
    }

    /// Somebody came, went or changed devices.
    func presenceChanged(of key: UserKey) {
        guard let readers = self.watchers[key], let sighting = self.registry.sighting(of: key) else { return }
        var frames = LooseFrames(.presence(key.user, sighting.connections))
        for reader in readers.values {
            guard let watched = reader.watched[key.user], !watched.isDue, watched.toldVersion != sighting.version else {
                continue
            }
            guard reader.outbox.hasRoom else {
                reader.watched[key.user]?.isDue = true
                reader.due.append(key.user)
                continue
            }
            reader.watched[key.user]?.toldVersion = sighting.version
            self.hand(&frames, to: reader)
        }
    }

    /// As long as there is room; the rest when there is room again.
    func tellDue(_ reader: Reader) {
        var count = 0
        for user in reader.due {
            guard reader.outbox.hasRoom else { break }
            count += 1
            let key = UserKey(app: reader.client.app, user: user)
            guard let sighting = self.registry.sighting(of: key), let watched = reader.watched[user] else { continue }
            reader.watched[user] = Reader.Watched(toldVersion: sighting.version)
            guard watched.toldVersion != sighting.version else { continue }
            var frames = LooseFrames(.presence(user, sighting.connections))
            self.hand(&frames, to: reader)
        }
        reader.due.removeFirst(count)
    }
}

extension Reader {
    struct Watched {
        /// 0: nothing.
        var toldVersion: UInt64 = 0
        /// In the list of those that the client is to be told of when there is room.
        var isDue = false
    }
}
