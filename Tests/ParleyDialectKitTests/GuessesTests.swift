import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyDialectKit

struct GuessesTests {
    private let alice = UserID("alice")
    private let bob = UserID("bob")
    private let app = AppID("demo")

    @Test func anAccountTakesNoMoreGuessesInTheMinuteWhereverTheyComeFrom() {
        let clock = ManualClock()
        let guesses = Guesses(clock: clock, perAccount: 3, perAddress: 0)
        for number in 0..<3 {
            #expect(guesses.admits(self.alice, in: self.app, from: "10.0.0.\(number)"))
            guesses.failed(self.alice, in: self.app, from: "10.0.0.\(number)")
        }
        #expect(!guesses.admits(self.alice, in: self.app, from: "10.0.0.9"))
        #expect(!guesses.admits(self.alice, in: self.app, from: "127.0.0.1"))
        #expect(guesses.admits(self.bob, in: self.app, from: "10.0.0.0"))
        #expect(guesses.admits(self.alice, in: AppID("other"), from: "10.0.0.0"))
        clock.advance(seconds: 60)
        #expect(guesses.admits(self.alice, in: self.app, from: "10.0.0.0"))
    }

    @Test func anAddressMayNotTryOnePasswordOnEverybody() {
        let guesses = Guesses(clock: ManualClock(), perAccount: 0, perAddress: 3)
        for number in 0..<3 { guesses.failed(UserID("u\(number)"), in: self.app, from: "2001:db8:1:2::\(number)") }
        #expect(!guesses.admits(self.alice, in: self.app, from: "2001:db8:1:2:ffff::1"))
        #expect(guesses.admits(self.alice, in: self.app, from: "2001:db8:1:3::1"))
        #expect(guesses.admits(self.alice, in: self.app, from: "203.0.113.1"))
    }

    @Test func thisMachineIsNotCountedAsAnAddress() {
        let guesses = Guesses(clock: ManualClock(), perAccount: 0, perAddress: 1)
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            guesses.failed(self.alice, in: self.app, from: address)
            #expect(guesses.admits(self.alice, in: self.app, from: address), "\(address)")
        }
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"), ("2001:db8::1", "20010db800000000"),
        ("unknown", "unknown"),
    ])
    func anAddressIsOneHoweverItIsWritten(_ address: String, _ source: String) {
        #expect(Guesses.source(address) == source)
    }

    @Test func zeroIsNoLimit() {
        let guesses = Guesses(clock: ManualClock(), perAccount: 0, perAddress: 0)
        for _ in 0..<1000 { guesses.failed(self.alice, in: self.app, from: "10.0.0.1") }
        #expect(guesses.admits(self.alice, in: self.app, from: "10.0.0.1"))
    }

    @Test func whatIsRememberedIsBounded() {
        let guesses = Guesses(clock: ManualClock(), perAccount: 0, perAddress: 1)
        for number in 0..<100_001 { guesses.failed(self.alice, in: self.app, from: "host-\(number)") }
        #expect(guesses.admits(self.alice, in: self.app, from: "host-0"), "forgotten with 99,999 others")
        #expect(!guesses.admits(self.alice, in: self.app, from: "host-100000"))
    }
}
