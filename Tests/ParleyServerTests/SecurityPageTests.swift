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
        let code = try Self.tests()
        let missing = names.filter { !code.contains("func \($0)(") && !code.contains("func `\($0)`(") }
        #expect(missing.isEmpty, "\(missing.sorted())")
    }

    private static func tests() throws -> String {
        let folder = Self.root.appendingPathComponent("Tests")
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        return try files.map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }.joined()
    }
}
