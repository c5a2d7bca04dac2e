/// A line for the terminal, in pieces of one style each.
struct Line: Equatable {
    enum Style: Equatable {
        case plain, dim, bold, alert
        /// A colour of this person's own.
        case person(String)
    }

    struct Piece: Equatable {
        var text: String
        var style: Style
    }

    private(set) var pieces: [Piece] = []

    init() {}
    /// - Parameter text: harmless.
    init(_ text: String, _ style: Style = .plain) { self.pieces = [Piece(text: text, style: style)] }

    func and(_ text: String, _ style: Style = .plain) -> Line {
        var line = self
        line.pieces.append(Piece(text: text, style: style))
        return line
    }

    var plain: String { self.pieces.map(\.text).joined() }
    var width: Int { Width.of(self.plain) }

    /// The first columns of it.
    func cut(to columns: Int) -> Line {
        var line = Line()
        var left = columns
        for piece in self.pieces {
            var text = ""
            for character in piece.text {
                left -= Width.of(character)
                guard left >= 0 else { break }
                text.append(character)
            }
            line.pieces.append(Piece(text: text, style: piece.style))
            if left < 0 { break }
        }
        return line
    }

    func text(inColour: Bool) -> String {
        guard inColour else { return self.plain }
        return self.pieces.map { piece in
            guard let code = Self.code(piece.style), !piece.text.isEmpty else { return piece.text }
            return "\u{1B}[\(code)m\(piece.text)\u{1B}[0m"
        }.joined()
    }

    private static func code(_ style: Style) -> String? {
        switch style {
        case .plain: nil
        case .dim: "2"
        case .bold: "1"
        case .alert: "31"
        case .person(let name):
            // Those that can be read on black and on white.
            ["32", "33", "34", "35", "36", "92", "94", "95", "96", "1;32", "1;34", "1;35"][Self.hash(name) % 12]
        }
    }

    /// The same in every run, unlike Swift's own.
    private static func hash(_ name: String) -> Int {
        Int(name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 } % 9973)
    }
}
