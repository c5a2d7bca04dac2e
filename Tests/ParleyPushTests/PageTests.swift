import Foundation
import ParleyCore
import ParleyPush
import Testing

/// docs/push.md names what an account needs: all of it, and nothing else.
struct PageTests {
    @Test(arguments: PushProvider.Kind.allCases) func everyFieldOfAnAccountIsOnThePage(_ kind: PushProvider.Kind) throws
    {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/push.md"), encoding: .utf8)
        let lines = page.split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| `\(kind.rawValue)` |") })
        let rows = [lines[start]] + lines[(start + 1)...].prefix { $0.hasPrefix("|  |") }
        let named = rows.map { row in String(row.split(separator: "|")[1].filter { !" `".contains($0) }) }
        #expect(named == PushAdapters.adapter(of: kind).fields.map(\.name))
    }
}
