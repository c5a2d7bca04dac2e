/// What the fifteenth migration adds: who may say nothing to other users alone, and how those are found who may not speak somewhere.
extension Schema {
    static let mutes = """
        ALTER TABLE users ADD COLUMN muted_in_direct_until INTEGER;
        CREATE INDEX users_muted ON users (app, muted_until) WHERE muted_until IS NOT NULL;
        CREATE INDEX users_muted_in_direct ON users (app, muted_in_direct_until)
            WHERE muted_in_direct_until IS NOT NULL;
        """
}
