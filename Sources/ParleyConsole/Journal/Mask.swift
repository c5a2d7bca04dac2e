import NIOHTTP1
import ParleyCore
import ParleyDialectKit

/// Takes secrets out of what was sent and answered, before it is shown: what proves something, by its name, by its look, or because it is an App's own.
struct Mask: Sendable {
    /// Wherever they stand.
    private let secrets: [String]

    init(_ app: App?) {
        let secrets = (app?.credentials.map(\.secret) ?? []).filter { $0.utf8.count >= 4 }
        // The longest first: what begins with another one is masked whole.
        self.secrets = Set(secrets + secrets.map { Form.encoded($0) }).sorted { $0.utf8.count > $1.utf8.count }
    }

    /// Names of parameters, members and headers, in lower case and without `-` and `_`.
    private static let names: Set<String> = [
        "password", "newpassword", "oldpassword", "pwd", "secret", "clientsecret", "appsecret", "secretkey", "token",
        "accesstoken",
        "refreshtoken", "usertoken", "usersig", "signature", "rcsignature", "privatemapkey", "authorization",
        "proxyauthorization", "cookie", "setcookie", "xapikey", "sharesecret",
    ]

    private static func isSecret(_ name: some StringProtocol) -> Bool {
        Self.names.contains(name.lowercased().filter { $0 != "-" && $0 != "_" })
    }

    /// In the names of headers, which everybody makes up: `X-Auth-Token`, `Api-Key`.
    private static let headerStems = ["authorization", "cookie", "token", "secret", "password", "signature", "apikey"]
    /// The first word of an `Authorization` header that may be shown (RFC 9110, 11.6.2).
    private static let schemes: Set<String> = ["basic", "bearer", "digest", "token"]

    private static func isSecret(header name: String) -> Bool {
        let plain = name.lowercased().filter { $0 != "-" && $0 != "_" }
        return Self.names.contains(plain) || Self.headerStems.contains { plain.contains($0) }
    }

    // MARK: Parts

    func headers(_ headers: HTTPHeaders) -> [(name: String, value: String)] {
        headers.map { name, value in
            guard Self.isSecret(header: name) else { return (name, self.text(value)) }
            // Which kind of proof it is says nothing about it.
            let words = value.split(separator: " ", maxSplits: 1)
            guard words.count == 2, Self.schemes.contains(words[0].lowercased()) else {
                return (name, Explanation.masked(value))
            }
            return (name, "\(words[0]) \(Explanation.mask)")
        }
    }

    /// A path and query, or a body, whatever it is written in.
    func text(_ text: String) -> String {
        var bytes = self.withoutNamed(Array(text.utf8))
        bytes = Self.withoutTokens(bytes)
        var result = String(decoding: bytes, as: UTF8.self)
        for secret in self.secrets where result.contains(secret) {
            result = result.replacing(secret, with: Explanation.mask)
        }
        return result
    }

    // MARK: By name

    /// `"name" : "value"`, `name=value`, also inside a string of JSON, where quotes are escaped.
    private func withoutNamed(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard Self.isWord(bytes[index]), index == 0 || !Self.isWord(bytes[index - 1]) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            var end = index
            while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
            result += bytes[index..<end]
            let name = String(decoding: bytes[index..<end], as: UTF8.self)
            index = end
            guard name.utf8.count <= 32, Self.isSecret(name), let value = Self.value(in: bytes, behind: end) else {
                continue
            }
            result += bytes[end..<value.lowerBound]
            result += Explanation.mask.utf8
            index = value.upperBound
        }
        return result
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }

    /// Where the value of a name is that ends at `end`; nil, when none follows, or an empty one.
    private static func value(in bytes: [UInt8], behind end: Int) -> Range<Int>? {
        var index = end
        func skip(_ isSkipped: (UInt8) -> Bool) { while index < bytes.count, isSkipped(bytes[index]) { index += 1 } }
        skip { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || Self.isSpace($0) }
        guard index < bytes.count, bytes[index] == UInt8(ascii: ":") || bytes[index] == UInt8(ascii: "=") else {
            return nil
        }
        index += 1
        skip { Self.isSpace($0) }
        var escapes = 0
        while index + escapes < bytes.count, bytes[index + escapes] == UInt8(ascii: "\\") { escapes += 1 }
        let start: Int
        if index + escapes < bytes.count, bytes[index + escapes] == UInt8(ascii: "\"") {
            index += escapes + 1
            start = index
            index = Self.endOfString(in: bytes, from: index, escapes: escapes)
        } else {
            start = index
            let ends = Set("&,}])\"\\ \t\r\n;".utf8)
            skip { !ends.contains($0) }
            // An object or an array is looked into, and a number or a word is no secret of ours.
            if start < bytes.count, bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") {
                return nil
            }
        }
        return index > start ? start..<index : nil
    }

    /// A string that begins with so many backslashes and a quote ends with the same; one with more of them is part of it.
    private static func endOfString(in bytes: [UInt8], from start: Int, escapes: Int) -> Int {
        var index = start
        var run = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\") {
                run += 1
            } else {
                if bytes[index] == UInt8(ascii: "\""), escapes == 0 ? run.isMultiple(of: 2) : run == escapes {
                    return index - (escapes == 0 ? 0 : run)
                }
                run = 0
            }
            index += 1
        }
        return index
    }

    // MARK: By look

    /// The vendors' tokens and signatures all begin in a way of their own, because what is encoded in them does.
    private static let beginnings = ["YWMt", "ZHQt", "RC1_", "eJ", "eNo", "eAE", "eF6"].map { Array($0.utf8) }
    private static let shortest = 60

    private static func withoutTokens(_ bytes: [UInt8]) -> [UInt8] {
        func isPart(_ byte: UInt8) -> Bool {
            Self.isWord(byte) || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: "%") || byte == UInt8(ascii: ".")
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let rest = bytes[index...]
            // Behind `%22` begins something new, too.
            let isStart =
                index == 0 || !Self.isWord(bytes[index - 1]) || index >= 3 && bytes[index - 3] == UInt8(ascii: "%")
            guard isStart, let beginning = Self.beginnings.first(where: { rest.starts(with: $0) })
            else {
                result.append(bytes[index])
                index += 1
                continue
            }
            var end = index
            while end < bytes.count, isPart(bytes[end]) { end += 1 }
            if end - index >= Self.shortest {
                result += beginning
                result += Explanation.mask.utf8
            } else {
                result += bytes[index..<end]
            }
            index = max(end, index + 1)
        }
        return result
    }
}
