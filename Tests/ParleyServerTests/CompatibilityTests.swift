import Foundation
import ParleyCore
import ParleyDialectKit
import ParleyServer
import Testing

struct CompatibilityTests {
    @Test(arguments: Dialects.all.map { $0.name.rawValue })
    func thePageOfEachDialectIsFresh(_ name: String) throws {
        let dialect = try #require(Dialects.all.first { $0.name.rawValue == name })
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/compatibility/\(name).md"), encoding: .utf8)
        #expect(page == Compatibility.page(of: dialect), "run make docs")
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
