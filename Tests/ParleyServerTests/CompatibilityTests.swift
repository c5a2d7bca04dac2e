import Foundation
import ParleyCore
import ParleyDialectKit
import ParleyRongCloud
import ParleyServer
import Testing

struct CompatibilityTests {
    @Test(arguments: Compatibility.names)
    func everyPageIsFresh(_ name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/compatibility/\(name).md"), encoding: .utf8)
        #expect(page == Compatibility.page(named: name), "run make docs")
    }

    @Test func everyTopicThatClientsKnowIsInTheTableOfWhatTheyCanDo() {
        let named = Set(ClientCapability.all.flatMap(\.names))
        #expect(ClientCapability.topics.subtracting(named).sorted() == [])
    }

    @Test func noQueryIsCalledRefusedThatIsAnsweredAndNoneAnsweredThatIsUnknown() {
        let queries = ClientCapability.topics.filter { ClientCapability.isQuery($0) }
        for capability in ClientCapability.all {
            for topic in capability.names where queries.contains(topic) {
                // Refused as such, in words of their own.
                let isSaidToBeUnknown =
                    if case .refused(let reason) = capability.state { reason.hasPrefix("20606") } else { false }
                #expect(ClientCapability.answered.contains(topic) != isSaidToBeUnknown, "\(topic)")
            }
        }
    }

    @Test func noTwoDialectsClaimOnePath() {
        for dialect in Dialects.all {
            for endpoint in dialect.endpoints {
                let path = endpoint.path.replacing(/\{[^}]+\}/, with: "x")
                let claims = Dialects.all.filter { $0.claims(path: path) }.map { $0.name }
                #expect(claims == [dialect.name], "\(endpoint.path)")
            }
        }
    }
}
