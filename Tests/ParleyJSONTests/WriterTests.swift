import ParleyCore
import ParleyJSON
import Testing

@Suite struct WriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func commasAreWhereTheyBelong() {
        let text = self.text { json in
            json.object { json in
                json.field("a", 1)
                json.field("b", "x")
                json.field("c") { $0.array([1, 2]) { $0.int($1) } }
                json.field("d") { $0.object { _ in } }
                json.field("e", raw: Array("[ 1 ]".utf8))
                json.field("f", true)
                json.field("g", 1.5)
                json.field("h", ["p", "q"])
                json.key("i")
                json.null()
                json.field("j") { json in
                    json.array { json in
                        json.object { $0.field("k", 1) }
                        json.array { _ in }
                        json.string("")
                        json.bool(false)
                    }
                }
            }
        }
        #expect(
            text
                == #"{"a":1,"b":"x","c":[1,2],"d":{},"e":[ 1 ],"f":true,"g":1.5,"h":["p","q"],"i":null,"j":[{"k":1},[],"",false]}"#
        )
    }

    @Test func everyCharacterComesBack() throws {
        var scalars = String.UnicodeScalarView()
        for value in (0..<0x800 as Range<UInt32>) { scalars.append(Unicode.Scalar(value)!) }
        for value: UInt32 in [0x2028, 0x2029, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF] {
            scalars.append(Unicode.Scalar(value)!)
        }
        let all = String(scalars)
        let written = self.text { $0.string(all) }
        #expect(!written.utf8.contains { $0 < 0x20 })
        let read = try #require(try JSON(parsing: written).string)
        #expect(read.unicodeScalars.elementsEqual(all.unicodeScalars))
        let key = self.text { json in json.object { $0.field(all, 1) } }
        #expect(try JSON(parsing: key)[all]?.int == 1)
    }

    @Test func escapesAreTheShortOnes() {
        #expect(self.text { $0.string("a\"b\\c\n\r\t\u{0}\u{1F}/é") } == #""a\"b\\c\n\r\t\u0000\u001f/é""#)
    }

    @Test func numbersComeBack() throws {
        for value in [0.1, -1.0 / 3, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e21, 123456789.125, -0.0] {
            #expect(try JSON(parsing: self.text { $0.double(value) }).double == value)
        }
        for value in [.nan, .infinity, -.infinity] as [Double] { #expect(self.text { $0.double(value) } == "null") }
        #expect(self.text { $0.int(Int64.min) } == "-9223372036854775808")
        #expect(self.text { $0.int(UInt64.max) } == "18446744073709551615")
    }

    @Test func whatHasNothingToSayIsLeftOut() {
        #expect(self.text { $0.options(MessageOptions()) } == "{}")
        #expect(self.text { $0.content(.image(Media(url: "u"))) } == #"{"url":"u"}"#)
    }

    @Test func contentThatLacksWhatItNeedsIsNone() throws {
        for (kind, text) in [
            ("text", "{}"), ("text", #"{"text":1}"#), ("text", "[]"), ("location", #"{"latitude":1}"#), ("face", "{}"),
            ("command", "{}"), ("custom", "{}"), ("combined", "{}"), ("nothing", "{}"),
            ("combined", #"{"parts":[{"kind":"text"}]}"#), ("combined", #"{"parts":[{"kind":"x","content":{}}]}"#),
            ("combined", #"{"parts":[1]}"#),
        ] {
            #expect(Content(kind: kind, json: try JSON(parsing: text)) == nil)
        }
    }

    @Test func optionsOfTheWrongKindAreIgnored() throws {
        let text = """
            {"reachesSender":1,"mention":[],"priority":"urgent","expansion":[1],"push":3,"forbiddenCallbacks":["x",1],
             "hiddenFromHistoryOf":"a","random":-1,"attachment":{}}
            """
        var expected = MessageOptions()
        expected.mention = .users([])
        #expect(MessageOptions(json: try JSON(parsing: text)) == expected)
    }
}
