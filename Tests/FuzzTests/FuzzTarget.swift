import Foundation

/// Something that reads bytes from outside, as the server calls it, and what must be true whatever they are.
struct FuzzTarget: Sendable {
    let name: String
    /// Inputs that are understood, to begin from.
    let seeds: @Sendable () -> [[UInt8]]
    /// - Throws: ``Broken`` when something is not as it must be. A crash says so itself.
    let run: @Sendable ([UInt8]) throws -> Void

    init(
        _ name: String, seeds: @autoclosure @escaping @Sendable () -> [[UInt8]],
        run: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.run = run
    }

    static let all: [FuzzTarget] =
        texts + tokens + uploads + records + connections + clients + rongCloudClients + easemobClients + requests
}

struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    guard condition else { throw Broken(what()) }
}
