/// A parsed JSON text. Values are views of the original bytes, so that what a vendor's client wrote can be handed on byte for byte, and numbers
/// and strings are made only when asked for.
///
/// Strict about syntax and UTF-8, bounded in depth; of equal keys in an object the last one counts. A lone surrogate escape becomes U+FFFD.
package struct JSON: Sendable {
    let document: Document
    let index: Int

    package enum Kind: Sendable {
        case null, bool, number, string, array, object
    }

    package struct SyntaxError: Error, Hashable, Sendable {
        /// Byte offset of the first byte that cannot be.
        package let offset: Int
    }

    /// - Throws: ``SyntaxError``. An empty text is one.
    package init(parsing bytes: [UInt8], maximumDepth: Int = 128) throws(SyntaxError) {
        var parser = Parser(maximumDepth: maximumDepth)
        let offset = bytes.withUnsafeBufferPointer { parser.parse($0) }
        if let offset { throw SyntaxError(offset: offset) }
        self.document = Document(bytes: bytes, nodes: parser.nodes)
        self.index = 0
    }

    package init(parsing text: String) throws(SyntaxError) { try self.init(parsing: Array(text.utf8)) }

    init(document: Document, index: Int) {
        self.document = document
        self.index = index
    }

    private var node: Node { self.document.nodes[self.index] }

    package var kind: Kind { self.node.kind }
    package var isNull: Bool { self.kind == .null }

    /// The value as it was written.
    package var raw: ArraySlice<UInt8> { self.document.bytes[self.node.start..<self.node.end] }

    package var string: String? {
        guard self.kind == .string else { return nil }
        let inner = self.document.bytes[(self.node.start + 1)..<(self.node.end - 1)]
        return self.node.isEscaped ? Self.unescaped(inner) : String(decoding: inner, as: UTF8.self)
    }

    package var bool: Bool? {
        guard self.kind == .bool else { return nil }
        return self.document.bytes[self.node.start] == UInt8(ascii: "t")
    }

    /// An integer without fraction or exponent.
    package var int: Int64? {
        guard self.kind == .number else { return nil }
        return Int64(String(decoding: self.raw, as: UTF8.self))
    }

    package var uint32: UInt32? { self.int.flatMap(UInt32.init(exactly:)) }

    package var double: Double? {
        guard self.kind == .number, let value = Double(String(decoding: self.raw, as: UTF8.self)) else { return nil }
        return value.isFinite ? value : nil
    }

    /// The elements of an array; nil for anything else.
    package var array: [JSON]? {
        guard self.kind == .array else { return nil }
        var elements: [JSON] = []
        var next = self.index + 1
        while next < self.node.next {
            elements.append(JSON(document: self.document, index: next))
            next = self.document.nodes[next].next
        }
        return elements
    }

    /// The members of an object in the order written, repeated keys and all; nil for anything else.
    package var members: [(key: String, value: JSON)]? {
        guard self.kind == .object else { return nil }
        var members: [(String, JSON)] = []
        var next = self.index + 1
        while next < self.node.next {
            let key = JSON(document: self.document, index: next)
            members.append((key.string!, JSON(document: self.document, index: next + 1)))
            next = self.document.nodes[next + 1].next
        }
        return members
    }

    /// The member of an object with that key (the last one, if it is repeated); nil for anything else.
    package subscript(key: String) -> JSON? {
        guard self.kind == .object else { return nil }
        var found: JSON?
        var next = self.index + 1
        var key = key
        key.withUTF8 { wanted in
            while next < self.node.next {
                if self.document.isKey(next, equalTo: wanted) {
                    found = JSON(document: self.document, index: next + 1)
                }
                next = self.document.nodes[next + 1].next
            }
        }
        return found
    }

    /// The number of elements or members; 0 for anything else.
    package var count: Int {
        switch self.kind {
        case .array: self.array!.count
        case .object: self.members!.count
        default: 0
        }
    }
}

extension JSON {
    final class Document: Sendable {
        let bytes: [UInt8]
        let nodes: [Node]

        init(bytes: [UInt8], nodes: [Node]) {
            self.bytes = bytes
            self.nodes = nodes
        }

        func isKey(_ index: Int, equalTo wanted: UnsafeBufferPointer<UInt8>) -> Bool {
            let node = self.nodes[index]
            if node.isEscaped {
                // Bytes, as below: two strings of Swift's are equal also when one has its accents apart.
                return JSON(document: self, index: index).string!.utf8.elementsEqual(wanted)
            }
            let length = node.end - node.start - 2
            guard length == wanted.count else { return false }
            return self.bytes.withUnsafeBufferPointer { bytes in
                for offset in 0..<length where bytes[node.start + 1 + offset] != wanted[offset] { return false }
                return true
            }
        }
    }

    /// One value (or key) of the text, in the order of their beginnings. `next` is the index of what follows it and all that is in it.
    struct Node: Sendable {
        var kind: Kind
        var isEscaped = false
        var start: Int
        var end: Int
        var next: Int
    }

    static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "u"):
                var unit = Self.hex(bytes[index..<(index + 4)])
                index += 4
                if (0xD800..<0xDC00).contains(unit), index + 6 <= bytes.endIndex, bytes[index] == UInt8(ascii: "\\"),
                    bytes[index + 1] == UInt8(ascii: "u")
                {
                    let low = Self.hex(bytes[(index + 2)..<(index + 6)])
                    if (0xDC00..<0xE000).contains(low) {
                        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                        index += 6
                    }
                }
                result.append(contentsOf: String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
            default: result.append(escape)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func hex(_ digits: ArraySlice<UInt8>) -> UInt32 {
        digits.reduce(0) { value, digit in
            let low = UInt32(digit & 0xF)
            return value << 4 | (digit > UInt8(ascii: "9") ? low + 9 : low)
        }
    }
}
