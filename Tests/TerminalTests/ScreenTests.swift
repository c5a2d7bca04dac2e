import Testing

@testable import parley

struct ScreenTests {
    @Test func whatIsPrintedPutsThePromptBelowItAgain() {
        var screen = Screen(columns: 40, hasColours: false)
        #expect(screen.update(prompt: Line("bob> "), before: Array("hel"), after: []) == "bob> hel\r\u{1B}[8C")
        #expect(screen.show([Line("one"), Line("two")]) == "\r\u{1B}[Jone\r\ntwo\r\nbob> hel\r\u{1B}[8C")
        #expect(screen.update(prompt: Line("bob> "), before: Array("hel"), after: []) == "")
        #expect(screen.leave() == "\r\u{1B}[J")
    }

    @Test func aLineThatIsTooLongMovesUnderTheCursor() {
        var screen = Screen(columns: 20, hasColours: false)
        let text = Array("abcdefghijklmnopqrstuvwxyz")
        #expect(screen.update(prompt: Line("> "), before: text, after: []) == "> klmnopqrstuvwxyz\r\u{1B}[18C")
        #expect(
            screen.update(prompt: Line("> "), before: [], after: text) == "\r\u{1B}[J> abcdefghijklmnopq\r\u{1B}[2C")
    }

    @Test func wideCharactersTakeTwoColumns() {
        var screen = Screen(columns: 20, hasColours: false)
        let drawn = screen.update(prompt: Line("> "), before: Array("你好"), after: Array("吗"))
        #expect(drawn == "> 你好吗\r\u{1B}[6C")
        // 17 columns are left, one of them for the cursor: eight wide ones, not eight and a half.
        let long = screen.update(prompt: Line("> "), before: Array(repeating: "你", count: 30), after: [])
        #expect(long == "\r\u{1B}[J> " + String(repeating: "你", count: 8) + "\r\u{1B}[18C")
    }

    @Test func aPromptThatIsTooLongIsCut() {
        var screen = Screen(columns: 20, hasColours: false)
        let drawn = screen.update(prompt: Line(String(repeating: "p", count: 50)), before: ["x"], after: [])
        #expect(drawn == "pppppppppx\r\u{1B}[10C")
    }

    @Test func aNarrowerWindowIsClearedOfTheRowsThatWrapped() {
        var screen = Screen(columns: 40, hasColours: false)
        _ = screen.update(prompt: Line("> "), before: Array(repeating: "x", count: 30), after: [])
        #expect(screen.resize(columns: 20).hasPrefix("\u{1B}[1A\r\u{1B}[J> "))
    }

    @Test func coloursAreOneOfAPersonAndNoneWhenNotWanted() {
        let line = Line("12:00 ", .dim).and("bob", .person("bob")).and(": hi")
        #expect(line.text(inColour: false) == "12:00 bob: hi")
        let coloured = line.text(inColour: true)
        #expect(coloured.hasPrefix("\u{1B}[2m12:00 \u{1B}[0m\u{1B}["))
        #expect(coloured.hasSuffix("mbob\u{1B}[0m: hi"))
        #expect(coloured == line.text(inColour: true))
    }

    @Test(arguments: [
        ("a", 1), ("你", 2), ("한", 2), ("ｱ", 1), ("Ａ", 2), ("e\u{301}", 1), ("👍🏽", 2), ("❤️", 2), ("🇨🇳", 2), ("é", 1),
    ])
    func charactersHaveTheirWidth(_ character: Character, _ width: Int) {
        #expect(Width.of(character) == width)
    }
}

struct HarmlessTests {
    @Test(arguments: [
        ("\u{1B}[2J\u{7}boo", "␛[2J␇boo"), ("a\u{9B}31mb", "a\u{FFFD}31mb"), ("a\u{202E}txt.exe", "atxt.exe"),
        ("\u{2066}x\u{2069}\u{200B}\u{FEFF}", "x"), ("a\r\nb\tc", "a⏎b c"), ("\u{2028}", " "),
        ("👨‍👩‍👧", "👨‍👩‍👧"), ("e" + String(repeating: "\u{301}", count: 50), "e" + String(repeating: "\u{301}", count: 4)),
        ("\u{7F}\u{E000}", "␡\u{FFFD}"), ("你好", "你好"),
    ])
    func whatATerminalWouldObeyIsShownOrGone(_ text: String, _ expected: String) {
        #expect(Harmless.line(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    @Test func breaksStayWhereTheyMay() { #expect(Harmless.lines("a\nb\u{1B}") == "a\nb␛") }

    @Test(arguments: [
        ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), (".bashrc", "bashrc"), ("-rf", "rf"),
        ("/", "file"), ("", "file"), ("a\u{1B}b\u{202E}gpj.exe", "a␛bgpj.exe"), ("cat photo.jpg", "cat photo.jpg"),
        ("..", "file"), ("a:b*c", "abc"),
    ])
    func aFileNameIsNoPathAndHidesNothing(_ name: String, _ expected: String) {
        #expect(Harmless.fileName(name) == expected)
    }

    @Test func aFileNameFitsTheDisk() {
        #expect(Harmless.fileName(String(repeating: "你", count: 500)).utf8.count <= 200)
    }
}
