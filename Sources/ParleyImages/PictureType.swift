/// Which loader a picture is for, by its first bytes. Only these are used, whatever else is installed: a loader for drawings or for old formats
/// is not something to hand uploads of strangers to.
enum PictureType: String {
    case jpeg
    case png
    case gif
    case bmp
    case webp

    init?(_ bytes: [UInt8]) {
        switch bytes.prefix(12) {
        case let start where start.starts(with: [0xFF, 0xD8, 0xFF]): self = .jpeg
        case let start where start.starts(with: [0x89] + Array("PNG\r\n\u{1A}\n".utf8)): self = .png
        case let start where start.starts(with: Array("GIF8".utf8)): self = .gif
        case let start where start.starts(with: Array("BM".utf8)): self = .bmp
        case let start where start.starts(with: Array("RIFF".utf8)) && start.dropFirst(8).elementsEqual("WEBP".utf8):
            self = .webp
        default: return nil
        }
    }
}
