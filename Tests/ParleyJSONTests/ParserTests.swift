import Testing

@testable import ParleyJSON

@Suite struct ParserTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "10", "-1.5", "1e5", "1E+5", "1.0e-05", "\"\"", "[]", "{}", " [ ] ",
        "\t\r\n{ \"a\" : [ 1 , { } , null ] }\n", #"["\"\\\/\b\f\n\r\t\u00e9"]"#, "[[[[]]]]", #"{"":""}"#,
        #"{"a":1,"a":2}"#, "\"\u{7F}\"", "\"日本 👩‍👩‍👧\"",
    ])
    func textsThatAreJSON(_ text: String) throws { _ = try JSON(parsing: text) }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "truefalse", "+1", "01", "-", "1.", ".5", "1e", "1e+", "--1", "0x1", "NaN",
        "Infinity",
        "\"", "\"a", "'a'", "\"\\", "\"\\\"", #""\x""#, #""\u12""#, #""\u12G4""#, #""\u""#, "\"\n\"", "\"\u{0}\"",
        "\"\u{1F}\"",
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "{", "}", "{1:2}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{\"a\":1 \"b\":2}", "{,}", "{\"a\":1}}", "[}", "{]", "[\"a\":1]", "1 2", "[] x", "// c\n1", "\u{FEFF}1",
        "\u{A0}1",
    ])
    func textsThatAreNot(_ text: String) {
        #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: text) }
    }

    @Test func whereItWentWrongIsSaid() {
        for (text, offset) in [("", 0), ("[1,x]", 3), ("{\"a\" 1}", 5), ("1 2", 2), ("\"a", 2), ("[1", 2)] {
            #expect(throws: JSON.SyntaxError(offset: offset)) { try JSON(parsing: text) }
        }
    }

    /// Unicode table 3-7: the sequences around each border.
    @Test(
        arguments: [
            [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF],
            [0xF0, 0x90, 0x80, 0x80], [0xF3, 0xBF, 0xBF, 0xBF], [0xF4, 0x8F, 0xBF, 0xBF],
        ] as [[UInt8]])
    func wellFormedUTF8(_ sequence: [UInt8]) throws {
        let json = try JSON(parsing: [0x22] + sequence + [0x22])
        #expect(Array(try #require(json.string).utf8) == sequence)
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x22], [0xC2, 0xC2], [0xE0, 0x9F, 0xBF],
            [0xE0, 0xA0],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE1, 0x80, 0x22], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE, 0xFF],
        ] as [[UInt8]])
    func brokenUTF8(_ sequence: [UInt8]) {
        for bytes in [[0x22] + sequence + [0x22], [0x22] + sequence, [0x7B, 0x22] + sequence + Array("\":1}".utf8)] {
            #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: bytes) }
        }
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSON(parsing: nested(128))
        #expect(throws: JSON.SyntaxError(offset: 128)) { try JSON(parsing: nested(129)) }
        _ = try JSON(parsing: Array(nested(3).utf8), maximumDepth: 3)
        #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: Array(nested(4).utf8), maximumDepth: 3) }
        // No recursion: neither many open brackets nor a high limit harm the stack.
        #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: String(repeating: "[{\"a\":", count: 100_000)) }
        _ = try JSON(parsing: Array(nested(100_000).utf8), maximumDepth: 100_000)
    }

    @Test func siblingsAreNoDepth() throws {
        let many = "[" + Array(repeating: "{\"a\":[]}", count: 10_000).joined(separator: ",") + "]"
        #expect(try JSON(parsing: many).count == 10_000)
    }

    @Test func bytesThatMeanNothingDoNoHarm() {
        let seeds = [
            #"{"a":[1,-2.5e+10,true,false,null,"x\n\u00e9\ud83d\ude00"],"b":{"c":{}},"日本":"👩‍👩‍👧"}"#,
            #"[[],[[]],{"":""},"\\\"",0,1e1]"#,
        ].map { Array($0.utf8) }
        let pieces = Array("{}[]\",:\\u0n1tfe.- ".utf8) + [0, 0x1F, 0x80, 0xC2, 0xED, 0xF0, 0xFF]
        var random = SplitMix(state: 3)
        for _ in 0..<20_000 {
            var bytes = seeds.randomElement(using: &random)!
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = pieces.randomElement(using: &random)!
                case 1: bytes.insert(pieces.randomElement(using: &random)!, at: place)
                case 2 where bytes.count > 1: bytes.remove(at: place)
                default: bytes = Array(bytes[..<max(1, place)])
                }
            }
            guard let json = try? JSON(parsing: bytes) else { continue }
            // What was accepted can be read to the last value, and is the same when written again.
            let written = json.rewritten
            #expect((try? JSON(parsing: written))?.rewritten == written)
        }
    }
}

extension JSON {
    /// Every value, through every accessor.
    var rewritten: [UInt8] {
        var writer = JSONWriter()
        self.write(to: &writer)
        return writer.bytes
    }

    private func write(to writer: inout JSONWriter) {
        switch self.kind {
        case .null: writer.null()
        case .bool: writer.bool(self.bool!)
        case .string: writer.string(self.string!)
        case .number: if let int = self.int { writer.int(int) } else { writer.double(self.double!) }
        case .array: writer.array(self.array!) { $1.write(to: &$0) }
        case .object:
            writer.object { writer in
                for (key, value) in self.members! { writer.field(key) { value.write(to: &$0) } }
            }
        }
        precondition(self.count == (self.array?.count ?? self.members?.count ?? 0))
    }
}

/// The same numbers each time.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
