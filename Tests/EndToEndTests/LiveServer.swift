import Foundation
import Logging
import NIOCore
import NIOPosix
import ParleyCore
import ParleyServer
import ParleyTesting
import Testing

/// A server in this process, on a free port, with a folder of its own and the demo app.
struct LiveServer: Sendable {
    let server: Server
    let folder: TemporaryFolder
    let app: App

    static func start(
        in folder: TemporaryFolder? = nil, rates: Bool = false, clock: any WallClock = SystemClock(),
        _ extra: [String: String] = [:]
    ) async throws -> LiveServer {
        let folder = try folder ?? TemporaryFolder()
        try UsedFolder.make(of: folder.url)
        var keys = ["http.port": "0", "data.folder": folder.url.path, "limits.rates": rates ? "on" : "off"]
        keys.merge(extra) { $1 }
        let configuration = try ServerConfiguration(
            settings: try await Settings(commandLine: keys, environment: [:], file: nil))
        let server = try await Server.start(
            configuration, clock: clock, logger: Logger(label: "test"), prepare: { try await Demo.seed($0) })
        let app = try #require(try await server.core.directory.app(Demo.appID))
        return LiveServer(server: server, folder: folder, app: app)
    }

    /// For what cannot say which port it was given.
    static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        try await channel.close().get()
        return port
    }

    func token(_ dialect: String, _ user: String) throws -> String {
        try self.server.token(for: UserID(user), in: self.app, dialect: DialectName(dialect), lifetimeSeconds: 3600)
    }

    func backend() async throws -> Backend {
        try await Backend.connect(port: self.server.port, userSig: try self.token("tencent", "administrator"))
    }

    func listen(
        _ dialect: String, _ user: String, query: String = "", receiveBuffer: Int? = nil
    ) async throws -> Listener {
        try await Listener.connect(
            port: self.server.port, token: try self.token(dialect, user), query: query, receiveBuffer: receiveBuffer)
    }
}

/// Starts a server, runs the test, and stops the server, also when the test fails.
func withServer(
    in folder: TemporaryFolder? = nil, rates: Bool = false, clock: any WallClock = SystemClock(),
    _ extra: [String: String] = [:], _ test: (LiveServer) async throws -> Void
) async throws {
    let live = try await LiveServer.start(in: folder, rates: rates, clock: clock, extra)
    do { try await test(live) } catch {
        await live.server.stop()
        throw error
    }
    await live.server.stop()
}
