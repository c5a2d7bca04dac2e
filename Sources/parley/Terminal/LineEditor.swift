/// One line that is being typed, and those that were.
struct LineEditor {
    static let maximumLength = 20_000
    static let maximumHistory = 200

    enum Outcome: Equatable {
        case nothing, changed
        case line(String)
        case interrupt, endOfInput, redraw, suspend
    }

    private(set) var before: [Character] = []
    private(set) var after: [Character] = []
    private var history: [String] = []
    /// Which line of the history is shown; its count: the new one.
    private var place = 0
    private var draft = ""

    var text: String { String(self.before + self.after) }

    mutating func press(_ key: Key) -> Outcome {
        switch key {
        case .text(let text), .paste(let text): return self.insert(text)
        case .enter: return self.submit()
        case .backspace: return self.change { if !$0.before.isEmpty { $0.before.removeLast() } }
        case .delete: return self.change { if !$0.after.isEmpty { $0.after.removeFirst() } }
        case .left: return self.change { if let last = $0.before.popLast() { $0.after.insert(last, at: 0) } }
        case .right: return self.change { if !$0.after.isEmpty { $0.before.append($0.after.removeFirst()) } }
        case .wordLeft:
            return self.change {
                let count = $0.wordBefore
                $0.after.insert(contentsOf: $0.before.suffix(count), at: 0)
                $0.before.removeLast(count)
            }
        case .wordRight:
            return self.change { editor in
                let spaces = editor.after.prefix { $0 == " " }.count
                let count = spaces + editor.after.dropFirst(spaces).prefix { $0 != " " }.count
                editor.before += editor.after.prefix(count)
                editor.after.removeFirst(count)
            }
        case .home: return self.change { $0.move(to: 0) }
        case .end: return self.change { $0.move(to: $0.before.count + $0.after.count) }
        case .killToEnd: return self.change { $0.after = [] }
        case .killToStart: return self.change { $0.before = [] }
        case .killWord: return self.change { $0.before.removeLast($0.wordBefore) }
        case .up: return self.recall(self.place - 1)
        case .down: return self.recall(self.place + 1)
        case .redraw: return .redraw
        case .suspend: return .suspend
        case .interrupt: return .interrupt
        case .endOfInput: return self.text.isEmpty ? .endOfInput : self.press(.delete)
        }
    }

    private mutating func insert(_ text: String) -> Outcome {
        let clean = Harmless.line(text)
        guard self.before.count + self.after.count + clean.count <= Self.maximumLength else { return .nothing }
        // As one text: a combining mark belongs to the character before it.
        self.before = Array(String(self.before) + clean)
        return .changed
    }

    private mutating func submit() -> Outcome {
        let line = self.text.replacing("⏎", with: "\n")
        if !line.isEmpty, self.history.last != self.text {
            self.history.append(self.text)
            if self.history.count > Self.maximumHistory { self.history.removeFirst() }
        }
        self.show("")
        self.place = self.history.count
        self.draft = ""
        return .line(line)
    }

    private mutating func recall(_ place: Int) -> Outcome {
        guard (0...self.history.count).contains(place), place != self.place else { return .nothing }
        if self.place == self.history.count { self.draft = self.text }
        self.place = place
        self.show(place == self.history.count ? self.draft : self.history[place])
        return .changed
    }

    private mutating func show(_ line: String) {
        self.before = Array(line)
        self.after = []
    }

    private mutating func move(to index: Int) {
        let all = self.before + self.after
        self.before = Array(all[..<index])
        self.after = Array(all[index...])
    }

    /// How many characters back the word before the cursor begins.
    private var wordBefore: Int {
        let reversed = self.before.reversed()
        let spaces = reversed.prefix { $0 == " " }.count
        return spaces + reversed.dropFirst(spaces).prefix { $0 != " " }.count
    }

    private mutating func change(_ body: (inout LineEditor) -> Void) -> Outcome {
        body(&self)
        return .changed
    }
}
