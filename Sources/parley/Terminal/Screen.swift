/// The bottom row, where a line is typed, and what is printed above it: as the characters that make a terminal show it so.
///
/// Whatever is printed scrolls up as in any terminal; only the row of the prompt is ever drawn again.
struct Screen {
    var columns: Int
    /// What stands before the line that is typed.
    private(set) var prompt = Line()
    private(set) var before: [Character] = []
    private(set) var after: [Character] = []
    private let hasColours: Bool
    /// How wide what was drawn last is, when the prompt is there.
    private var drawn: Int?
    private var cursor = 0

    init(columns: Int, hasColours: Bool) {
        self.columns = columns
        self.hasColours = hasColours
    }

    /// Above the line that is typed.
    mutating func show(_ lines: [Line]) -> String {
        guard !lines.isEmpty else { return "" }
        return self.erased() + lines.map { $0.text(inColour: self.hasColours) + "\r\n" }.joined() + self.draw()
    }

    mutating func update(prompt: Line, before: [Character], after: [Character]) -> String {
        if self.drawn != nil, prompt == self.prompt, before == self.before, after == self.after { return "" }
        self.prompt = prompt
        self.before = before
        self.after = after
        return self.erased() + self.draw()
    }

    /// The window has another size. Most terminals have wrapped what was too wide: the rows that it takes now are cleared.
    mutating func resize(columns: Int) -> String {
        self.columns = columns
        return self.erased() + self.draw()
    }

    /// Takes the prompt away: the last thing.
    mutating func leave() -> String { self.erased() }

    private mutating func erased() -> String {
        guard self.drawn != nil else { return "" }
        self.drawn = nil
        let rowsAbove = self.cursor / max(1, self.columns)
        return (rowsAbove > 0 ? "\u{1B}[\(rowsAbove)A" : "") + "\r\u{1B}[J"
    }

    private mutating func draw() -> String {
        // The last column stays free: a cursor there is in another place in each terminal.
        let room = max(1, self.columns - 1)
        let prompt = self.prompt.cut(to: max(0, room - min(room, 10)))
        let left = room - prompt.width
        // As much before the cursor as fits, with the cursor's own column; then what fits after it.
        var start = self.before.count
        var width = 0
        while start > 0, width + Width.of(self.before[start - 1]) < left {
            start -= 1
            width += Width.of(self.before[start])
        }
        var shown = Array(self.before[start...])
        let cursor = prompt.width + width
        for character in self.after {
            let more = Width.of(character)
            guard width + more <= left else { break }
            shown.append(character)
            width += more
        }
        self.drawn = prompt.width + width
        self.cursor = cursor
        let move = cursor > 0 ? "\r\u{1B}[\(cursor)C" : "\r"
        return prompt.text(inColour: self.hasColours) + String(shown) + move
    }
}
