import ParleyCore

/// What the send path reads of the directory, from memory. Changed by the writer's thread after each commit, in the order of commits.
final class DirectoryCache: Sendable {
    struct UserKey: Hashable, Sendable {
        let app: AppID
        let user: UserID
    }

    struct GroupKey: Hashable, Sendable {
        let app: AppID
        let group: GroupID
    }

    let apps = AppBook()
    /// Also who is known not to be.
    let users: LoadingCache<UserKey, User?>
    let groups: LoadingCache<GroupKey, GroupSnapshot?>
    /// Whom a user has blocked.
    let blocks: LoadingCache<UserKey, Set<UserID>>
    /// Of chat rooms: everyone in a room asks at each change.
    let attributes: LoadingCache<GroupKey, [RoomAttribute]>

    /// - Parameter limit: users, members, blocks, and attributes that are remembered.
    init(limit: Int) {
        self.users = LoadingCache(limit: limit)
        self.groups = LoadingCache(limit: limit) { $0?.weight ?? 1 }
        self.blocks = LoadingCache(limit: limit) { 1 + $0.count }
        self.attributes = LoadingCache(limit: limit) { $0.reduce(1) { $0 + $1.weight } }
    }

    func forget() {
        self.apps.forget()
        self.users.forget()
        self.groups.forget()
        self.blocks.forget()
        self.attributes.forget()
    }

    /// Each cache is changed at once: nobody sees half of a transaction's changes to a group.
    func apply(_ changes: [DirectoryChange]) {
        guard !changes.isEmpty else { return }
        for case .app(let app) in changes { self.apps.change(app) }
        self.users.change { users in
            for case .user(let app, let id, let user) in changes {
                users.change(UserKey(app: app, user: id)) { $0 = user }
            }
        }
        self.groups.change { groups in for change in changes { groups.apply(change) } }
        self.blocks.change { blocks in for change in changes { blocks.apply(change) } }
        self.attributes.change { attributes in
            for change in changes {
                switch change {
                case .attributes(let app, let group), .groupDeleted(let app, let group):
                    attributes.forget(GroupKey(app: app, group: group))
                default: break
                }
            }
        }
    }
}

extension GroupSnapshot {
    /// Of all that it remembers of users.
    fileprivate var weight: Int {
        1 + self.members.count + self.mutes.count + self.standings.values.reduce(0) { $0 + $1.count }
    }
}

extension RoomAttribute {
    /// In users, who take about as many bytes.
    fileprivate var weight: Int { 1 + self.value.utf8.count / 256 }
}

extension LoadingCache<DirectoryCache.GroupKey, GroupSnapshot?>.State {
    fileprivate mutating func apply(_ change: DirectoryChange) {
        switch change {
        case .group(let app, let group):
            self.change(DirectoryCache.GroupKey(app: app, group: group.id)) { snapshot in
                if snapshot == nil { snapshot = GroupSnapshot(group: group) } else { snapshot?.group = group }
            }
        case .groupDeleted(let app, let group):
            self.change(DirectoryCache.GroupKey(app: app, group: group)) { $0 = nil }
        case .member(let change):
            self.change(DirectoryCache.GroupKey(app: change.app, group: change.group)) {
                $0?.members[change.user] = change.member
            }
        case .mute(let app, let group, let user, let until):
            self.change(DirectoryCache.GroupKey(app: app, group: group)) { $0?.mutes[user] = until }
        case .standing(let app, let group, let standing, let user, let until):
            self.change(DirectoryCache.GroupKey(app: app, group: group)) {
                $0?.standings[standing, default: [:]][user] = until
            }
        case .app, .user, .attributes, .block, .blocksForgotten: break
        }
    }
}

extension LoadingCache<DirectoryCache.UserKey, Set<UserID>>.State {
    fileprivate mutating func apply(_ change: DirectoryChange) {
        switch change {
        case .block(let app, let user, let other, let isBlocked):
            self.change(DirectoryCache.UserKey(app: app, user: user)) { blocked in
                if isBlocked { blocked.insert(other) } else { blocked.remove(other) }
            }
        case .blocksForgotten(let app, let user):
            self.change(DirectoryCache.UserKey(app: app, user: user)) { $0.removeAll() }
        case .app, .user, .group, .groupDeleted, .member, .mute, .standing, .attributes: break
        }
    }
}
