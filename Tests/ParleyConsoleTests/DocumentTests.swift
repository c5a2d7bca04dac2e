import Foundation
import ParleyConsole
import Testing

struct DocumentTests {
    @Test func theOpenAPIDocumentIsFresh() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try String(contentsOf: root.appending(path: "docs/console-api.json"), encoding: .utf8)
        #expect(document == Console.openAPI, "run make docs")
    }
}
