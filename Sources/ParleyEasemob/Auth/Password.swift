import Crypto
import CryptoExtras
import Dispatch
import Foundation
import ParleyDialectKit

/// Salted hashes of passwords: `scrypt$rounds$salt$key`, salt and key in base64url.
///
/// The cost (1 MiB of memory, about 2 ms in a release build) is chosen so that registering 60 users at once stays a matter of a tenth of a second. The
/// rounds are in the hash: raising them leaves older hashes good.
package enum Password {
    private static let rounds = 1024
    private static let maximumRounds = 1 << 20
    private static let blockSize = 8

    package static func hash(_ password: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard let key = Self.key(password, salt: salt, rounds: Self.rounds) else {
            preconditionFailure("scrypt refused parameters that are constants")
        }
        return "scrypt$\(Self.rounds)$\(Base64.url.encoded(salt))$\(Base64.url.encoded(key))"
    }

    /// False for a hash in another form.
    package static func matches(_ password: String, hash: String) -> Bool {
        let parts = hash.split(separator: "$").map(String.init)
        guard parts.count == 4, parts[0] == "scrypt", let rounds = Int(parts[1]),
            (2...Self.maximumRounds).contains(rounds), let salt = Base64.url.decoded(parts[2].utf8),
            let expected = Base64.url.decoded(parts[3].utf8), let key = Self.key(password, salt: salt, rounds: rounds)
        else { return false }
        return isEqualInConstantTime(key, expected)
    }

    private static func key(_ password: String, salt: [UInt8], rounds: Int) -> [UInt8]? {
        let key = try? KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: 32, rounds: rounds, blockSize: Self.blockSize,
            parallelism: 1)
        return key?.withUnsafeBytes { Array($0) }
    }

    // MARK: Beside the event loops and the tasks

    /// One at a time: a flood of logins may cost each other time, and nobody else.
    private static let queue = DispatchQueue(label: "parley.easemob.passwords", qos: .utility)

    static func hashing(_ passwords: [String]) async -> [String] {
        await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: passwords.map { Self.hash($0) }) }
        }
    }

    package static func matching(_ password: String, hash: String) async -> Bool {
        await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: Self.matches(password, hash: hash)) }
        }
    }
}
