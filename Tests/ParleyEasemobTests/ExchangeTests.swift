import Foundation
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// The vendor's documented examples and tables, and cases of ours: every file in `Exchanges/`.
struct ExchangeTests {
    @Test(arguments: Exchange.all(in: Bundle.module.resourceURL!.appendingPathComponent("Exchanges")))
    func exchange(_ exchange: Exchange) async throws {
        let bench = try await Bench.make()
        // In the demo anybody may register, in other Apps nobody.
        _ = try await bench.core.directory.changeApp(bench.app.id) { app in
            for index in app.credentials.indices {
                app.credentials[index].details[CredentialDetail.registration] = nil
            }
        }
        let dialect = bench.dialect(Easemob.self)
        let failures = await exchange.run(with: dialect, on: bench) { request in
            Authorization(bench: bench).fill(in: &request)
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    @Test func thereAreExchangesToRun() {
        let all = Exchange.all(in: Bundle.module.resourceURL!.appendingPathComponent("Exchanges"))
        #expect(all.count > 40)
        #expect(all.allSatisfy { !$0.steps.isEmpty })
    }
}

/// Adds the App's token to requests that bring none of their own, and makes those that an exchange names: `<app>`, `<user:alice>`, `<expired>` …
/// `Authorization: none` sends none.
struct Authorization {
    let bench: Bench

    func fill(in request: inout WireRequest) {
        guard let header = request.headers.first(name: "Authorization") else {
            request.headers.add(name: "Authorization", value: "Bearer \(self.token(.application))")
            return
        }
        if header == "none" {
            request.headers.remove(name: "Authorization")
            return
        }
        guard let start = header.firstIndex(of: "<"), let end = header.firstIndex(of: ">") else { return }
        let name = String(header[header.index(after: start)..<end])
        request.headers.replaceOrAdd(name: "Authorization", value: header[..<start] + self.token(named: name))
    }

    private func token(named name: String) -> String {
        let words = name.split(separator: ":").map(String.init)
        switch words[0] {
        case "user": return self.token(.user(UserID(words[1])))
        case "expired": return self.token(.application, age: 101, lifetime: 100)
        case "cut": return String(self.token(.application).dropLast(2))
        case "tampered":
            // The first character of the time: readable, and not what was signed.
            var token = Array(self.token(.application))
            token[79] = token[79] == "A" ? "B" : "A"
            return String(token)
        case "other-app": return self.token(.application, app: AppID("other"))
        case "other-secret": return self.token(.application, secret: "guessed")
        default: return self.token(.application)
        }
    }

    func token(
        _ principal: Token.Principal, app: AppID? = nil, age: Int64 = 0, lifetime: Int64 = 3600,
        secret: String = "parley-demo-secret"
    ) -> String {
        let issuedAt = self.bench.clock.now().adding(seconds: -age)
        return Token(principal, of: app ?? self.bench.app.id, issuedAt: issuedAt, lifetimeSeconds: lifetime)
            .signed(secret: secret)
    }
}
