import NIOCore
package import ParleyCore
import ParleyDialectKit
package import ParleyHub
package import ParleyStore

/// Everything that `parley serve` can be told. Read once, at the start.
package struct ServerConfiguration: Sendable {
    package var http: HTTPConfiguration
    package var store: StoreConfiguration
    package var hub: HubConfiguration
    package var core: CoreLimits
    /// The vendors' rate limits are in force.
    package var limitsRates: Bool
    /// Wrong passwords a minute.
    package var wrongPasswords: (perAccount: Int, perAddress: Int)
    /// Pages that may open sockets; nil: any.
    package var socketOrigins: Set<String>?
    package var console: ConsoleConfiguration
    package var logLevel: String
    package var dataFolder: String

    /// - Throws: ``ConfigurationError`` naming the key.
    package init(settings: Settings) throws {
        self.http = HTTPConfiguration(settings: settings)
        let folder = settings.string("data.folder", "where messages and files are kept", default: "./parley-data")
        self.dataFolder = folder
        self.store = StoreConfiguration(location: .folder(folder))
        let days = settings.int(
            "store.history-days", "messages older than this are purged; 0 keeps them for ever", default: 0,
            in: 0...36_500)
        if days > 0 { self.store.historyRetentionSeconds = Int64(days) * 24 * 3600 }
        let fileDays = settings.int(
            "store.file-days", "uploaded files are kept this long", default: 7, in: 1...36_500)
        self.store.fileRetentionSeconds = Int64(fileDays) * 24 * 3600
        self.hub = HubConfiguration()
        self.hub.outboxBytes = settings.int(
            "sockets.outbox-bytes", "bytes that may wait for a slow client before nothing more is read for it",
            default: self.hub.outboxBytes, in: 4096...(64 << 20))
        let fullSeconds = settings.int(
            "sockets.full-seconds", "seconds after which a client that takes nothing of what waits for it is closed",
            default: 60, in: 1...3600)
        self.hub.outboxFullLimit = .seconds(Int64(fullSeconds))
        self.limitsRates = settings.isOn(
            "limits.rates", "the vendors' rate limits; off for load tests", default: true)
        let perGroup = settings.int(
            "limits.group-messages-per-second", "Tencent's frequency control in one group; 0 is none",
            default: CoreLimits().groupMessagesPerSecond, in: 0...1_000_000)
        self.core = CoreLimits(groupMessagesPerSecond: self.limitsRates ? perGroup : 0)
        self.wrongPasswords = (
            settings.int(
                "limits.wrong-passwords-per-account",
                "wrong passwords a minute before an account takes none; 0 is no limit",
                default: 10, in: 0...1_000_000),
            settings.int(
                "limits.wrong-passwords-per-address", "the same for an address, but this machine; 0 is no limit",
                default: 100, in: 0...1_000_000)
        )
        let origins = settings.string(
            "sockets.origins", "pages that may open sockets: their origins, parted by commas; * is any", default: "*")
        self.socketOrigins = Self.origins(origins)
        self.console = ConsoleConfiguration(settings: settings, host: self.http.host)
        self.logLevel = settings.string(
            "log.level", "trace, debug, info, notice, warning, error or critical", default: "notice",
            allowed: ["trace", "debug", "info", "notice", "warning", "error", "critical"])
        try settings.check()
    }
}

package struct HTTPConfiguration: Sendable {
    package var host: String
    package var port: Int
    package var publicURL: String?
    package var loops: Int
    package var maximumConnections: Int
    package var maximumBodyBytes: Int
    /// Dialect names and the port that speaks only that dialect.
    package var dialectPorts: [String: Int] = [:]
    /// Host names and the dialect that they stand for.
    package var dialectHosts: [String: String] = [:]
    package var tls: TLSFiles?
    package var timeouts = HTTPTimeouts()

    init(settings: Settings) {
        self.host = settings.string("http.host", "address to listen on", default: "127.0.0.1")
        self.port = settings.int("http.port", "port of everything; 0 takes a free one", default: 8080, in: 0...65535)
        let url = settings.string(
            "http.public-url", "how the outside reaches this server, for URLs in answers; empty: as each request did",
            default: "")
        self.publicURL = url.isEmpty ? nil : url
        self.loops = settings.int(
            "http.loops", "event loops; 0 is one for each core", default: 0, in: 0...256)
        if self.loops == 0 { self.loops = System.coreCount }
        self.maximumConnections = settings.int(
            "http.max-connections", "connections open at once", default: 16_000, in: 1...10_000_000)
        self.maximumBodyBytes =
            settings.int(
                "http.max-body-megabytes", "megabytes of request bodies held at once", default: 256, in: 16...65_536)
            << 20
        self.timeouts = HTTPTimeouts(settings: settings)
        for dialect in ServerConfiguration.dialects {
            let port = settings.int(
                "http.ports.\(dialect)", "a port that speaks only this dialect; 0 is none", default: 0, in: 0...65535)
            if port > 0 { self.dialectPorts[dialect] = port }
            let host = settings.string(
                "http.hosts.\(dialect)", "a host name that stands for this dialect; empty is none", default: "")
            if !host.isEmpty { self.dialectHosts[host.lowercased()] = dialect }
        }
        self.tls = TLSFiles(settings: settings)
    }
}

extension HTTPTimeouts {
    fileprivate init(settings: Settings) {
        self.init()
        func seconds(_ key: String, _ meaning: String, _ value: TimeAmount) -> TimeAmount {
            let standard = Int(value.nanoseconds / 1_000_000_000)
            return .seconds(Int64(settings.int(key, meaning, default: standard, in: 1...3600)))
        }
        self.idle = seconds(
            "http.idle-seconds", "seconds without a whole request head after which a connection is closed", self.idle)
        self.stalled = seconds(
            "http.stalled-seconds", "seconds without a byte in the middle of a body", self.stalled)
        self.request = seconds("http.request-seconds", "seconds for a request to arrive whole", self.request)
    }
}

extension ServerConfiguration {
    private static func origins(_ text: String) -> Set<String>? {
        let origins = text.split(separator: ",").map { $0.trimmingSpaces().lowercased() }
        return origins.contains("*") ? nil : Set(origins)
    }

    static let dialects = Dialects.all.map { $0.name.rawValue }
}
