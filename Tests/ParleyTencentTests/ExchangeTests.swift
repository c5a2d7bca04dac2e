import Foundation
import ParleyDialectKit
import ParleyTesting
import Testing

@testable import ParleyTencent

@Suite struct ExchangeTests {
    private static let folder = Bundle.module.resourceURL!.appendingPathComponent("Exchanges")

    @Test func thereAreExchanges() { #expect(Exchange.all(in: Self.folder).count > 30) }

    @Test(arguments: Exchange.all(in: folder))
    func anExchangeGoesAsDocumented(exchange: Exchange) async throws {
        let stage = try await Stage.make()
        #expect(!exchange.steps.isEmpty)
        let failures = try await exchange.run(with: stage.tencent, on: stage.bench) { request in
            if request.query.isEmpty { request.query = try stage.query() }
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }
}
