import Foundation
import Logging
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

/// A server in this process, on a free port of the loopback interface, with the demo app; and somebody who asks its console.
struct ConsoleServer: Sendable {
    let server: Server
    let http: HTTPClient
    private let folder: URL

    static func start(_ extra: [String: String] = [:], stage: ConsoleStage = ConsoleStage()) async throws
        -> ConsoleServer
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parley-console-\(UUID())")
        try UsedFolder.make(of: folder)
        var keys = ["http.port": "0", "data.folder": folder.path, "limits.rates": "off"]
        keys.merge(extra) { $1 }
        let configuration = try ServerConfiguration(
            settings: try await Settings(commandLine: keys, environment: [:], file: nil))
        let server = try await Server.start(
            configuration, logger: Logger(label: "test"), console: stage, prepare: { try await Demo.seed($0) })
        let http = try await HTTPClient.connect(host: "127.0.0.1", port: server.port, group: .singleton)
        return ConsoleServer(server: server, http: http, folder: folder)
    }

    func stop() async {
        await self.http.close()
        await self.server.stop()
        try? FileManager.default.removeItem(at: self.folder)
    }

    /// What the page sends with everything.
    static let own = [("X-Parley-Console", "1")]

    func send(
        _ method: HTTPMethod, _ path: String, _ json: String = "", headers: [(String, String)] = Self.own
    ) async throws -> HTTPClient.Response {
        try await self.http.send(method, "/console/api/" + path, headers: headers, body: Array(json.utf8))
    }

    /// - Throws: when it is refused.
    func get(_ path: String) async throws -> JSON {
        let response = try await self.send(.GET, path)
        let text = String(decoding: response.body, as: UTF8.self)
        try #require(response.status == 200, "\(path): \(response.status) \(text)")
        return try JSON(parsing: response.body)
    }

    @discardableResult
    func post(_ path: String, _ json: String = "{}") async throws -> JSON {
        let response = try await self.send(.POST, path, json)
        let text = String(decoding: response.body, as: UTF8.self)
        try #require(response.status == 200, "\(path): \(response.status) \(text)")
        return try JSON(parsing: response.body)
    }

    /// A call through the composer.
    @discardableResult
    func call(
        _ dialect: String, _ method: String, _ path: String, _ body: String = "",
        contentType: String = "application/json", query: String = ""
    ) async throws -> JSON {
        try await self.post(
            "apps/demo/calls", Self.composed(dialect, method, path, body, contentType: contentType, query: query))
    }

    static func composed(
        _ dialect: String, _ method: String, _ path: String, _ body: String, contentType: String, query: String = ""
    ) -> String {
        String(
            decoding: JSONWriter.object { json in
                json.field("dialect", dialect)
                json.field("method", method)
                json.field("path", path)
                json.field("query", query)
                json.field("contentType", contentType)
                json.field("body", body)
            }, as: UTF8.self)
    }
}

/// Starts a server, runs the test, and stops the server, also when the test fails.
func withConsole(
    _ extra: [String: String] = [:], stage: ConsoleStage = ConsoleStage(isAlwaysRecording: true),
    _ test: (ConsoleServer) async throws -> Void
) async throws {
    let console = try await ConsoleServer.start(extra, stage: stage)
    do { try await test(console) } catch {
        await console.stop()
        throw error
    }
    await console.stop()
}

extension JSON {
    func get(_ path: String...) -> JSON? { path.reduce(Optional(self)) { $0?[$1] } }
    var text: String { String(decoding: self.raw, as: UTF8.self) }
}
