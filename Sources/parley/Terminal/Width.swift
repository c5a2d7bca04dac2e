/// How many columns text takes in a terminal.
enum Width {
    static func of(_ text: some Sequence<Character>) -> Int { text.reduce(0) { $0 + Self.of($1) } }

    static func of(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        // A variation selector 16 asks for the picture, which is wide.
        if scalars.count > 1, scalars.contains("\u{FE0F}") { return 2 }
        return scalars.map(Self.of).max() ?? 0
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .control, .format: return 0
        default: break
        }
        if scalar.value < 0x1100 { return 1 }
        if scalar.properties.isEmojiPresentation { return 2 }
        return Self.wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// Wide and full-width of Unicode's East Asian Width (UAX #11), as blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]
}
