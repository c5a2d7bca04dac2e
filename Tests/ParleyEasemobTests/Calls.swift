import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// One dialect over a fresh bench, and calls to it with the App's token.
struct Calls {
    let bench: Bench
    let easemob: Easemob

    static func make(rates: Bool = true, _ change: (inout App) -> Void = { _ in }) async throws -> Calls {
        let bench = try await Bench.make()
        var app = bench.app
        change(&app)
        if app != bench.app { try await bench.core.directory.save(app) }
        return Calls(bench: bench, easemob: bench.dialect(Easemob.self, rates: rates))
    }

    func request(
        _ method: HTTPMethod, _ target: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) -> WireRequest {
        var request = WireRequest(
            method: method, target: "/parley/demo\(target)", headers: HTTPHeaders(headers), body: body,
            requestID: "test", receivedAt: self.bench.clock.now(), origin: "http://localhost:8080")
        Authorization(bench: self.bench).fill(in: &request)
        return request
    }

    func call(
        _ method: HTTPMethod, _ target: String, headers: [(String, String)] = [], _ body: String = ""
    ) async -> WireResponse {
        await self.easemob.answer(self.request(method, target, headers: headers, body: Array(body.utf8)))
    }

    /// Sends, and says what the log or those online got of it.
    @discardableResult
    func send(_ body: String, to path: String = "/messages/chatgroups") async throws -> Entry {
        let before = (self.bench.signals.entries.count, self.bench.signals.ephemerals.count)
        let response = await self.call(.POST, path, body)
        try #require(response.status == .ok, "\(response.text)")
        let (entries, ephemerals) = (self.bench.signals.entries, self.bench.signals.ephemerals)
        try #require(entries.count - before.0 + ephemerals.count - before.1 == 1)
        return entries.count > before.0 ? entries[before.0] : ephemerals[before.1].entry
    }
}

extension WireResponse {
    var text: String { String(decoding: self.body, as: UTF8.self) }
    var json: JSON? { try? JSON(parsing: self.body) }
}
