import ParleyDialectKit
import Testing

@testable import ParleyEasemob

struct MultipartTests {
    private static func parse(_ body: String, type: String = "multipart/form-data; boundary=b") throws -> Multipart {
        try Multipart(Array(body.utf8), contentType: type)
    }

    private static func text(_ part: Multipart.Part?) -> String? {
        part.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test func aFileIsFoundByItsNameAmongOthers() throws {
        let form = try Self.parse(
            "--b\r\nContent-Disposition: form-data; name=\"filename\"\r\n\r\na.txt\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"hack\"\r\n\r\n\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"/some/dir/1.png\"\r\n"
                + "Content-Type: image/png\r\n\r\nby--b\r\ntes\r\n--b--\r\n")
        let file = try #require(form["file"])
        #expect(Self.text(file) == "by--b\r\ntes")
        #expect(file.fileName == "1.png")
        #expect(file.mediaType == "image/png")
        #expect(Self.text(form["filename"]) == "a.txt")
        #expect(Self.text(form["hack"]) == "")
        #expect(form["other"] == nil)
    }

    @Test(arguments: [
        "multipart/form-data; boundary=\"b\"", "Multipart/Form-Data;boundary=b",
        "multipart/form-data; charset=utf-8; BOUNDARY=b",
        "multipart/form-data; boundary = b ; x=y",
    ])
    func theBoundaryIsReadHoweverItIsWritten(_ type: String) throws {
        let form = try Self.parse("--b\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--b--", type: type)
        #expect(Self.text(form["file"]) == "x")
    }

    @Test func linesMayEndInLineFeedsAlone() throws {
        let form = try Self.parse("--b\nContent-Disposition: form-data; name=\"file\"\n\nx\ny\n--b--\n")
        #expect(Self.text(form["file"]) == "x\ny")
    }

    @Test func whatIsBeforeTheFirstPartIsNoMatter() throws {
        let form = try Self.parse("hello\r\n--b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b--")
        #expect(Self.text(form["file"]) == "x")
    }

    @Test func aMissingEndIsForgiven() throws {
        let form = try Self.parse("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nxyz")
        #expect(Self.text(form["file"]) == "xyz")
    }

    @Test func quotedNamesMayHaveEscapesAndSemicolons() throws {
        let form = try Self.parse(
            "--b\r\nContent-Disposition: form-data; filename=\"a\\\"b;c=d\\\\e.txt\"; name=\"file\"\r\n\r\nx\r\n--b--")
        #expect(form["file"]?.fileName == "e.txt")
        #expect(form["file"] != nil)
    }

    @Test(arguments: [
        ("", "multipart/form-data; boundary=b"), ("x", "multipart/form-data; boundary=b"),
        ("--b", "multipart/form-data; boundary=b"), ("--b--", "multipart/form-data; boundary=b"),
        ("--b\r\n", "multipart/form-data; boundary=b"), ("--b\r\nX: y", "multipart/form-data; boundary=b"),
        ("--b\r\n\r\nx\r\n--b--", "multipart/form-data"), ("--b\r\n\r\nx\r\n--b--", "multipart/form-data; boundary="),
        ("--b\r\n\r\nx\r\n--b--", "application/json"), ("--b\r\n\r\nx\r\n--b--", ""),
        ("--b\r\n\r\nx\r\n--b--", "multipart/form-data; boundary"),
        ("--b\r\n\r\nx", "multipart/form-data; boundary=\"b"),
    ])
    func whatIsNoFormIsNoneOrHasNoFile(_ body: String, _ type: String) {
        #expect((try? Self.parse(body, type: type))?["file"] == nil)
    }

    @Test func partsAreCountedAndHeadersMeasured() {
        let many = String(repeating: "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n", count: 100)
        #expect(throws: Malformed("file", .tooMany(limit: 64))) { try Self.parse(many + "--b--") }
        let long = "--b\r\nX: " + String(repeating: "y", count: 100_000) + "\r\n\r\nx\r\n--b--"
        #expect(throws: Malformed.self) { try Self.parse(long) }
    }

    /// Cuts, and bytes turned into others: whatever comes of it, it is an answer and not a crash.
    @Test func noDamageDoesMoreThanDamage() {
        let whole = Array(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n".utf8)
        for length in 0...whole.count {
            _ = try? Multipart(Array(whole.prefix(length)), contentType: "multipart/form-data; boundary=b")
        }
        for index in whole.indices {
            for byte in [0, 0xFF, UInt8(ascii: "\n"), UInt8(ascii: "-"), UInt8(ascii: "\""), UInt8(ascii: ";")] {
                var damaged = whole
                damaged[index] = byte
                _ = try? Multipart(damaged, contentType: "multipart/form-data; boundary=b")
            }
        }
    }
}
