import ArgumentParser
import Foundation
import Testing

@testable import parley

/// A backend that is called, down and back, as small as it can be.
@Suite struct CallbackRunTests {
    private static let executable = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("parley").path

    /// So few that the vendor's pause does not begin. The run fails when a message is neither told nor listed as given up.
    @Test func whatIsSaidWhileABackendIsDownIsToldOrGivenUp() async throws {
        let command = try BenchCallbacks.parse([
            "--parley", Self.executable, "--dialect", "rongcloud", "--rate", "2", "--seconds", "1", "--groups", "2",
            "--senders", "2",
        ])
        try await command.run()
    }

    @Test(arguments: [
        ["--rate", "0"], ["--seconds", "3601"], ["--groups", "0"], ["--dialect", "other"], ["--senders", "1001"],
    ])
    func whatItCannotDoIsRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try BenchCallbacks.parse(arguments) }
    }
}
