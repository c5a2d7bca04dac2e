import Foundation
import Testing

struct DocumentTests {
    /// The sample is compiled here, and shown there.
    @Test func theDocumentShowsTheSampleThatIsCompiled() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let source = try String(contentsOf: here.appendingPathComponent("DocumentedChat.swift"), encoding: .utf8)
        let document = try String(contentsOf: here.appendingPathComponent("../../docs/clients.md"), encoding: .utf8)
        let sample = try #require(source.components(separatedBy: "a test compares the two.\n").last)
        #expect(document.contains("```swift\nimport Foundation\nimport ParleyClient\n\n" + sample + "```"))
    }
}
