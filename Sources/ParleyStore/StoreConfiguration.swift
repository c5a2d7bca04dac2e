/// Where the store keeps its files, for how long, and how much it takes at a time.
package struct StoreConfiguration: Sendable {
    package enum Location: Sendable {
        /// Gone with the process: for tests.
        case memory
        /// A folder, made if it is not there: `parley.sqlite`, and uploads in `files/`.
        case folder(String)
    }

    package var location: Location
    /// Work that may wait for the writer; beyond it, new work is refused.
    package var waitingJobLimit = 20_000
    package var waitingByteLimit = 64 << 20
    /// Users, members and blocks remembered in memory (about 300 bytes each).
    package var cacheLimit = 400_000
    /// Entries older than this are purged; nil: none are.
    package var historyRetentionSeconds: Int64?
    /// A device that has confirmed nothing for so long starts from where its user's devices have got to.
    package var cursorRetentionSeconds: Int64 = 90 * 24 * 3600
    /// What became of a call of a backend is kept this long …
    package var callbackRetentionSeconds: Int64 = 7 * 24 * 3600
    /// … and of each App's calls the newest so many.
    package var callbackRecordLimit = 100_000
    /// What became of a notice to a phone is kept this long …
    package var pushRetentionSeconds: Int64 = 7 * 24 * 3600
    /// … and of each App's notices the newest so many, beside those that say what is not to be pushed again.
    package var pushRecordLimit = 100_000
    /// What an upload may hold at most.
    package var fileByteLimit = 10 << 20
    package var fileRetentionSeconds: Int64 = 7 * 24 * 3600
    /// Pictures up to this size are their own thumbnails (Easemob: 10 KB).
    package var thumbnailThresholdBytes = 10 << 10

    package init(location: Location) { self.location = location }
}
