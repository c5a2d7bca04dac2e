/// What the eighth and the tenth migration add: chat rooms.
extension Schema {
    static let rooms = """
        CREATE TABLE room_attributes (
            group_number INTEGER NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            set_by TEXT NOT NULL,
            leaves_with_setter INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            is_removed INTEGER NOT NULL,
            PRIMARY KEY (group_number, key)
        ) WITHOUT ROWID;

        ALTER TABLE users ADD COLUMN muted_in_rooms_until INTEGER;
        """

    /// What was among a room's attributes gets a place of its own, and what was among the credentials of an App goes to its settings. Rooms that were made
    /// before end as new ones do: after an hour without anything.
    static let roomLives = """
        ALTER TABLE groups ADD COLUMN lifetime_seconds INTEGER;
        ALTER TABLE groups ADD COLUMN is_lifetime_fixed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE groups ADD COLUMN is_kept_alive INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE groups ADD COLUMN is_distribution_stopped INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE groups ADD COLUMN members_changed_at INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX groups_rooms ON groups (app, number) WHERE type = 'chatRoom';
        CREATE INDEX users_muted_in_rooms ON users (app, muted_in_rooms_until) WHERE muted_in_rooms_until IS NOT NULL;

        CREATE TABLE standings (
            group_number INTEGER NOT NULL,
            standing TEXT NOT NULL,
            user_id TEXT NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (group_number, standing, user_id)
        ) WITHOUT ROWID;

        INSERT INTO standings (group_number, standing, user_id, until)
        SELECT g.number, 'keptOut', substr(a.key, 17), CAST(a.value AS INTEGER) FROM groups g, json_each(g.attributes) a
        WHERE g.type = 'chatRoom' AND g.attributes <> '' AND a.key LIKE 'rongcloud.block.%';
        INSERT INTO standings (group_number, standing, user_id, until)
        SELECT g.number, 'speaker', substr(a.key, 19), \(Self.never) FROM groups g, json_each(g.attributes) a
        WHERE g.type = 'chatRoom' AND g.attributes <> '' AND a.key LIKE 'rongcloud.speaker.%';
        INSERT INTO standings (group_number, standing, user_id, until)
        SELECT g.number, 'protected', substr(a.key, 16), \(Self.never) FROM groups g, json_each(g.attributes) a
        WHERE g.type = 'chatRoom' AND g.attributes <> '' AND a.key LIKE 'rongcloud.kept.%';
        UPDATE groups SET
            lifetime_seconds = 60 * IFNULL(json_extract(attributes, '$."rongcloud.destroyTime"'), 60),
            is_lifetime_fixed = json_extract(attributes, '$."rongcloud.destroyType"') IS '1',
            is_kept_alive = json_extract(attributes, '$."rongcloud.keepalive"') IS NOT NULL,
            attributes = ''
        WHERE type = 'chatRoom' AND attributes <> '';
        UPDATE groups SET
            lifetime_seconds = IFNULL(lifetime_seconds, 3600),
            members_changed_at = IFNULL(
                (SELECT MAX(joined_at) FROM members m WHERE m.group_number = groups.number), 0)
        WHERE type = 'chatRoom';

        UPDATE apps SET settings = json_set(settings, '$.roomTypesNeverDropped', json(\(Self.list("NeverDropped"))))
        WHERE \(Self.list("NeverDropped")) IS NOT NULL;
        UPDATE apps SET settings = json_set(settings, '$.roomTypesDroppedFirst', json(\(Self.list("OfLowPriority"))))
        WHERE \(Self.list("OfLowPriority")) IS NOT NULL;
        UPDATE credentials
        SET details = json_remove(details, '$.chatRoomTypesNeverDropped', '$.chatRoomTypesOfLowPriority')
        WHERE details LIKE '%chatRoomTypes%';
        """

    /// ``Timestamp/distantFuture``.
    private static let never = Int64.max

    /// Texts joined by commas, as a JSON array.
    private static func list(_ name: String) -> String {
        """
        (SELECT '[' || replace(json_quote(json_extract(details, '$.chatRoomTypes\(name)')), ',', '","') || ']'
        FROM credentials WHERE app = apps.id AND details LIKE '%chatRoomTypes\(name)%')
        """
    }
}
