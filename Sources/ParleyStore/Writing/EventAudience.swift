import ParleyCore

/// In which Apps somebody reads what is kept for those who are away: elsewhere nothing is. Used by the writer's thread only.
final class EventAudience {
    private var known: [AppID: Bool] = [:]

    func listens(in app: AppID, on connection: SQLConnection) throws -> Bool {
        if let listens = self.known[app] { return listens }
        let listens = try connection.hasEventReaders(in: app)
        self.known[app] = listens
        return listens
    }

    /// Where that is undone, some is kept that nobody reads.
    func began(in app: AppID) { self.known[app] = true }

    /// Another process has written.
    func forget() { self.known = [:] }
}
