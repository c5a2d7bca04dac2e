import ParleyCore
import ParleyImages
import Testing

@Suite struct ThumbnailTests {
    private let thumbnailer: any Thumbnailer = PixbufThumbnailer()

    @Test(arguments: [
        (640, 480, 170, 128), (480, 640, 128, 170), (400, 400, 170, 170), (3000, 3, 170, 1), (340, 100, 170, 50),
    ])
    func proportionsAreKeptInsideTheBox(_ width: Int, _ height: Int, _ fittedWidth: Int, _ fittedHeight: Int) throws {
        for type in ["jpeg", "png"] {
            let picture = Pictures.make(width, height, as: type)
            let made = try #require(thumbnailer.thumbnail(of: picture, width: 170, height: 170))
            let thumbnail = try #require(Pictures.describe(made))
            #expect(thumbnail.type == "jpeg")
            #expect((thumbnail.width, thumbnail.height) == (fittedWidth, fittedHeight))
        }
    }

    @Test func aSmallPictureIsNotMadeLarger() throws {
        let made = try #require(
            thumbnailer.thumbnail(of: Pictures.make(20, 10, as: "png"), width: 170, height: 170))
        let thumbnail = try #require(Pictures.describe(made))
        #expect((thumbnail.width, thumbnail.height) == (20, 10))
    }

    @Test func transparencyIsKept() throws {
        let picture = Pictures.make(300, 300, alpha: true, as: "png")
        let made = try #require(thumbnailer.thumbnail(of: picture, width: 100, height: 100))
        let thumbnail = try #require(Pictures.describe(made))
        #expect(thumbnail.type == "png")
        #expect(thumbnail.hasAlpha)
        #expect((thumbnail.width, thumbnail.height) == (100, 100))
    }

    /// 5...8 lie on their side.
    @Test(arguments: 1...8)
    func picturesStandAsTheyWereHeld(_ orientation: Int) throws {
        let picture = Pictures.jpeg(400, 200, orientation: UInt8(orientation))
        let made = try #require(thumbnailer.thumbnail(of: picture, width: 100, height: 150))
        let thumbnail = try #require(Pictures.describe(made))
        #expect((thumbnail.width, thumbnail.height) == (orientation < 5 ? (100, 50) : (75, 150)))
    }

    @Test func aGIFIsRead() throws {
        let made = try #require(thumbnailer.thumbnail(of: Pictures.gif, width: 170, height: 170))
        let thumbnail = try #require(Pictures.describe(made))
        #expect((thumbnail.width, thumbnail.height) == (1, 1))
    }

    @Test(arguments: [(8_000, 8_000), (60_000, 60_000), (0x7FFF_FFFF, 0x7FFF_FFFF), (50_000_001, 1)])
    func picturesThatClaimTooManyPixelsAreNotRead(_ width: UInt32, _ height: UInt32) {
        let picture = Pictures.pngClaiming(width: width, height: height)
        #expect(thumbnailer.thumbnail(of: picture, width: 170, height: 170) == nil)
    }

    @Test func theLimitIsOfPixels() {
        let picture = Pictures.make(100, 100, as: "png")
        #expect(PixbufThumbnailer(pixelLimit: 9_999).thumbnail(of: picture, width: 170, height: 170) == nil)
        #expect(PixbufThumbnailer(pixelLimit: 10_000).thumbnail(of: picture, width: 170, height: 170) != nil)
    }

    @Test func whatIsNoPictureHasNoThumbnail() {
        let garbage: [[UInt8]] = [
            [], [0], Array("hello".utf8), Array(repeating: 0, count: 100_000), Array("%PDF-1.4 …".utf8),
            Array("\u{89}PNG\r\n".utf8), [0xFF, 0xD8, 0xFF], Array("GIF89a".utf8), Array("<svg/>".utf8),
        ]
        for bytes in garbage { #expect(thumbnailer.thumbnail(of: bytes, width: 170, height: 170) == nil) }
        #expect(thumbnailer.thumbnail(of: Pictures.gif, width: 0, height: 170) == nil)
        #expect(thumbnailer.thumbnail(of: Pictures.gif, width: 170, height: -1) == nil)
    }

    /// Cut short or damaged, a picture has a thumbnail or has none; nothing else may happen.
    @Test(arguments: ["jpeg", "png", "bmp", "gif"])
    func damagedPicturesDoNoHarm(_ type: String) {
        let picture = type == "gif" ? Pictures.gif : Pictures.make(40, 30, as: type)
        for length in stride(from: 0, to: picture.count, by: max(1, picture.count / 50)) {
            _ = thumbnailer.thumbnail(of: Array(picture[..<length]), width: 17, height: 17)
        }
        var random = SplitMix(state: 7)
        for _ in 0..<200 {
            var damaged = picture
            for _ in 0..<4 {
                damaged[Int.random(in: damaged.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            if let made = thumbnailer.thumbnail(of: damaged, width: 17, height: 17) { #expect(!made.isEmpty) }
        }
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
