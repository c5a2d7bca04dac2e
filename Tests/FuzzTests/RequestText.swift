import NIOHTTP1
import ParleyCore
import ParleyDialectKit

/// A request as text: its line, its headers, an empty line, its body; several of them one after the other.
struct RequestText {
    static let separator = "\n==========\n"

    let method: HTTPMethod
    let target: String
    let headers: HTTPHeaders
    let body: [UInt8]

    /// Nil for what HTTP itself does not let through.
    init?(_ bytes: ArraySlice<UInt8>) {
        let newline = UInt8(ascii: "\n")
        let gap = zip(bytes.indices, bytes.indices.dropFirst()).first { bytes[$0] == newline && bytes[$1] == newline }
        let head = bytes[..<(gap?.0 ?? bytes.endIndex)]
        guard head.allSatisfy({ $0 == newline || ($0 >= 0x20 && $0 != 0x7F) || $0 == 9 }) else { return nil }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", maxSplits: 1)
        guard words.count == 2, !words[1].contains(" "), words[0].utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            return nil
        }
        self.method = HTTPMethod(rawValue: String(words[0]))
        self.target = String(words[1])
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
            headers.add(name: String(parts[0]), value: parts[1].trimmingSpaces())
        }
        self.headers = headers
        self.body = gap.map { Array(bytes[($0.1 + 1)...]) } ?? []
    }

    /// At most `limit` of them.
    static func all(_ bytes: [UInt8], limit: Int = 8) -> [RequestText] {
        var texts: [RequestText] = []
        var rest = bytes[...]
        let separator = Array(Self.separator.utf8)
        while texts.count < limit {
            let end = rest.firstRange(of: separator)
            if let text = RequestText(rest[..<(end?.lowerBound ?? rest.endIndex)]) { texts.append(text) }
            guard let end else { break }
            rest = rest[end.upperBound...]
        }
        return texts
    }

    func wire(now: Timestamp) -> WireRequest {
        WireRequest(
            method: self.method, target: self.target, headers: self.headers, body: self.body, requestID: "fuzz",
            receivedAt: now, origin: "http://localhost:8080")
    }
}
