import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A call of a vendor's API that was put together in the console.
struct ComposedCall: Sendable {
    private let app: App
    private let dialect: any Dialect
    /// Without what proves it.
    private let request: WireRequest

    /// - Throws: ``Refusal``, and what the store throws.
    init(_ visit: Visit, _ app: App, _ dialect: any Dialect) async throws {
        self.app = app
        self.dialect = dialect
        let kind = type(of: dialect)
        guard app.credential(in: kind.name) != nil else {
            throw Refusal(.conflict, .refused, Wording("The App does not speak \(kind.title).", "应用未开通 \(kind.title)。"))
        }
        let gaps = Gaps(visit, app, kind)
        var path = try await gaps.filled(try visit.text("path"), as: .percent)
        for (name, value) in kind.pathWords(for: app) {
            path = path.replacing("{\(name)}", with: Form.encoded(value))
        }
        // In a shell it would be a variable.
        path = path.replacing("$", with: "%24")
        guard path.hasPrefix("/"), kind.claims(path: WireRequest.split(path).path) else {
            throw Refusal.badField("path", Wording("is none of \(kind.title)'s", "不是 \(kind.title) 的路径"))
        }
        let query = try await gaps.filled(try Self.query(visit), as: .percent).replacing("$", with: "%24")
        let contentType = try visit.optionalText("contentType")
        let isForm = contentType?.hasPrefix("application/x-www-form-urlencoded") ?? false
        let body = try await gaps.filled(try visit.optionalText("body") ?? "", as: isForm ? .percent : .json)
        guard body.utf8.count <= kind.bodyLimit(path: path) else {
            throw Refusal.badField(
                "body",
                Wording("is longer than \(kind.bodyLimit(path: path)) bytes", "超过 \(kind.bodyLimit(path: path)) 字节"))
        }
        let method = try visit.text("method").uppercased()
        guard method.allSatisfy({ $0.isASCII && $0.isLetter }) else {
            throw Refusal.badField("method", Wording("is none", "不正确"))
        }
        var headers: HTTPHeaders = ["Host": visit.request.header("Host") ?? "localhost"]
        if let contentType {
            guard contentType.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) else {
                throw Refusal.badField("contentType", Wording("is none", "不正确"))
            }
            headers.add(name: "Content-Type", value: contentType)
        }
        self.request = WireRequest(
            method: HTTPMethod(rawValue: method), target: query.isEmpty ? path : "\(path)?\(query)", headers: headers,
            body: Array(body.utf8), remoteAddress: visit.request.remoteAddress, requestID: visit.request.requestID,
            receivedAt: visit.core.clock.now(), origin: visit.request.origin)
    }

    /// Encoded already, or an object.
    private static func query(_ visit: Visit) throws(Refusal) -> String {
        guard let json = visit.body["query"], !json.isNull else { return "" }
        if let text = json.string { return text }
        guard let members = json.members else {
            throw .badField("query", Wording("is neither a string nor an object", "既不是字符串，也不是对象"))
        }
        var pairs: [String] = []
        for (name, value) in members {
            guard let text = value.string else { throw .badField("query.\(name)", Wording("is no string", "不是字符串")) }
            // What is to be filled in is encoded then.
            pairs.append("\(Form.encoded(name))=\(Example.encodedAroundGaps(text))")
        }
        return pairs.joined(separator: "&")
    }

    /// - Throws: ``Refusal``.
    func signed() throws -> WireRequest { try self.dialect.signed(self.request, for: self.app) }

    /// To be pasted into a shell.
    ///
    /// - Parameter isSigned: as it is, with what proves it; else the shell makes that, of the App's secret.
    func curl(isSigned: Bool) throws -> String {
        if isSigned { return Self.curl(try self.signed(), quote: Self.quoted) }
        let call = try self.dialect.inShell(self.request, for: self.app)
        return (call.lines + [Self.curl(call.request, quote: Self.quotedWithVariables)]).joined(separator: "\n")
    }

    private static func curl(_ request: WireRequest, quote: (String) -> String) -> String {
        let target = request.query.isEmpty ? request.path : "\(request.path)?\(request.query)"
        var words = ["curl"]
        if request.method != (request.body.isEmpty ? .GET : .POST) { words += ["-X", request.method.rawValue] }
        words.append(quote("\(request.origin)\(target)"))
        for (name, value) in request.headers where name.lowercased() != "host" {
            words += ["-H", quote("\(name): \(value)")]
        }
        if !request.body.isEmpty {
            words += ["--data-binary", Self.quoted(String(decoding: request.body, as: UTF8.self))]
        }
        return words.joined(separator: " ")
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// `$NAMES` are the shell's; nothing else is.
    private static func quotedWithVariables(_ text: String) -> String {
        var result = "\""
        for character in text {
            if character == "\\" || character == "\"" || character == "`" { result += "\\" }
            result.append(character)
        }
        return result + "\""
    }
}

/// `{{group.NAME}}`, `{{direct.NAME}}` and `{{random}}` in examples (``Example``).
struct Gaps: Sendable {
    enum Encoding: Sendable {
        case percent
        case json

        func encoded(_ text: String) -> String {
            switch self {
            case .percent: Form.encoded(text)
            case .json:
                String(
                    decoding: JSONWriter.string(text).dropFirst().dropLast(), as: UTF8.self)
            }
        }
    }

    private let core: Core
    private let app: App
    private let dialect: any Dialect.Type

    init(_ visit: Visit, _ app: App, _ dialect: any Dialect.Type) {
        self.core = visit.core
        self.app = app
        self.dialect = dialect
    }

    /// - Throws: ``Refusal``, and what the store throws.
    func filled(_ text: String, as encoding: Encoding) async throws -> String {
        var rest = text[...]
        var result = ""
        while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
            var words = rest[start.upperBound..<end.lowerBound]
            let isNumber = words.first == "#"
            if isNumber { words = words.dropFirst() }
            let name = words.split(separator: ".", maxSplits: 1)
            result += rest[..<start.lowerBound]
            var next = end.upperBound
            if isNumber, result.last == "\"", rest[next...].first == "\"" {
                result.removeLast()
                next = rest.index(after: next)
            }
            if words == "random" {
                result += String(UInt32.random(in: 1...UInt32.max))
            } else if name.count == 2, let conversation = Self.conversations[String(name[0])] {
                result += encoding.encoded(try await self.name(String(name[1]), in: conversation))
            } else {
                result += rest[start.lowerBound..<end.upperBound]
            }
            rest = rest[next...]
        }
        return result + rest
    }

    private static let conversations: [String: Conversation] = [
        "group": .group(GroupID("demo-group")), "direct": .direct(UserID("alice"), UserID("bob")),
    ]

    private func name(_ name: String, in conversation: Conversation) async throws -> String {
        let entries = try await self.core.log.entries(
            of: ConversationID(app: self.app.id, conversation), upTo: nil, limit: 100)
        guard let newest = entries.first(where: { $0.message != nil && !$0.isRecalled }) else {
            throw Refusal(
                .conflict, .noMessageYet,
                Wording(
                    "There is no message in \(conversation.name) yet: send one first.",
                    "\(conversation.name) 中还没有消息：请先发送一条。"))
        }
        guard let value = self.dialect.names(of: newest)[name] else {
            throw Refusal.badField(
                "{{\(name)}}",
                Wording("is nothing that \(self.dialect.title) calls a message by", "不是 \(self.dialect.title) 的消息标识"))
        }
        return value
    }
}

extension JSONWriter {
    fileprivate static func string(_ text: String) -> [UInt8] {
        var json = JSONWriter()
        json.string(text)
        return json.bytes
    }
}
