package import Foundation
import NIOHTTP1
import ParleyCore
package import ParleyDialectKit
import ParleyJSON

/// A vendor's documented example, or a case of ours, as a file: requests, and the answers expected, in order, on one fresh ``Bench``.
///
///     # What it is about, and the page it is from.
///     POST /v4/openim/sendmsg?sdkappid=1400000000
///     Content-Type: application/json
///
///     {"MsgRandom":1287657,"MsgBody":[]}
///     ----------
///     200
///     {"ActionStatus":"FAIL","ErrorCode":90003,"ErrorInfo":"<any>"}
///     ==========
///     (the next request)
///
/// - Ten dashes part request and answer; ten equals signs part one pair from the next. `+5s` alone on a line between pairs turns the clock.
/// - The answer's JSON is compared as JSON: order of members does not matter, members that are not expected are a failure.
///   `"<any>"`, `"<string>"`, `"<number>"` match what they say; `"<any:name>"` also remembers the value, and `{{name}}` in a later
///   request stands for it. A member expected to be `"<absent>"` may not be there.
/// - Comments that start with `//` after white space are taken out of the JSON, as vendors leave them in their samples.
/// - Signing and tokens are the test's to add (`prepare`), to requests that bring none of their own.
package struct Exchange: Sendable, CustomStringConvertible {
    package let name: String
    package let steps: [Step]
    package var description: String { self.name }

    package enum Step: Sendable {
        case pair(request: Request, status: Int, answer: String)
        case wait(seconds: Int64)
    }

    package struct Request: Sendable {
        package var method: String
        package var target: String
        package var headers: [(String, String)]
        package var body: String
    }

    /// All files in a folder and its subfolders that end in `.http`, by name.
    package static func all(in folder: URL) -> [Exchange] {
        guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return [] }
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "http" }
            .sorted { $0.path < $1.path }
            .map { file in
                let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
                let name = file.path.replacing(folder.path + "/", with: "").replacing(".http", with: "")
                return Exchange(name: name, text: text)
            }
    }

    package init(name: String, text: String) {
        self.name = name
        self.steps = text.components(separatedBy: "\n==========\n").flatMap(Self.steps(in:))
    }

    private static func steps(in text: String) -> [Step] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var steps: [Step] = []
        while let first = lines.first, first.hasPrefix("#") || first.isEmpty || first.hasPrefix("+") {
            if first.hasPrefix("+"), let seconds = Int64(first.dropFirst().replacing("s", with: "")) {
                steps.append(.wait(seconds: seconds))
            }
            lines.removeFirst()
        }
        guard let rule = lines.firstIndex(of: "----------"), let line = lines.first else { return steps }
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = Array(lines[1..<rule])
        let blank = rest.firstIndex(of: "") ?? rest.endIndex
        let headers = rest[..<blank].compactMap { header -> (String, String)? in
            let parts = header.split(separator: ":", maxSplits: 1).map(String.init)
            return parts.count == 2 ? (parts[0], parts[1].trimmingCharacters(in: .whitespaces)) : nil
        }
        let body = rest[min(blank + 1, rest.endIndex)...].joined(separator: "\n")
        let answer = lines[(rule + 1)...]
        let status = answer.first.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) } ?? 0
        let expected = answer.dropFirst().joined(separator: "\n")
        steps.append(
            .pair(
                request: Request(
                    method: words[0], target: words.count > 1 ? words[1] : "/", headers: headers, body: body),
                status: status, answer: expected))
        return steps
    }

    /// Runs every step and returns what was wrong, in words; empty when all is as expected.
    ///
    /// - Parameters:
    ///   - prepare: adds what a real backend would: signatures, tokens, a query.
    package func run(
        with dialect: some Dialect, on bench: Bench, prepare: (inout WireRequest) throws -> Void
    ) async rethrows -> [String] {
        var remembered: [String: String] = [:]
        var failures: [String] = []
        for (number, step) in self.steps.enumerated() {
            guard case .pair(let request, let status, let answer) = step else {
                if case .wait(let seconds) = step { bench.clock.advance(seconds: seconds) }
                continue
            }
            var wire = request.wire(remembered, now: bench.clock.now())
            try prepare(&wire)
            let response = await dialect.answer(wire)
            let text = String(decoding: response.body, as: UTF8.self)
            if Int(response.status.code) != status {
                failures.append("step \(number + 1): status \(response.status.code), expected \(status): \(text)")
            }
            let wanted = Self.substituted(Self.withoutComments(answer), remembered)
            guard !wanted.allSatisfy(\.isWhitespace) else { continue }
            guard let expected = try? JSON(parsing: wanted), let got = try? JSON(parsing: response.body) else {
                failures.append("step \(number + 1): not JSON; expected \(wanted), got \(text)")
                continue
            }
            failures += Self.differences(got, expected, at: "step \(number + 1): $", &remembered).map {
                "\($0) in \(text)"
            }
        }
        return failures
    }
}

extension Exchange.Request {
    fileprivate func wire(_ remembered: [String: String], now: Timestamp) -> WireRequest {
        var headers = HTTPHeaders()
        for (name, value) in self.headers { headers.add(name: name, value: Exchange.substituted(value, remembered)) }
        return WireRequest(
            method: HTTPMethod(rawValue: self.method), target: Exchange.substituted(self.target, remembered),
            headers: headers, body: Array(Exchange.substituted(self.body, remembered).utf8), requestID: "test",
            receivedAt: now, origin: "http://localhost:8080")
    }
}

extension Exchange {
    package static func withoutComments(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
            if line.drop(while: \.isWhitespace).hasPrefix("//") { return "" }
            guard let mark = line.range(of: " //") else { return line }
            return line[..<mark.lowerBound]
        }.joined(separator: "\n")
    }

    fileprivate static func substituted(_ text: String, _ remembered: [String: String]) -> String {
        remembered.reduce(text) { $0.replacing("{{\($1.key)}}", with: $1.value) }
    }

    fileprivate static func differences(
        _ got: JSON, _ expected: JSON, at path: String, _ remembered: inout [String: String]
    ) -> [String] {
        if let wildcard = expected.string, wildcard.hasPrefix("<"), wildcard.hasSuffix(">") {
            return Self.matches(got, wildcard, &remembered) ? [] : ["\(path): \(Self.text(got)) is not \(wildcard)"]
        }
        switch (got.kind, expected.kind) {
        case (.object, .object):
            let wanted = expected.members!
            let missing = wanted.flatMap { member -> [String] in
                if member.value.string == "<absent>" {
                    return got[member.key] == nil ? [] : ["\(path).\(member.key): should be absent"]
                }
                guard let value = got[member.key] else { return ["\(path).\(member.key): absent"] }
                return Self.differences(value, member.value, at: "\(path).\(member.key)", &remembered)
            }
            let extra = got.members!.filter { member in !wanted.contains { $0.key == member.key } }
            return missing + extra.map { "\(path).\($0.key): not expected" }
        case (.array, .array):
            let (some, wanted) = (got.array!, expected.array!)
            guard some.count == wanted.count else { return ["\(path): \(some.count) items, expected \(wanted.count)"] }
            var result: [String] = []
            for index in wanted.indices {
                result += Self.differences(some[index], wanted[index], at: "\(path)[\(index)]", &remembered)
            }
            return result
        case (.string, .string): return got.string == expected.string ? [] : ["\(path): \(Self.text(got))"]
        case (.number, .number): return got.double == expected.double ? [] : ["\(path): \(Self.text(got))"]
        default: return got.raw.elementsEqual(expected.raw) ? [] : ["\(path): \(Self.text(got))"]
        }
    }

    private static func text(_ json: JSON) -> String { String(decoding: json.raw, as: UTF8.self) }

    private static func matches(_ got: JSON, _ wildcard: String, _ remembered: inout [String: String]) -> Bool {
        let parts = wildcard.dropFirst().dropLast().split(separator: ":", maxSplits: 1).map(String.init)
        if parts.count == 2 { remembered[parts[1]] = got.string ?? Self.text(got) }
        switch parts.first {
        case "any": return true
        case "string": return got.kind == .string
        case "number": return got.kind == .number
        case "bool": return got.kind == .bool
        case "array": return got.kind == .array
        case "object": return got.kind == .object
        default: return false
        }
    }
}
