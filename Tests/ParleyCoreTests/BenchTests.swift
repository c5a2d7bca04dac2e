import ParleyCore
import ParleyServer
import ParleyTesting
import Testing

@Suite struct BenchTests {
    @Test func theDemoAppIsSharedByAllDialects() async throws {
        let bench = try await Bench.make()
        for credential in Demo.credentials {
            let app = try await bench.core.directory.app(dialect: credential.dialect, key: credential.key)
            #expect(app == bench.app)
        }
        let group = try #require(try await bench.core.directory.group(Demo.group, in: Demo.appID))
        #expect(Set(group.members.keys) == Set(Demo.users))
        #expect(group.members[Demo.users[0]]?.role == .owner)
        #expect(try await bench.core.directory.user(Demo.users[1], in: Demo.appID)?.name == "bob")
        // Seeding again changes nothing.
        #expect(try await Demo.seed(bench.core) == bench.app)
    }
}
