/// What was pressed.
enum Key: Hashable {
    case text(String)
    /// As one piece, so that the line breaks in it do not send anything.
    case paste(String)
    case enter, backspace, delete, left, right, wordLeft, wordRight, home, end, up, down
    case killToEnd, killToStart, killWord, redraw, suspend, interrupt, endOfInput
}

/// Bytes of a terminal in raw mode, as keys. Sequences may come in pieces.
struct KeyReader {
    private var rest: [UInt8] = []
    private var pasted: [UInt8]?
    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    mutating func keys(_ bytes: some Sequence<UInt8>) -> [Key] {
        self.rest.append(contentsOf: bytes)
        var keys: [Key] = []
        while let key = self.next() {
            if let key = key.value { keys.append(key) }
        }
        return keys
    }

    /// A key, or something that is none.
    private struct Read { var value: Key? }

    private mutating func next() -> Read? {
        if self.pasted != nil { return self.paste() }
        guard let first = self.rest.first else { return nil }
        if first == 0x1B { return self.escape() }
        if first < 0x20 || first == 0x7F {
            self.rest.removeFirst()
            return Read(value: Self.control(first))
        }
        return self.text()
    }

    private mutating func text() -> Read? {
        let end = self.rest.firstIndex { $0 < 0x20 || $0 == 0x7F } ?? self.rest.count
        var count = end
        if end == self.rest.count { count -= Self.unfinished(self.rest[..<end]) }
        guard count > 0 else { return nil }
        let text = String(decoding: self.rest[..<count], as: UTF8.self)
        self.rest.removeFirst(count)
        return Read(value: .text(text))
    }

    /// How many bytes at the end are the beginning of a character.
    private static func unfinished(_ bytes: ArraySlice<UInt8>) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.endIndex - back]
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            if length > 1 { return length > back ? back : 0 }
            if byte < 0x80 { return 0 }
        }
        return 0
    }

    private static func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x08, 0x7F: .backspace
        case 0x0A, 0x0D: .enter
        case 0x0B: .killToEnd
        case 0x0C: .redraw
        case 0x0E: .down
        case 0x10: .up
        case 0x15: .killToStart
        case 0x17: .killWord
        case 0x1A: .suspend
        default: nil
        }
    }

    private mutating func escape() -> Read? {
        guard self.rest.count > 1 else { return nil }
        switch self.rest[1] {
        case UInt8(ascii: "["):
            guard let end = self.rest.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
                // Nothing that a keyboard sends is so long.
                guard self.rest.count > 32 else { return nil }
                self.rest.removeFirst(2)
                return Read(value: nil)
            }
            let sequence = String(decoding: self.rest[2...end], as: UTF8.self)
            self.rest.removeFirst(end + 1)
            if sequence == "200~" {
                self.pasted = []
                return Read(value: nil)
            }
            return Read(value: Self.sequence(sequence))
        case UInt8(ascii: "O"):
            guard self.rest.count > 2 else { return nil }
            let final = String(decoding: [self.rest[2]], as: UTF8.self)
            self.rest.removeFirst(3)
            return Read(value: Self.sequence(final))
        case let byte:
            self.rest.removeFirst(byte == 0x1B ? 1 : 2)
            return Read(value: byte == UInt8(ascii: "b") ? .wordLeft : byte == UInt8(ascii: "f") ? .wordRight : nil)
        }
    }

    private static func sequence(_ sequence: String) -> Key? {
        switch sequence {
        case "A": .up
        case "B": .down
        case "C": .right
        case "D": .left
        case "H", "1~", "7~": .home
        case "F", "4~", "8~": .end
        case "3~": .delete
        case "1;5C", "1;3C": .wordRight
        case "1;5D", "1;3D": .wordLeft
        default: nil
        }
    }

    private mutating func paste() -> Read? {
        guard let end = self.rest.firstRange(of: Self.pasteEnd) else {
            // All but what may be the beginning of the end.
            let sure = max(0, self.rest.count - Self.pasteEnd.count)
            self.pasted?.append(contentsOf: self.rest[..<sure])
            self.rest.removeFirst(sure)
            return nil
        }
        let bytes = (self.pasted ?? []) + self.rest[..<end.lowerBound]
        self.rest.removeFirst(end.upperBound)
        self.pasted = nil
        // Some terminals paste line breaks as if Enter had been pressed.
        let text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return Read(value: .paste(text))
    }
}
