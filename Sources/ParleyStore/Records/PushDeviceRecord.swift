import ParleyCore

/// Devices that can be made to ring, in SQL.
extension SQLConnection {
    private static let pushDeviceColumns = """
        d.user_id, d.device, d.provider, d.token, d.dialect, d.bundle, d.registered_at
        """

    /// - Parameter names: what its provider is called; the token is taken from whoever had it under any of them.
    func register(_ device: PushDevice, under names: Set<String>, in app: AppID) throws {
        try self.unregister(device.device, of: device.user, in: app)
        for name in names {
            try self.run(
                "DELETE FROM push_devices WHERE app = ? AND provider = ? AND token = ?",
                [.text(app), .text(name), .text(device.token)])
        }
        try self.run(
            """
            INSERT INTO push_devices (app, user_id, device, provider, token, dialect, bundle, registered_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(app), .text(device.user), .text(device.device), .text(device.provider), .text(device.token),
                .text(device.dialect), .text(device.bundle), .time(device.registeredAt),
            ])
    }

    @discardableResult
    func unregister(_ device: String, of user: UserID, in app: AppID) throws -> Bool {
        try self.run(
            "DELETE FROM push_devices WHERE app = ? AND user_id = ? AND device = ?",
            [.text(app), .text(user), .text(device)]) > 0
    }

    /// Just this registration of it.
    func forget(_ device: PushDevice, in app: AppID) throws {
        try self.run(
            """
            DELETE FROM push_devices
            WHERE app = ? AND user_id = ? AND device = ? AND provider = ? AND token = ? AND registered_at = ?
            """,
            [
                .text(app), .text(device.user), .text(device.device), .text(device.provider), .text(device.token),
                .time(device.registeredAt),
            ])
    }

    /// The user goes. What was pushed to him stays, as long as such records do.
    func forgetPush(of user: UserID, in app: AppID) throws {
        try self.run("DELETE FROM push_devices WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
        try self.run("DELETE FROM push_preferences WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
    }

    func pushDevices(of user: UserID, in app: AppID) throws -> [PushDevice] {
        try self.all(
            """
            SELECT \(Self.pushDeviceColumns) FROM push_devices d WHERE d.app = ? AND d.user_id = ? ORDER BY d.number
            """, [.text(app), .text(user)], PushDevice.init(row:))
    }

    // MARK: Of a conversation

    func pushDevices(
        in conversation: ConversationID, at providers: [String], largestGroup: Int, limit: Int
    ) throws -> [PushDevice] {
        guard !providers.isEmpty, limit > 0 else { return [] }
        return switch conversation.conversation {
        case .direct(let pair):
            try self.pushDevices(of: [pair.lesser, pair.greater], in: conversation.app, at: providers, limit: limit)
        case .system(let user):
            try self.pushDevices(of: [user, user], in: conversation.app, at: providers, limit: limit)
        case .group(let group):
            try self.pushDevices(
                ofMembersOf: group, in: conversation.app, at: providers, largestGroup: largestGroup, limit: limit)
        // Who is in a room is connected.
        case .room: []
        }
    }

    /// - Parameter users: two of them, who may be one.
    private func pushDevices(
        of users: [UserID], in app: AppID, at providers: [String], limit: Int
    ) throws -> [PushDevice] {
        try self.all(
            Self.pushDevicesOfTwo(atProviders: providers.count),
            [.text(app)] + users.map { .text($0) } + providers.map { .text($0) } + [.int(limit)],
            PushDevice.init(row:))
    }

    /// Goes through whichever is less: the group's members, or the App's devices at these providers.
    private func pushDevices(
        ofMembersOf group: GroupID, in app: AppID, at providers: [String], largestGroup: Int, limit: Int
    ) throws -> [PushDevice] {
        guard let number = try self.groupNumber(group, in: app) else { return [] }
        let memberCount = try self.memberCount(ofGroup: number)
        guard memberCount <= largestGroup else { return [] }
        let names = providers.map { SQLValue.text($0) }
        let deviceCount = try self.first(
            Self.countOfPushDevices(atProviders: providers.count), [.text(app)] + names + [.int(memberCount)]
        ) { Int($0.int(0)) }
        guard let deviceCount, deviceCount > 0 else { return [] }
        return try deviceCount < memberCount
            ? self.all(
                Self.membersOfPushDevices(atProviders: providers.count),
                [.int(number), .text(app)] + names + [.int(limit)], PushDevice.init(row:))
            : self.all(
                Self.pushDevicesOfMembers(atProviders: providers.count),
                [.text(app), .int(number)] + names + [.int(limit)], PushDevice.init(row:))
    }

    /// `+`: by the users, and never by all devices of a provider.
    static func pushDevicesOfTwo(atProviders count: Int) -> String {
        """
        SELECT \(Self.pushDeviceColumns) FROM push_devices d
        WHERE d.app = ? AND d.user_id IN (?, ?) AND +d.provider IN (\(Self.places(count))) ORDER BY d.number LIMIT ?
        """
    }

    /// As far as it matters.
    static func countOfPushDevices(atProviders count: Int) -> String {
        """
        SELECT COUNT(*) FROM
            (SELECT 1 FROM push_devices WHERE app = ? AND provider IN (\(Self.places(count))) LIMIT ?)
        """
    }

    /// A cross join is done as it is written.
    static func pushDevicesOfMembers(atProviders count: Int) -> String {
        """
        SELECT \(Self.pushDeviceColumns)
        FROM members m CROSS JOIN push_devices d ON d.app = ? AND d.user_id = m.user_id
        WHERE m.group_number = ? AND +d.provider IN (\(Self.places(count))) ORDER BY d.number LIMIT ?
        """
    }

    static func membersOfPushDevices(atProviders count: Int) -> String {
        """
        SELECT \(Self.pushDeviceColumns)
        FROM push_devices d CROSS JOIN members m ON m.group_number = ? AND m.user_id = d.user_id
        WHERE d.app = ? AND d.provider IN (\(Self.places(count))) ORDER BY d.number LIMIT ?
        """
    }

    private static func places(_ count: Int) -> String {
        Array(repeating: "?", count: count).joined(separator: ", ")
    }
}

extension PushDevice {
    fileprivate init(row: SQLRow) {
        self.init(
            user: UserID(row.text(0)), device: row.text(1), provider: row.text(2), token: row.text(3),
            dialect: DialectName(row.text(4)), bundle: row.optionalText(5), registeredAt: row.time(6))
    }
}
