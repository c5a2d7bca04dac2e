import Foundation
import ParleyDialectKit
import ParleyRongCloud
import ParleyTesting
import Testing

/// The vendor's documented examples and cases of ours, as files: see Tests/ParleyTesting/Exchange.swift.
@Suite struct ExchangeTests {
    static let all = Exchange.all(in: Bundle.module.resourceURL!.appending(path: "Exchanges"))

    @Test func thereAreExchanges() {
        #expect(Self.all.count > 20)
        #expect(Self.all.allSatisfy { !$0.steps.isEmpty })
    }

    @Test(arguments: ExchangeTests.all)
    func isAnsweredAsTheFileSays(_ exchange: Exchange) async throws {
        let bench = try await Bench.make()
        let failures = await exchange.run(with: bench.dialect(RongCloud.self), on: bench) { $0.signIfUnsigned() }
        #expect(failures == [])
    }
}
