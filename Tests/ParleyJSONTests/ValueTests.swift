import ParleyJSON
import Testing

@Suite struct ValueTests {
    @Test func escapesAreUndone() throws {
        for (text, expected) in [
            (#""\"\\\/""#, "\"\\/"), (#""\b\f\n\r\t""#, "\u{8}\u{C}\n\r\t"), (#""\u0041\u00E9\u65e5""#, "Aé日"),
            (#""\ud83d\ude00""#, "😀"), (#""\uD83D\uDE00x""#, "😀x"), (#""\u0000""#, "\0"), (#""a\u0020b""#, "a b"),
            (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""é\n日""#, "é\n日"),
        ] {
            #expect(try JSON(parsing: text).string == expected)
        }
    }

    @Test(arguments: [
        (#""\ud83d""#, "\u{FFFD}"), (#""\ude00""#, "\u{FFFD}"), (#""\ud83dx""#, "\u{FFFD}x"),
        (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
        (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
    ])
    func aLoneSurrogateIsReplaced(_ text: String, _ expected: String) throws {
        #expect(try JSON(parsing: text).string == expected)
    }

    @Test func numbersAreWhatTheyAre() throws {
        let integers: [(String, Int64?)] = [
            ("0", 0), ("-0", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("1.0", nil), ("1e2", nil), ("\"1\"", nil), ("true", nil),
        ]
        for (text, value) in integers { #expect(try JSON(parsing: text).int == value) }
        for (text, value) in [("4294967295", UInt32.max), ("4294967296", nil), ("-1", nil)] {
            #expect(try JSON(parsing: text).uint32 == value)
        }
        for (text, value) in [("1", 1.0), ("-2.5e3", -2500), ("1e-400", 0), ("1e400", nil), ("null", nil)] {
            #expect(try JSON(parsing: text).double == value)
        }
    }

    @Test func aValueIsOfOneKindOnly() throws {
        let json = try JSON(parsing: #"[null,true,1,"s",[],{}]"#)
        let elements = try #require(json.array)
        #expect(elements.map(\.kind) == [.null, .bool, .number, .string, .array, .object])
        #expect(elements.map(\.isNull) == [true, false, false, false, false, false])
        #expect(elements.map { $0.bool != nil } == [false, true, false, false, false, false])
        #expect(elements.map { $0.double != nil } == [false, false, true, false, false, false])
        #expect(elements.map { $0.string != nil } == [false, false, false, true, false, false])
        #expect(elements.map { $0.array != nil } == [false, false, false, false, true, false])
        #expect(elements.map { $0.members != nil } == [false, false, false, false, false, true])
        for element in elements { #expect(element["a"] == nil) }
    }

    @Test func ofEqualKeysTheLastCounts() throws {
        let json = try JSON(parsing: #"{"a":1,"b":{"a":7},"\u0061":3,"c":4}"#)
        #expect(json["a"]?.int == 3)
        #expect(json["b"]?["a"]?.int == 7)
        #expect(json["c"]?.int == 4)
        #expect(json["d"] == nil)
        #expect(json.members?.map(\.key) == ["a", "b", "a", "c"])
        #expect(json.count == 4)
    }

    @Test func keysAreComparedAsTheyAreMeant() throws {
        let json = try JSON(parsing: #"{"a\"b":1,"":2,"日本":3,"\u65e5":4,"ab":5,"abc":6}"#)
        #expect(json["a\"b"]?.int == 1)
        #expect(json[""]?.int == 2)
        #expect(json["日本"]?.int == 3)
        #expect(json["日"]?.int == 4)
        #expect(json["ab"]?.int == 5)
        #expect(json["abc"]?.int == 6)
    }

    @Test func whatWasWrittenIsHandedOnByteForByte() throws {
        let json = try JSON(parsing: #" { "a" : { "n" : 1.50 , "s":"\u00e9\/" } , "b":[ 1,2 ] } "#)
        func raw(_ json: JSON?) -> String { String(decoding: json?.raw ?? [], as: UTF8.self) }
        #expect(raw(json) == #"{ "a" : { "n" : 1.50 , "s":"\u00e9\/" } , "b":[ 1,2 ] }"#)
        #expect(raw(json["a"]) == #"{ "n" : 1.50 , "s":"\u00e9\/" }"#)
        #expect(raw(json["a"]?["n"]) == "1.50")
        #expect(raw(json["a"]?["s"]) == #""\u00e9\/""#)
        #expect(raw(json["b"]?.array?[1]) == "2")
        // A value is a text of its own.
        #expect(try JSON(parsing: Array(json["a"]!.raw))["n"]?.double == 1.5)
    }
}
