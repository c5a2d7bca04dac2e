/// Text that somebody else wrote, made fit to be printed: what a terminal would obey, and what would reorder or hide the text around it, is gone.
///
/// Control characters (C0, C1, delete) become their pictures; bidirectional overrides and other invisible format characters are taken out (but for
/// the joiners that emoji and scripts need); more than a few combining marks in a row, which would climb over other lines, are cut.
enum Harmless {
    static let maximumMarks = 4

    /// Of one line: a line break becomes ⏎, a tab a space.
    static func line(_ text: String) -> String { Self.clean(text, keepingBreaks: false) }

    /// Of several: line breaks stay.
    static func lines(_ text: String) -> String { Self.clean(text, keepingBreaks: true) }

    private static func clean(_ text: String, keepingBreaks: Bool) -> String {
        var result = String.UnicodeScalarView()
        var marks = 0
        for scalar in text.replacing("\r\n", with: "\n").unicodeScalars {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark:
                marks += 1
                if marks <= Self.maximumMarks { result.append(scalar) }
                continue
            case .control: result.append(Self.picture(scalar, keepingBreaks))
            case .format: if scalar == "\u{200D}" || scalar == "\u{200C}" { result.append(scalar) }
            case .lineSeparator, .paragraphSeparator: result.append(" ")
            case .privateUse, .unassigned, .surrogate: result.append("\u{FFFD}")
            default: result.append(scalar)
            }
            marks = 0
        }
        return String(result)
    }

    private static func picture(_ scalar: Unicode.Scalar, _ keepingBreaks: Bool) -> Unicode.Scalar {
        switch scalar.value {
        case 0x0A: keepingBreaks ? "\n" : "⏎"
        case 0x09: " "
        case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value)!
        case 0x7F: "\u{2421}"
        default: "\u{FFFD}"
        }
    }

    /// A name for a downloaded file, whatever the message calls it: no path, nothing hidden, nothing that looks like an option.
    static func fileName(_ name: String?) -> String {
        let last = (name ?? "").split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        var clean = Self.line(last).filter { !":*?\"<>|⏎".contains($0) }
        while let first = clean.first, first == "." || first == "-" || first == " " { clean.removeFirst() }
        while clean.utf8.count > 200 { clean.removeLast() }
        return clean.isEmpty ? "file" : clean
    }
}
