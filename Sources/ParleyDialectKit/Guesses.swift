import Foundation
package import ParleyCore
import Synchronization

/// Wrong passwords, counted by account and by address in windows of a minute: people choose passwords, so they can be guessed. Signatures and tokens are
/// made with 256 random bits and are not counted (docs/decisions/0010).
///
/// This machine's own address is not counted: there a test suite or a proxy stands for everybody.
package final class Guesses: Sendable {
    private struct Tally {
        var minute: Int64 = 0
        var counts: [String: Int] = [:]

        mutating func count(of key: String, at minute: Int64) -> Int {
            if minute != self.minute { self = Tally(minute: minute) }
            return self.counts[key, default: 0]
        }

        /// - Parameter limit: of different keys. Whoever has so many addresses is not stopped by a limit on each.
        mutating func add(_ key: String, at minute: Int64, limit: Int) {
            let count = self.count(of: key, at: minute)
            if count == 0, self.counts.count >= limit { self.counts.removeAll() }
            self.counts[key] = count + 1
        }
    }

    private static let keyLimit = 100_000

    private let clock: any WallClock
    private let perAccount: Int
    private let perAddress: Int
    private let tallies = Mutex((accounts: Tally(), addresses: Tally()))

    /// - Parameters:
    ///   - perAccount: wrong passwords a minute before the account takes no more in that minute, not even the right one; 0: no limit.
    ///   - perAddress: the same of one address, over all accounts; 0: no limit.
    package init(clock: any WallClock, perAccount: Int = 10, perAddress: Int = 100) {
        self.clock = clock
        self.perAccount = perAccount
        self.perAddress = perAddress
    }

    package func admits(_ user: UserID, in app: AppID, from address: String) -> Bool {
        let minute = self.clock.now().seconds / 60
        let source = Self.source(address)
        return self.tallies.withLock { tallies in
            if self.perAccount > 0, tallies.accounts.count(of: Self.key(user, app), at: minute) >= self.perAccount {
                return false
            }
            guard self.perAddress > 0, let source else { return true }
            return tallies.addresses.count(of: source, at: minute) < self.perAddress
        }
    }

    package func failed(_ user: UserID, in app: AppID, from address: String) {
        let minute = self.clock.now().seconds / 60
        let source = Self.source(address)
        self.tallies.withLock { tallies in
            if self.perAccount > 0 { tallies.accounts.add(Self.key(user, app), at: minute, limit: Self.keyLimit) }
            if self.perAddress > 0, let source { tallies.addresses.add(source, at: minute, limit: Self.keyLimit) }
        }
    }

    private static func key(_ user: UserID, _ app: AppID) -> String { "\(app) \(user)" }

    /// An IPv4 address, or the 64 bits of an IPv6 address that one customer of a provider has; nil for this machine.
    package static func source(_ address: String) -> String? {
        var six = in6_addr()
        guard inet_pton(AF_INET6, address, &six) == 1 else { return address.hasPrefix("127.") ? nil : address }
        let bytes = withUnsafeBytes(of: six) { Array($0) }
        if bytes == [UInt8](repeating: 0, count: 15) + [1] { return nil }
        guard bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]) else { return bytes.prefix(8).hex }
        return bytes[12] == 127 ? nil : bytes.suffix(4).map(String.init).joined(separator: ".")
    }
}
