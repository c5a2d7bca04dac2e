import Crypto
import CryptoExtras
import NIOCore
import NIOPosix
import NIOSSL
import ParleyCore
import ParleyJSON
import ParleyOutbound
import ParleyPushSimulator
import ParleyTesting

/// A simulator, its clock, and who calls it.
struct Stage: Sendable {
    let simulator: PushSimulator
    let clock: ManualClock
    let caller: HTTPCaller
    private let rule: AddressRule

    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        var text: String

        init(_ answer: OutboundAnswer) {
            self.status = answer.status
            self.headers = answer.headers
            self.text = String(decoding: answer.body, as: UTF8.self)
        }

        subscript(path: String...) -> JSON? {
            path.reduce(try? JSON(parsing: self.text)) { $0?[$1] }
        }
    }

    static func run(_ body: (Stage) async throws -> Void) async throws { try await self.run({ _ in }, body) }

    static func run(
        _ configure: (inout PushSimulator.Configuration) -> Void,
        _ body: (Stage) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        var configuration = PushSimulator.Configuration()
        configuration.now = { clock.now() }
        configure(&configuration)
        let simulator = try PushSimulator(configuration)
        try await simulator.start()
        let root = try NIOSSLCertificate(bytes: Array(simulator.certificate.utf8), format: .pem)
        let caller = HTTPCaller(group: .singletonMultiThreadedEventLoopGroup, and: [root])
        let stage = Stage(
            simulator: simulator, clock: clock, caller: caller, rule: try AddressRule(networks: ["127.0.0.0/8"]))
        do {
            try await body(stage)
        } catch {
            await stage.end()
            throw error
        }
        await stage.end()
    }

    private func end() async {
        await self.caller.shutDown()
        await self.simulator.shutDown()
    }

    func send(
        _ method: String = "POST", _ path: String, secure: Bool = false, http2: Bool = false,
        as identity: ClientIdentity? = nil, _ headers: [String: String] = [:], _ body: String = ""
    ) async throws -> Answer {
        let base = secure ? self.simulator.secureURL : self.simulator.url
        let request = OutboundRequest(
            method, base + path, headers: headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            body: Array(body.utf8), identity: identity, needsHTTP2: http2)
        return Answer(try await self.caller.send(request, allowing: self.rule, timeoutMilliseconds: 60_000))
    }

    func postJSON(_ path: String, _ body: String) async throws -> Answer { try await self.postJSON(path, [:], body) }

    func postJSON(_ path: String, _ headers: [String: String], _ body: String) async throws -> Answer {
        try await self.send(
            "POST", path, headers.merging(["Content-Type": "application/json"]) { one, _ in one }, body)
    }

    func postForm(_ path: String, _ fields: [String: String]) async throws -> Answer {
        try await self.postForm(path, [:], fields)
    }

    func postForm(
        _ path: String, _ headers: [String: String], _ fields: [String: String]
    ) async throws -> Answer {
        let body = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.escaped($0.value))" }
        let type = ["Content-Type": "application/x-www-form-urlencoded"]
        return try await self.send("POST", path, headers.merging(type) { one, _ in one }, body.joined(separator: "&"))
    }

    static func escaped(_ text: String) -> String {
        text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    var seconds: Int64 { self.clock.now().seconds }
}

/// Web tokens, signed by hand.
enum Signed {
    static let curve = P256.Signing.PrivateKey()
    static let rsa = try! _RSA.Signing.PrivateKey(keySize: .bits2048)
    /// Somebody else's.
    static let otherRSA = try! _RSA.Signing.PrivateKey(keySize: .bits2048).publicKey.pemRepresentation

    static func es256(_ header: String, _ claims: String, with key: P256.Signing.PrivateKey = Self.curve) -> String {
        let text = Self.text(header, claims)
        return text + "." + Self.base64(try! key.signature(for: Array(text.utf8)).rawRepresentation)
    }

    static func rsa(_ header: String, _ claims: String, _ padding: _RSA.Signing.Padding) -> String {
        let text = Self.text(header, claims)
        let signature = try! Self.rsa.signature(for: Array(text.utf8), padding: padding)
        return text + "." + Self.base64(signature.rawRepresentation)
    }

    private static func text(_ header: String, _ claims: String) -> String {
        Self.base64(header.utf8) + "." + Self.base64(claims.utf8)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    private static func base64(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(Self.alphabet[Int(bits >> UInt32(count)) & 63])
            }
        }
        if count > 0 { text.append(Self.alphabet[Int(bits << UInt32(6 - count)) & 63]) }
        return text
    }
}
