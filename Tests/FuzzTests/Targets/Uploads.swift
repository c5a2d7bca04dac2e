import ParleyDialectKit
import ParleyImages

@testable import ParleyEasemob

/// What is uploaded: forms of several parts, and the pictures in them.
extension FuzzTarget {
    static let uploads: [FuzzTarget] = [
        FuzzTarget("multipart", seeds: multipartSeeds(), run: multipart),
        FuzzTarget("picture", seeds: pictureSeeds(), run: picture),
    ]

    private static func multipartSeeds() -> [[UInt8]] {
        let parts = [
            "multipart/form-data; boundary=xyz\n--xyz\r\nContent-Disposition: form-data; name=\"file\"; "
                + "filename=\"a/b.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nhello\r\n--xyz--\r\n",
            "multipart/form-data; charset=\"a;b\"; boundary=\"x y\"\npreamble\n--x y\nContent-Disposition: form-data; "
                + "name=file\n\nhello\n--x y\n\n\n--x y--",
            "multipart/mixed; boundary=-\n---\n\n---\r\n---",
        ]
        return parts.map { Array($0.utf8) }
    }

    /// The first line is the content type. What it was read as is put together anew and read again.
    private static func multipart(_ bytes: [UInt8]) throws {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let type = String(decoding: bytes[..<end], as: UTF8.self)
        let body = Array(bytes[min(end + 1, bytes.endIndex)...])
        guard let form = try? Multipart(body, contentType: type) else { return }
        try require((1...64).contains(form.parts.count), "\(form.parts.count) parts")
        for part in form.parts {
            try require(part.bytes.startIndex >= 0 && part.bytes.endIndex <= body.count, "a part is not in the body")
            try require(part.fileName?.contains("/") != true, "a file's name with folders")
        }
        let boundary = "a boundary that is in no input 8fQ2"
        guard body.firstRange(of: Array(boundary.utf8)) == nil else { return }
        var again: [UInt8] = []
        for part in form.parts {
            again += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n".utf8)
            again += part.bytes + Array("\r\n".utf8)
        }
        again += Array("--\(boundary)--".utf8)
        let read = try Multipart(again, contentType: "multipart/form-data; boundary=\"\(boundary)\"")
        try require(read.parts.map(\.bytes).elementsEqual(form.parts.map(\.bytes)), "parts do not survive")
    }

    private static func pictureSeeds() -> [[UInt8]] {
        let gif: [UInt8] =
            Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 0]
            + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
        let bmp: [UInt8] =
            Array("BM".utf8) + [58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
            + [1, 0, 24, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0]
        return [gif, bmp, self.rectangle]
    }

    /// A BMP of 200 by 100 points, large enough to be made smaller.
    private static let rectangle: [UInt8] =
        Array("BM".utf8) + [0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 200, 0, 0, 0, 100, 0, 0, 0]
        + [1, 0, 24] + [UInt8](repeating: 0, count: 25) + [UInt8](repeating: 0x7F, count: 200 * 100 * 3)

    private static let thumbnailer = PixbufThumbnailer(pixelLimit: 1_000_000)

    private static func picture(_ bytes: [UInt8]) throws {
        guard let small = self.thumbnailer.thumbnail(of: bytes, width: 64, height: 64) else { return }
        try require(!small.isEmpty, "an empty picture")
        try require(
            small.starts(with: [0x89, 0x50, 0x4E, 0x47]) || small.starts(with: [0xFF, 0xD8]), "neither PNG nor JPEG")
        try require(self.thumbnailer.thumbnail(of: small, width: 64, height: 64) != nil, "cannot be read again")
    }
}
