import Foundation
import Testing

/// `docs/security.md` promises a test for each threat: those it names are there.
struct SecurityPageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func everyTestThatThePageNamesIsThere() throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/security.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }
        let cells = rows.compactMap { $0.split(separator: "|").dropFirst(2).first }
        let names = Set(cells.flatMap { $0.matches(of: /`([a-z][A-Za-z0-9]{15,})`/).map { String($0.1) } })
        #expect(names.count > 60)
        let missing = names.subtracting(try Self.tests())
        #expect(missing.isEmpty, "\(missing.sorted())")
    }

    /// By name.
    private static func tests() throws -> Set<String> {
        let folder = Self.root.appendingPathComponent("Tests")
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        return try files.reduce(into: []) { names, file in
            let code = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for line in code.utf8.split(separator: UInt8(ascii: "\n")) {
                if let name = Self.functionName(Substring(line)) { names.insert(name) }
            }
        }
    }

    private static func functionName(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let keyword = words.firstIndex(of: "func"), keyword + 1 < words.endIndex else { return nil }
        let (word, mark) = (words[keyword + 1], words[keyword + 1].firstIndex(of: "("))
        return mark.map { String(word[..<$0]).trimmingCharacters(in: CharacterSet(charactersIn: "`")) }
    }
}
