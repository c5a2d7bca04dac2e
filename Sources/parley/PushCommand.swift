import ArgumentParser
import Foundation
import ParleyConsole
import ParleyCore
import ParleyJSON
import ParleyServer

struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Look at what was pushed to phones, and at the devices that can be reached.",
        discussion: """
            Through whom is set with `parley app set`: push.NAME.kind, push.NAME.url and so on (docs/push.md). `parley push-simulator` \
            stands in for every provider.
            """,
        subcommands: [List.self, Devices.self, Register.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List notices, the newest first.")
        @Argument(help: "The app's id.") var id: String
        @Option(help: "Only this provider's.") var provider: String?
        @Option(help: "Only those that ended so: \(outcomes).") var outcome: String?
        @Option(help: "Only this user's.") var user: String?
        @Option(help: "How many, 1 to 1000.") var limit = 20
        @Flag(help: "Print JSON, a notice a line.") var json = false
        @OptionGroup var options: ServerOptions

        func validate() throws {
            guard (1...1000).contains(self.limit) else { throw ValidationError("--limit is 1 to 1000") }
            if let outcome, PushRecord.Outcome(rawValue: outcome) == nil {
                throw ValidationError("--outcome is one of \(outcomes)")
            }
        }

        func run() async throws {
            try await self.options.withOffice { office in
                let app = try await office.app(AppID(self.id))
                let records = try await office.pushes.pushRecords(
                    in: app.id, provider: self.provider, outcome: self.outcome.flatMap(PushRecord.Outcome.init),
                    user: self.user.map { UserID($0) }, before: nil, limit: self.limit)
                for record in records { say(self.json ? record.json : record.line) }
            }
        }
    }

    struct Devices: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a user's devices.")
        @Argument(help: "The app's id.") var id: String
        @Argument(help: "The user's id.") var user: String
        @OptionGroup var options: ServerOptions

        func run() async throws {
            try await self.options.withOffice { office in
                let app = try await office.app(AppID(self.id))
                for device in try await office.pushes.pushDevices(of: UserID(self.user), in: app.id) {
                    say("\(device.device)  \(device.provider)  \(device.dialect)  \(device.token)")
                }
            }
        }
    }

    struct Register: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a user's device, as its client would; without --token: forget it.")
        @Argument(help: "The app's id.") var id: String
        @Argument(help: "The user's id.") var user: String
        @Option(help: "What the device calls itself.") var device: String
        @Option(help: "The name of a push provider of the app.") var provider = ""
        @Option(help: "The provider's token of the device.") var token: String?
        @Option(help: "Whose client library it has: rongcloud, easemob, tencent or parley.") var dialect = "parley"
        @Option(help: "The app at the provider, where it serves several (APNs' topic).") var bundle: String?
        @OptionGroup var options: ServerOptions

        func validate() throws {
            guard self.token == nil || !self.provider.isEmpty else { throw ValidationError("--token needs --provider") }
        }

        func run() async throws {
            try await self.options.withOffice { office in
                let app = try await office.app(AppID(self.id))
                guard let token else {
                    let wasThere = try await office.pushes.unregister(self.device, of: UserID(self.user), in: app.id)
                    return say(wasThere ? "forgotten" : "it was not registered")
                }
                try await office.pushes.register(
                    PushDevice(
                        user: UserID(self.user), device: self.device, provider: self.provider, token: token,
                        dialect: DialectName(self.dialect), bundle: self.bundle,
                        registeredAt: office.core.clock.now()), in: app.id)
                say("registered")
            }
        }
    }
}

private let outcomes = PushRecord.Outcome.allCases.map(\.rawValue).joined(separator: ", ")

extension PushRecord {
    fileprivate var line: String {
        let columns = [
            "\(self.id ?? 0)", Date(timeIntervalSince1970: Double(self.sentAt.milliseconds) / 1000).ISO8601Format(),
            self.provider, self.outcome.rawValue, "\(self.user)/\(self.device)",
            Harmless.line(String("\(self.title): \(self.text)".prefix(120))),
            "\(self.milliseconds) ms", "\(self.attempts) \(self.attempts == 1 ? "attempt" : "attempts")",
            self.status.map { "HTTP \($0)" } ?? "", "message \(self.message)", Harmless.line(self.detail),
        ]
        return columns.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    fileprivate var json: String {
        var json = JSONWriter()
        self.write(into: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
