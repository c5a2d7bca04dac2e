import ParleyDialectKit
import Testing

struct Base64Tests {
    @Test(arguments: [0, 1, 2, 3, 4, 97, 98])
    func whatIsWrittenIsRead(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 251) }
        for base64 in [Base64.standard, .url] { #expect(base64.decoded(base64.encoded(bytes).utf8) == bytes) }
        #expect(!Base64.url.encoded(bytes).contains(where: { "+/=".contains($0) }))
        #expect(Base64.standard.encoded(bytes).count % 4 == 0)
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
    ])
    func theStandardsVectors(_ plain: String, _ text: String) {
        #expect(Base64.standard.encoded(plain.utf8) == text)
        #expect(Base64.standard.decoded(text.utf8) == Array(plain.utf8))
        #expect(Base64.standard.decoded(text.utf8.prefix { $0 != UInt8(ascii: "=") }) == Array(plain.utf8))
    }

    @Test(arguments: ["-_9", "A", "A A", "Zg==", "+/8", "é", "Zg\0"])
    func whatIsNotWrittenSoIsNotRead(_ text: String) {
        #expect(Base64.url.decoded(text.utf8) == nil)
    }

    @Test(arguments: ["-_8", "Zh==", "Z===", "Zg==Zg==", "Zg==="])
    func norInTheStandardAlphabet(_ text: String) {
        #expect(Base64.standard.decoded(text.utf8) == nil)
    }
}
