import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyRongCloud
import Testing

@Suite struct SignatureTests {
    /// facts/rongcloud-server.md 1.3.
    @Test(arguments: [
        ("1408706337", "e107e3819638b81a00383951d1d871197910ffe6"),
        ("1408710653000", "30be0bbca9c9b2e27578701e9fda2358a814c88f"),
    ])
    func isTheVendorsOwn(timestamp: String, expected: String) {
        #expect(Signature.value(secret: "Y1W2MeFwwwRxa0", nonce: "14314", timestamp: timestamp) == expected)
        #expect(Signature(nonce: "14314", timestamp: timestamp, value: expected).isMade(with: "Y1W2MeFwwwRxa0"))
    }

    @Test func countsHeadersAsTheTextsTheyAre() {
        let java = Signature.value(secret: "s", nonce: "996904.7740116195", timestamp: "1408706337")
        #expect(Signature(nonce: "996904.7740116195", timestamp: "1408706337", value: java).isMade(with: "s"))
        #expect(!Signature(nonce: "996904.77401161950", timestamp: "1408706337", value: java).isMade(with: "s"))
        let padded = Signature.value(secret: "s", nonce: "007", timestamp: "01")
        #expect(!Signature(nonce: "7", timestamp: "1", value: padded).isMade(with: "s"))
    }

    @Test func isRefusedWhenItIsShorterLongerOrAnothers() {
        let value = Signature.value(secret: "s", nonce: "1", timestamp: "2")
        for wrong in ["", String(value.dropLast()), value + "0", value.uppercased(), String(value.reversed())] {
            #expect(!Signature(nonce: "1", timestamp: "2", value: wrong).isMade(with: "s"))
        }
        #expect(!Signature(nonce: "1", timestamp: "2", value: value).isMade(with: "other"))
    }

    @Test(arguments: [
        ["App-Key", "Nonce", "Timestamp", "Signature"], ["rc-app-key", "RC-NONCE", "Rc-Timestamp", "rc-signature"],
    ])
    func isReadFromEitherNameOfAHeader(names: [String]) {
        let headers = HTTPHeaders(zip(names, ["k", "n", "t", "v"]).map { ($0, $1) })
        let request = WireRequest(
            method: .POST, target: "/user/getToken.json", headers: headers, body: [], receivedAt: .distantPast)
        #expect(Signature(request) == Signature(nonce: "n", timestamp: "t", value: "v"))
    }

    @Test func hasNoAgeUnlessTheAppSetsOne() {
        let now = Timestamp(seconds: 1_700_000_000)
        let old = Signature(nonce: "1", timestamp: "1408706337", value: "")
        #expect(old.isTimely(at: now, toleranceSeconds: nil))
        #expect(!old.isTimely(at: now, toleranceSeconds: 300))
        for timestamp in ["1700000299", "1700000299000", "1699999701"] {
            #expect(Signature(nonce: "1", timestamp: timestamp, value: "").isTimely(at: now, toleranceSeconds: 300))
        }
        for timestamp in ["1700000301", "1699999699000", "now", "", "-5"] {
            #expect(!Signature(nonce: "1", timestamp: timestamp, value: "").isTimely(at: now, toleranceSeconds: 300))
        }
    }
}
