import ParleyDialectKit

/// The parts of a `multipart/form-data` body.
///
/// Tolerant, as SDKs need it: a boundary with or without quotes, lines that end in LF alone, text before the first part, a missing end. Bounded: in the
/// number of parts and the length of their headers.
struct Multipart: Sendable {
    struct Part: Sendable {
        var name = ""
        /// Without the folders that PHP's SDK sends.
        var fileName: String?
        var mediaType: String?
        var bytes: ArraySlice<UInt8>
    }

    let parts: [Part]

    private static let maximumParts = 64
    private static let maximumHeaderBytes = 8 * 1024
    /// RFC 2046, 5.1.1.
    private static let maximumBoundaryBytes = 70

    subscript(name: String) -> Part? { self.parts.first { $0.name == name } }

    /// - Throws: ``Malformed`` when it is no multipart at all, or has more parts than anybody needs.
    init(_ body: [UInt8], contentType: String) throws(Malformed) {
        guard let boundary = Self.boundary(contentType) else { throw Malformed("", .unreadable) }
        let delimiter = Array("--".utf8) + Array(boundary.utf8)
        var parts: [Part] = []
        var position = Self.find(delimiter, in: body[...])
        while let start = position {
            var rest = body[(start + delimiter.count)...]
            if rest.starts(with: Array("--".utf8)) { break }
            guard Self.skipLine(&rest) else { break }
            guard parts.count < Self.maximumParts else {
                throw Malformed("file", .tooMany(limit: Self.maximumParts))
            }
            let next = Self.find(Array("\n".utf8) + delimiter, in: rest)
            var content = rest[..<(next ?? rest.endIndex)]
            if next != nil, content.last == UInt8(ascii: "\r") { content.removeLast() }
            if let part = Self.part(content) { parts.append(part) }
            position = next.map { $0 + 1 }
        }
        guard !parts.isEmpty else { throw Malformed("", .unreadable) }
        self.parts = parts
    }

    private static func boundary(_ contentType: String) -> String? {
        let value = Self.parameter("boundary", of: contentType)
        guard contentType.lowercased().hasPrefix("multipart/"), let value, !value.isEmpty,
            value.utf8.count <= Self.maximumBoundaryBytes
        else { return nil }
        return value
    }

    // MARK: One part

    /// Nil when there is no end to its headers.
    private static func part(_ bytes: ArraySlice<UInt8>) -> Part? {
        var part = Part(bytes: [])
        var rest = bytes
        while true {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")), end - bytes.startIndex <= Self.maximumHeaderBytes
            else { return nil }
            var line = rest[..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            rest = rest[(end + 1)...]
            if line.isEmpty { break }
            part.read(header: String(decoding: line, as: UTF8.self))
        }
        part.bytes = rest
        return part
    }

    /// The value of `; name=value` or `; name="value"`, where `\` takes the next character as it is.
    fileprivate static func parameter(_ name: String, of header: String) -> String? {
        var rest = header[...]
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop(while: { $0 == " " || $0 == "\t" })
            guard let mark = rest.firstIndex(where: { $0 == "=" || $0 == ";" }) else { return nil }
            guard rest[mark] == "=" else { continue }
            let key = rest[..<mark].trimmingSpaces().lowercased()
            rest = rest[rest.index(after: mark)...].drop(while: { $0 == " " || $0 == "\t" })
            let value = Self.value(&rest)
            if key == name { return value }
        }
        return nil
    }

    private static func value(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let end = rest.firstIndex(of: ";") ?? rest.endIndex
            defer { rest = rest[end...] }
            return rest[..<end].trimmingSpaces()
        }
        rest.removeFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                value.append(next)
                rest.removeFirst()
            } else {
                value.append(character)
            }
        }
        return value
    }

    // MARK: Bytes

    private static func skipLine(_ bytes: inout ArraySlice<UInt8>) -> Bool {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return false }
        bytes = bytes[(end + 1)...]
        return true
    }

    /// The index in the whole body.
    private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = needle.first, bytes.count >= needle.count else { return nil }
        let start = bytes.startIndex
        return bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            let last = bytes.count - needle.count
            while index <= last {
                if bytes[index] == first, needle.indices.allSatisfy({ bytes[index + $0] == needle[$0] }) {
                    return start + index
                }
                index += 1
            }
            return nil
        }
    }
}

extension Multipart.Part {
    fileprivate mutating func read(header: String) {
        guard let colon = header.firstIndex(of: ":") else { return }
        let value = header[header.index(after: colon)...].trimmingSpaces()
        switch header[..<colon].trimmingSpaces().lowercased() {
        case "content-disposition":
            self.name = Multipart.parameter("name", of: value) ?? ""
            self.fileName = Multipart.parameter("filename", of: value).flatMap { path in
                path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init)
            }
        case "content-type": self.mediaType = value.isEmpty ? nil : value
        default: break
        }
    }
}
