package import ParleyCore

/// Log, Directory, Places, Files and CallbackBook in SQL.
///
/// Writes go through one thread, which commits what has gathered in one flush (``LogWriter``). Reads see one moment of the database each,
/// on connections of their own, or come from memory (``DirectoryCache``). No function blocks its caller, except ``close()``.
package final class Store: Log, Directory, Places, Files {
    let database: SQLiteDatabase
    let writer: LogWriter
    private let desk: HappeningDesk
    let cache: DirectoryCache
    let configuration: StoreConfiguration
    let clock: any WallClock
    let vault: any Vault
    let thumbnailer: (any Thumbnailer)?
    let fileLanes = Lanes("files", count: 2)
    let pictureLanes = Lanes("thumbnails", count: 2)

    /// Opens the database, or makes it.
    ///
    /// - Parameters:
    ///   - identifiers: continues after the greatest id on disk, whatever the clock says.
    ///   - signals: told of each commit on the writer's thread, which waits for it.
    /// - Throws: ``StoreFault/unusable(path:code:_:)`` when the file is damaged, or the disk does not let it be read or written.
    package init(
        _ configuration: StoreConfiguration, clock: any WallClock, identifiers: MessageIDSource, signals: any Signals,
        thumbnailer: (any Thumbnailer)? = nil
    ) throws {
        let (database, greatest) = try Self.open(configuration.location)
        if let greatest { identifiers.advance(past: greatest) }
        let cache = DirectoryCache(limit: configuration.cacheLimit)
        self.database = database
        self.cache = cache
        self.configuration = configuration
        self.clock = clock
        self.thumbnailer = thumbnailer
        self.vault =
            switch configuration.location {
            case .memory: MemoryVault()
            case .folder(let folder): try FolderVault(folder: folder + "/files")
            }
        self.writer = LogWriter(
            database, configuration, clock: clock, identifiers: identifiers, signals: signals, cache: cache)
        self.desk = HappeningDesk(self.writer, cache.apps)
    }

    private static func open(_ location: StoreConfiguration.Location) throws -> (SQLiteDatabase, MessageID?) {
        do {
            let database = try SQLiteDatabase(at: location)
            return (database, try database.transaction { try $0.greatestID() })
        } catch { throw SQLiteDatabase.unusable(location, error) }
    }

    deinit { self.writer.stop() }

    /// What was done so far.
    package var counters: StoreCounters { self.writer.counters }

    /// For what happens outside any transaction.
    package var chronicle: any Chronicle { self.desk }

    /// What waits for the writer just now.
    package var waitingJobs: Int { self.writer.waitingJobs }

    /// Finishes what waits, refuses what comes, and closes the files. Blocks until that is done.
    package func close() {
        self.writer.stop()
        self.writer.join()
    }
}
