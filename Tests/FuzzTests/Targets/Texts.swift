import Foundation
import ParleyDialectKit
import ParleyJSON

@testable import ParleyServer

/// The small readers that stand under everything: JSON, forms, targets, base64, ranges.
extension FuzzTarget {
    static let texts: [FuzzTarget] = [
        FuzzTarget("json", seeds: jsonSeeds(), run: json),
        FuzzTarget("json-foundation", seeds: jsonSeeds(), run: jsonAsFoundationReadsIt),
        FuzzTarget("form", seeds: formSeeds(), run: form),
        FuzzTarget("target", seeds: targetSeeds(), run: target),
        FuzzTarget(
            "base64", seeds: ["Zm9vYg==", "Zm9vYmE=", "_-8", "+/8=", "Zh=="].map { Array($0.utf8) }, run: base64),
        FuzzTarget("range", seeds: rangeSeeds(), run: range),
    ]

    // MARK: JSON

    /// The bodies of the vendors' examples, and what is at the edges of the grammar.
    static func jsonSeeds() -> [[UInt8]] {
        let bodies = ["Tencent", "Easemob"].flatMap { self.exchanges(of: $0) }
            .flatMap { RequestText.all($0).map(\.body) }.filter { $0.first == UInt8(ascii: "{") }
        let edges = [
            #"{"a":[1,-0,1.5e+10,1E-2,true,false,null,"é\u00e9\ud83d\ude00\ud800\n\"\\\/",{},[]],"a":{"b":{}}}"#,
            #" [ 12345678901234567890 , -9223372036854775808 , 1e999 ] "#, "\"\u{10FFFF}\u{7FF}\u{800}\u{D7FF}\"",
            String(repeating: "[", count: 128) + String(repeating: "]", count: 128), "0", "\"\"", "{}",
        ]
        return bodies + edges.map { Array($0.utf8) }
    }

    private static func json(_ bytes: [UInt8]) throws {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            return try require((0...bytes.count).contains(error.offset), "the offset \(error.offset) is outside")
        }
        try Structure.checkAgain(json)
    }

    /// One grammar, two parsers. Foundation also takes UTF-16 and a byte order mark, wants no depth over 512, no lone surrogates, and no number that
    /// does not fit its types; what is written with those is not compared.
    private static func jsonAsFoundationReadsIt(_ bytes: [UInt8]) throws {
        guard bytes.count <= 4096, !bytes.contains(0), bytes.first != 0xEF, bytes.first != 0xFE, bytes.first != 0xFF
        else { return }
        let ours = try? JSON(parsing: bytes, maximumDepth: 500)
        let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
        // Foundation forgives a comma after the last.
        if ours == nil, theirs != nil, !Self.hasCommaAfterTheLast(bytes) { throw Broken("only Foundation reads it") }
        if let ours, theirs == nil, Self.isForFoundation(ours) { throw Broken("only we read it") }
        if let string = ours?.string, let other = theirs as? String, Self.isForFoundation(ours!) {
            try require(string == other, "Foundation reads another string")
        }
    }

    private static func hasCommaAfterTheLast(_ bytes: [UInt8]) -> Bool {
        let visible = bytes.filter { !" \t\r\n".utf8.contains($0) }
        return zip(visible, visible.dropFirst()).contains {
            $0 == UInt8(ascii: ",") && ($1 == UInt8(ascii: "}") || $1 == UInt8(ascii: "]"))
        }
    }

    private static func isForFoundation(_ json: JSON) -> Bool {
        switch json.kind {
        case .null, .bool: true
        case .number: json.int != nil || (json.double.map { $0.isFinite && ($0 == 0 || abs($0) > 1e-300) } ?? false)
        case .string: !json.raw.contains(UInt8(ascii: "\\")) || !Self.hasReplacement(json.string ?? "")
        case .array: json.array!.allSatisfy(self.isForFoundation)
        case .object:
            json.members!.allSatisfy { !Self.hasReplacement($0.key) && self.isForFoundation($0.value) }
        }
    }

    /// Among scalars: with a mark behind it, it is another character.
    private static func hasReplacement(_ text: String) -> Bool { text.unicodeScalars.contains("\u{FFFD}") }

    // MARK: Forms and URLs

    private static func formSeeds() -> [[UInt8]] {
        self.exchanges(of: "RongCloud").flatMap { RequestText.all($0).map(\.body) }.filter { !$0.isEmpty }
            + ["a=b&c=%E4%B8%AD+d&&=&e&%zz=%4", "a==b=&a=2"].map { Array($0.utf8) }
    }

    private static func form(_ bytes: [UInt8]) throws {
        guard let form = try? Form(bytes) else { return }
        let text = form.fields.map { "\(self.escaped($0.name))=\(self.escaped($0.value))" }.joined(separator: "&")
        let again = try Form(query: text)
        try require(form.fields.elementsEqual(again.fields, by: ==), "fields do not survive their own encoding")
        for field in form.fields {
            let first = form.fields.first { $0.name == field.name && !$0.value.isEmpty }
            try require(form[field.name] == first?.value, "not the first value")
            try require(form.all(field.name).allSatisfy { !$0.isEmpty }, "an empty value counts")
        }
    }

    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = text.utf8.flatMap { [UInt8(ascii: "%"), digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func targetSeeds() -> [[UInt8]] {
        [
            "//user//getToken.json?a=b", "http://host:80/path/%E4%B8%AD?q#f", "/v4/openim/sendmsg?sdkappid=1", "*", "?",
            "http://h?x", "a://", "/",
        ].map { Array($0.utf8) }
    }

    private static func target(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let (path, query) = WireRequest.split(text)
        let slash = UInt8(ascii: "/")
        try require(path.utf8.first == slash, "the path does not begin with a slash")
        try require(
            !zip(path.utf8, path.utf8.dropFirst()).contains { $0 == slash && $1 == slash }, "two slashes in a row")
        try require(
            !path.utf8.contains(UInt8(ascii: "?")) && !path.utf8.contains(UInt8(ascii: "#")), "more than a path")
        try require(!query.utf8.contains(UInt8(ascii: "#")), "more than a query")
        let again = WireRequest.split(path + "?" + query)
        try require(again.path == path && again.query == query, "read again, it is another")
        for segment in path.pathSegments { _ = Form.decoded(path: segment) }
    }

    // MARK: Base64, ranges

    private static func base64(_ bytes: [UInt8]) throws {
        for alphabet in [Base64.standard, .url] {
            try require(
                alphabet.decoded(alphabet.encoded(bytes).utf8) == bytes, "bytes do not survive their own encoding")
            guard let decoded = alphabet.decoded(bytes) else { continue }
            let padding = UInt8(ascii: "=")
            let text = alphabet.encoded(decoded).utf8
            try require(
                text.prefix { $0 != padding }.elementsEqual(bytes.prefix { $0 != padding }), "one value, two texts")
        }
    }

    private static func rangeSeeds() -> [[UInt8]] {
        ["bytes=0-3", "bytes=7-", "bytes=-2", "bytes=9-99", "Bytes= 1-1", "bytes=-0", "bytes=9223372036854775807-"]
            .map { [10] + Array($0.utf8) }
    }

    /// The first byte is how much there is.
    private static func range(_ bytes: [UInt8]) throws {
        guard let first = bytes.first, let range = ByteRange(String(decoding: bytes.dropFirst(), as: UTF8.self)) else {
            return
        }
        for count in [Int(first), 0, 1, Int(first) << 20] {
            guard let part = range.part(of: count) else { continue }
            try require(!part.isEmpty && part.lowerBound >= 0 && part.upperBound <= count, "\(part) of \(count)")
        }
    }
}
