/// A request, as the providers see it.
struct SimulatorRequest: Sendable {
    var method: String
    /// Percent escapes and all, without the query, from its first slash on.
    var path: String
    var query: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var isHTTP2: Bool
    var isEncrypted: Bool
    /// The client showed a certificate. Which one is not looked at.
    var hasCertificate: Bool

    /// The first of that name.
    func header(_ name: String) -> String? {
        self.headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    func count(of name: String) -> Int { self.headers.count { $0.name.lowercased() == name.lowercased() } }

    /// Lower case, without parameters: `application/json`.
    var mediaType: String {
        let type = (self.header("Content-Type") ?? "").prefix { $0 != ";" }.lowercased()
        return type.filter { $0 != " " }
    }

    /// What follows the word, in whatever case: `Bearer …`.
    var bearer: String? {
        guard let value = self.header("Authorization"), value.prefix(7).lowercased() == "bearer " else { return nil }
        return String(value.dropFirst(7))
    }

    var parts: [String] { self.path.split(separator: "/").map(String.init) }

    private static let transport: Set<String> = [
        "host", "content-length", "connection", "user-agent", "accept", "accept-encoding", "transfer-encoding",
        "x-stream-id",
    ]
    private static let secret: Set<String> = ["authorization", "authtoken"]
    private static let shown = 20

    var headersThatMatter: [String: String] {
        var kept: [String: String] = [:]
        for (name, value) in self.headers {
            let name = name.lowercased()
            guard !Self.transport.contains(name) else { continue }
            let isLong = Self.secret.contains(name) && value.count > Self.shown
            kept[name] = isLong ? String(value.prefix(Self.shown)) + "…" : value
        }
        return kept
    }
}
