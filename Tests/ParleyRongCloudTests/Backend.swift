import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyRongCloud
import ParleyTesting

/// A backend of the demo app, as a test would have it: signs what it posts, and reads what comes back.
struct Backend {
    let bench: Bench
    let dialect: RongCloud

    init(rates: Bool = false) async throws {
        self.bench = try await Bench.make()
        self.dialect = self.bench.dialect(RongCloud.self, rates: rates)
    }

    func post(_ path: String, _ form: String) async -> Answer { await self.post(path, Array(form.utf8)) }

    func post(
        _ path: String, _ body: [UInt8], type: String = "application/x-www-form-urlencoded"
    ) async -> Answer {
        var request = WireRequest(
            method: .POST, target: path, headers: ["Content-Type": type], body: body, receivedAt: self.bench.clock.now()
        )
        request.signIfUnsigned()
        return Answer(await self.dialect.answer(request))
    }

    /// Repeated keys, percent-encoded.
    func post(_ path: String, _ pairs: [(String, String)]) async -> Answer {
        await self.post(path, pairs.map { "\($0.percentEncoded)=\($1.percentEncoded)" }.joined(separator: "&"))
    }

    /// The messages that were stored, in order.
    var messages: [Message] { self.bench.signals.entries.compactMap(\.message) }
}

struct Answer {
    let status: Int
    let body: String
    let json: JSON?

    init(_ response: WireResponse) {
        self.status = Int(response.status.code)
        self.body = String(decoding: response.body, as: UTF8.self)
        self.json = try? JSON(parsing: response.body)
    }

    var code: Int64? { self.json?["code"]?.int }
    var text: String? { self.json?["errorMessage"]?.string }
    var uids: [String] { self.json?["messageUIDs"]?.array?.compactMap { $0["messageUID"]?.string } ?? [] }
}

extension WireRequest {
    /// What a backend's SDK adds, for requests that name no App themselves.
    mutating func signIfUnsigned(key: String = "parley-demo", secret: String = "parley-demo-secret") {
        guard !self.headers.contains(name: "App-Key"), !self.headers.contains(name: "RC-App-Key") else { return }
        let (nonce, timestamp) = ("14314", "1585127132438")
        self.headers.add(name: "App-Key", value: key)
        self.headers.add(name: "Nonce", value: nonce)
        self.headers.add(name: "Timestamp", value: timestamp)
        self.headers.add(
            name: "Signature", value: Signature.value(secret: secret, nonce: nonce, timestamp: timestamp))
    }
}

extension String {
    var percentEncoded: String {
        self.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                String(UnicodeScalar(byte))
            default: "%" + [byte].hex
            }
        }.joined()
    }
}
