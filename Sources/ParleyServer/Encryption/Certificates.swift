import Foundation
import Logging
package import NIOSSL
package import ParleyCore
import Synchronization

/// The certificate that new connections are encrypted with, and how it follows its files.
///
/// Tools that renew certificates replace two files one after the other. Until both belong together the old pair is kept, and the next look tries again.
/// Connections that are open keep what they began with.
package final class Certificates: Sendable {
    /// What a look at the files came to.
    package enum Outcome: Hashable, Sendable {
        case unchanged
        case reloaded(expiresAt: Timestamp)
        /// The files changed and cannot be used; said once for each reason.
        case kept(reason: String)
    }

    private struct State {
        var pair: CertificatePair
        /// The files as they were before they were read: a change while they are read is a change seen at the next look.
        var stamps: [FileStamp?]
        var complaint: String?
    }

    private let files: TLSFiles
    private let state: Mutex<State>

    /// - Throws: ``ConfigurationError`` naming the key of the file that cannot be used, and why.
    package init(_ files: TLSFiles) throws(ConfigurationError) {
        let stamps = Self.stamps(of: files)
        self.files = files
        self.state = Mutex(State(pair: try CertificatePair(files), stamps: stamps))
    }

    /// For the next connection.
    package var context: NIOSSLContext { self.state.withLock { $0.pair.context } }
    package var expiresAt: Timestamp { self.state.withLock { $0.pair.expiresAt } }

    package var checkSeconds: Int { self.files.checkSeconds }

    /// What can be served with, and yet is wrong.
    func warn(_ logger: Logger, at now: Timestamp) {
        if self.expiresAt <= now {
            logger.warning("the certificate has expired", metadata: ["file": "\(self.files.certificate)"])
        }
        if FileStamp(self.files.key)?.isReadableByOthers == true {
            logger.warning("everybody on this machine can read the key", metadata: ["file": "\(self.files.key)"])
        }
    }

    package func reload() -> Outcome {
        let stamps = Self.stamps(of: self.files)
        return self.state.withLock { state in
            guard stamps != state.stamps || state.complaint != nil else { return .unchanged }
            do throws(ConfigurationError) {
                let pair = try CertificatePair(self.files)
                state = State(pair: pair, stamps: stamps)
                return .reloaded(expiresAt: pair.expiresAt)
            } catch {
                let isNews = state.complaint != error.description
                state.stamps = stamps
                state.complaint = error.description
                return isNews ? .kept(reason: error.description) : .unchanged
            }
        }
    }

    private static func stamps(of files: TLSFiles) -> [FileStamp?] {
        [FileStamp(files.certificate), FileStamp(files.key)]
    }
}

/// What tells that a file is another than it was, also where the clock is too coarse: what a rename or a link brought has another inode.
private struct FileStamp: Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int
    let isReadableByOthers: Bool

    /// Nil: it is not there.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.device = UInt64(status.st_dev)
        self.inode = UInt64(status.st_ino)
        self.size = Int64(status.st_size)
        self.seconds = status.st_mtim.tv_sec
        self.nanoseconds = status.st_mtim.tv_nsec
        self.isReadableByOthers = status.st_mode & 0o004 != 0
    }
}
