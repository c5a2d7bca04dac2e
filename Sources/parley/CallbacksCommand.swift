import ArgumentParser
import Foundation
import ParleyConsole
import ParleyCore
import ParleyJSON
import ParleyServer

struct CallbacksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callbacks",
        abstract: "Look at the calls of an app's backends, and send again what was given up.",
        discussion: """
            Who is called about what is set with `parley app set`: callback.NAME.url, callback.NAME.dialect and so on \
            (docs/callbacks.md).
            """,
        subcommands: [List.self, Retry.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List calls, the newest first.")
        @Argument(help: "The app's id.") var id: String
        @Option(help: "Only this rule's.") var rule: String?
        @Option(help: "Only those that ended so: \(outcomes).") var outcome: String?
        @Option(help: "How many, 1 to 1000.") var limit = 20
        @Flag(help: "Print JSON, a call a line.") var json = false
        @OptionGroup var options: ServerOptions

        func validate() throws {
            guard (1...1000).contains(self.limit) else { throw ValidationError("--limit is 1 to 1000") }
            if let outcome, CallbackRecord.Outcome(rawValue: outcome) == nil {
                throw ValidationError("--outcome is one of \(outcomes)")
            }
        }

        func run() async throws {
            try await self.options.withOffice { office in
                let app = try await office.app(AppID(self.id))
                let records = try await office.callbacks.records(
                    in: app.id, rule: self.rule, outcome: self.outcome.flatMap(CallbackRecord.Outcome.init),
                    before: nil, limit: self.limit)
                for record in records { say(self.json ? record.json : record.line) }
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send again what was given up: a running server does so within two seconds.")
        @Argument(help: "The app's id.") var id: String
        @Argument(help: "The numbers of calls, as `list` shows them; none: all that was given up.") var calls: [Int64] =
            []
        @Option(help: "Only this rule's.") var rule: String?
        @OptionGroup var options: ServerOptions

        func run() async throws {
            try await self.options.withOffice { office in
                let app = try await office.app(AppID(self.id))
                let count = try await office.callbacks.sendAgain(
                    in: app.id, rule: self.rule, records: self.calls.isEmpty ? nil : self.calls)
                say("\(count) to be sent again")
            }
        }
    }
}

private let outcomes = CallbackRecord.Outcome.allCases.map(\.rawValue).joined(separator: ", ")

extension CallbackRecord {
    fileprivate var line: String {
        let columns = [
            "\(self.id ?? 0)", Date(timeIntervalSince1970: Double(self.sentAt.milliseconds) / 1000).ISO8601Format(),
            self.rule, self.call, self.outcome.rawValue, "\(self.milliseconds) ms",
            "\(self.attempts) \(self.attempts == 1 ? "attempt" : "attempts")", self.status.map { "HTTP \($0)" } ?? "",
            "message \(self.entry)", self.detail,
        ]
        return columns.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    fileprivate var json: String {
        var json = JSONWriter()
        self.write(into: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
