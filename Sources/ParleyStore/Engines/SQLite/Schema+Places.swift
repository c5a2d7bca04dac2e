/// How users see conversations, who has read what, what became of messages: what the second and the eleventh migration add.
extension Schema {
    /// A place goes with its user, or when its conversation has ended (``SQLConnection/outdatedPlaces(limit:)``).
    static let places = """
        CREATE TABLE places (
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            conversation INTEGER NOT NULL,
            read_through INTEGER NOT NULL,
            cleared_through INTEGER NOT NULL,
            removed_through INTEGER,
            pinned_at INTEGER,
            is_muted INTEGER NOT NULL,
            PRIMARY KEY (app, user_id, conversation)
        ) WITHOUT ROWID;

        CREATE TABLE receipts (
            conversation INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            user_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (conversation, sequence, user_id)
        ) WITHOUT ROWID;

        CREATE TABLE deletions (
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            conversation INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            PRIMARY KEY (app, user_id, conversation, sequence)
        ) WITHOUT ROWID;
        """

    /// A pin goes with its message. Marks are bits.
    static let pins = """
        ALTER TABLE places ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE pinned_messages (
            id INTEGER PRIMARY KEY,
            conversation INTEGER NOT NULL,
            pinned_by TEXT NOT NULL,
            pinned_at INTEGER NOT NULL
        );
        CREATE INDEX pinned_messages_by_conversation ON pinned_messages (conversation, pinned_at, id);
        """

    /// What is asked of many entries at once has columns, so that their records need not be read: `counts` (0: not as unread, 1: for everyone but
    /// the sender, 2: the record says for whom) and `mentions` (0: nobody, 1: everyone, 2: the record says whom). `target` is the message that
    /// an edit is about. The indexes are partial: an ordinary message is in none of them.
    ///
    /// An added column with a default touches no row. Only those messages are rewritten whose record says more than the content, and no string in
    /// JSON can hold the key with its quotation marks unescaped.
    static let fates = """
        ALTER TABLE entries ADD COLUMN counts INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE entries ADD COLUMN mentions INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE entries ADD COLUMN wants_receipts INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE entries ADD COLUMN leaves_no_trace INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE entries ADD COLUMN edited_by TEXT;
        ALTER TABLE entries ADD COLUMN edited_at INTEGER;
        ALTER TABLE entries ADD COLUMN edit_count INTEGER;
        ALTER TABLE entries ADD COLUMN target INTEGER;

        UPDATE entries SET counts = 0 WHERE kind <> 'message';
        UPDATE entries SET counts = 2, mentions = 2
        WHERE kind = 'message' AND (instr(record, CAST('"options":' AS BLOB)) OR instr(record, CAST('"only":' AS BLOB)));
        UPDATE entries SET wants_receipts = 1
        WHERE counts = 2 AND json_valid(CAST(record AS TEXT))
            AND json_extract(CAST(record AS TEXT), '$.options.wantsReadReceipts');
        UPDATE entries SET leaves_no_trace = 1 WHERE id IN (
            SELECT json_extract(CAST(record AS TEXT), '$.target') FROM entries
            WHERE kind = 'recall' AND instr(record, CAST('"noTrace":true' AS BLOB)));

        CREATE INDEX entries_wanting_receipts ON entries (conversation, sequence) WHERE wants_receipts = 1;
        CREATE INDEX entries_by_target ON entries (target) WHERE target IS NOT NULL;
        """

    /// The newest message that is kept and moves its conversation up in lists. An entry's time is in its id (``MessageID``).
    static let activity = """
        ALTER TABLE conversations ADD COLUMN active_sequence INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversations ADD COLUMN active_at INTEGER NOT NULL DEFAULT 0;

        UPDATE conversations SET active_sequence = COALESCE((
            SELECT e.sequence FROM entries e
            WHERE e.conversation = conversations.number AND e.kind = 'message'
                AND NOT instr(e.record, CAST('"updatesConversation":false' AS BLOB))
                AND NOT instr(e.record, CAST('"keptInHistory":false' AS BLOB))
                AND NOT instr(e.record, CAST('"liveOnly":true' AS BLOB))
            ORDER BY e.sequence DESC LIMIT 1), 0);
        UPDATE conversations SET active_at = COALESCE((
            SELECT (e.id >> 12) + 1417564800000 FROM entries e
            WHERE e.conversation = conversations.number AND e.sequence = conversations.active_sequence), 0);
        """
}
