/// Writes JSON into one buffer, commas included. What is begun must be ended.
///
///     var json = JSONWriter()
///     json.object {
///         $0.field("code", 200)
///         $0.field("messageUIDs") { $0.array { … } }
///     }
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 256) { self.bytes.reserveCapacity(capacity) }

    package mutating func object(_ members: (inout JSONWriter) throws -> Void) rethrows {
        self.separate()
        self.bytes.append(UInt8(ascii: "{"))
        self.needsComma = false
        try members(&self)
        self.bytes.append(UInt8(ascii: "}"))
        self.needsComma = true
    }

    package mutating func array(_ elements: (inout JSONWriter) throws -> Void) rethrows {
        self.separate()
        self.bytes.append(UInt8(ascii: "["))
        self.needsComma = false
        try elements(&self)
        self.bytes.append(UInt8(ascii: "]"))
        self.needsComma = true
    }

    package mutating func array<Element>(
        _ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) throws -> Void
    ) rethrows {
        try self.array { json in
            for element in elements { try write(&json, element) }
        }
    }

    package mutating func key(_ key: String) {
        self.string(key)
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    package mutating func string(_ value: String) {
        self.separate()
        self.needsComma = true
        var value = value
        value.withUTF8 { self.append(quoting: $0) }
    }

    package mutating func int(_ value: some BinaryInteger) {
        self.separate()
        self.needsComma = true
        self.bytes.append(contentsOf: String(value).utf8)
    }

    /// Not-a-number and infinities, which JSON lacks, are written as null.
    package mutating func double(_ value: Double) {
        self.separate()
        self.needsComma = true
        self.bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
    }

    package mutating func bool(_ value: Bool) { self.raw((value ? "true" : "false").utf8) }
    package mutating func null() { self.raw("null".utf8) }

    /// A value that is JSON already.
    package mutating func raw(_ json: some Sequence<UInt8>) {
        self.separate()
        self.needsComma = true
        self.bytes.append(contentsOf: json)
    }

    package mutating func field(_ key: String, _ value: String) {
        self.key(key)
        self.string(value)
    }

    package mutating func field(_ key: String, _ value: some BinaryInteger) {
        self.key(key)
        self.int(value)
    }

    package mutating func field(_ key: String, _ value: Double) {
        self.key(key)
        self.double(value)
    }

    package mutating func field(_ key: String, _ value: Bool) {
        self.key(key)
        self.bool(value)
    }

    package mutating func field(_ key: String, raw json: some Sequence<UInt8>) {
        self.key(key)
        self.raw(json)
    }

    package mutating func field(_ key: String, _ values: some Sequence<String>) {
        self.key(key)
        self.array(values) { $0.string($1) }
    }

    package mutating func field(_ key: String, _ value: (inout JSONWriter) throws -> Void) rethrows {
        self.key(key)
        try value(&self)
    }

    private mutating func separate() {
        if self.needsComma { self.bytes.append(UInt8(ascii: ",")) }
    }

    /// Copies runs that need no escape at once.
    private mutating func append(quoting utf8: UnsafeBufferPointer<UInt8>) {
        self.bytes.append(UInt8(ascii: "\""))
        var start = 0
        while true {
            let end = utf8.endOfPlainText(from: start, inASCII: false)
            self.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<end]))
            guard end < utf8.count else { break }
            self.append(escaping: utf8[end])
            start = end + 1
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(escaping byte: UInt8) {
        self.bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): self.bytes.append(byte)
        case 10: self.bytes.append(UInt8(ascii: "n"))
        case 13: self.bytes.append(UInt8(ascii: "r"))
        case 9: self.bytes.append(UInt8(ascii: "t"))
        default:
            let hex = Array("0123456789abcdef".utf8)
            self.bytes.append(contentsOf: "u00".utf8)
            self.bytes.append(hex[Int(byte >> 4)])
            self.bytes.append(hex[Int(byte & 0xF)])
        }
    }
}

extension JSONWriter {
    /// One object, as bytes.
    package static func object(
        capacity: Int = 256, _ members: (inout JSONWriter) throws -> Void
    ) rethrows -> [UInt8] {
        var json = JSONWriter(capacity: capacity)
        try json.object(members)
        return json.bytes
    }
}
