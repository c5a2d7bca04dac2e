import Testing

@testable import parley

struct LineEditorTests {
    private var editor = LineEditor()

    private mutating func press(_ keys: Key...) -> LineEditor.Outcome {
        var outcome = LineEditor.Outcome.nothing
        for key in keys { outcome = self.editor.press(key) }
        return outcome
    }

    private var shown: String { String(self.editor.before) + "|" + String(self.editor.after) }

    @Test mutating func whatIsTypedStandsAtTheCursor() {
        _ = self.press(.text("held"), .left, .left, .text("l"), .home, .text("> "), .end, .text("!"))
        #expect(self.shown == "> helld!|")
        let outcome = self.press(.enter)
        #expect(outcome == .line("> helld!"))
        #expect(self.shown == "|")
    }

    @Test mutating func charactersAreTakenWhole() {
        _ = self.press(.text("你好👨‍👩‍👧"), .backspace)
        #expect(self.shown == "你好|")
        _ = self.press(.text("e"), .text("\u{301}"), .backspace)
        #expect(self.shown == "你好|")
        _ = self.press(.home, .delete)
        #expect(self.shown == "|好")
    }

    @Test mutating func wordsAndLinesAreKilled() {
        _ = self.press(.text("one two  three"), .killWord)
        #expect(self.shown == "one two  |")
        _ = self.press(.killWord)
        #expect(self.shown == "one |")
        _ = self.press(.wordLeft, .right, .killToEnd)
        #expect(self.shown == "o|")
        _ = self.press(.text("x"), .killToStart)
        #expect(self.shown == "|")
    }

    @Test mutating func whatWasTypedBeforeComesBackAndTheDraftIsKept() {
        _ = self.press(.text("one"), .enter, .text("two"), .enter, .text("draft"), .up)
        #expect(self.shown == "two|")
        _ = self.press(.up)
        #expect(self.shown == "one|")
        let beyond = self.press(.up)
        #expect(beyond == .nothing)
        _ = self.press(.down, .down)
        #expect(self.shown == "draft|")
    }

    @Test mutating func aPasteIsOneLineToEditAndSeveralToSend() {
        _ = self.press(.paste("a\nb\u{1B}[2J"))
        #expect(self.shown == "a⏎b␛[2J|")
        let outcome = self.press(.enter)
        #expect(outcome == .line("a\nb␛[2J"))
    }

    @Test mutating func controlDLeavesOnlyAnEmptyLine() {
        _ = self.press(.text("ab"), .home)
        let first = self.press(.endOfInput)
        #expect(first == .changed)
        let second = self.press(.endOfInput, .endOfInput)
        #expect(second == .endOfInput)
    }

    @Test func keysComeInAnyPieces() {
        let bytes = Array("a你\u{1B}[D\u{1B}OA\u{1B}[1;5C\u{1B}[3~\u{7F}\u{1B}[200~x\ry\u{1B}[201~\r\u{1B}[99;99Zq".utf8)
        let expected: [Key] = [
            .left, .up, .wordRight, .delete, .backspace, .paste("x\ny"), .enter,
        ]
        for size in 1...bytes.count {
            var reader = KeyReader()
            var keys: [Key] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                keys += reader.keys(bytes[start..<min(start + size, bytes.count)])
            }
            var text = ""
            let others = keys.filter {
                if case .text(let piece) = $0 {
                    text += piece
                    return false
                }
                return true
            }
            #expect(text == "a你q")
            #expect(others == expected)
        }
    }
}
