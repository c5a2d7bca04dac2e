import ArgumentParser
import ParleyCore
import ParleyServer

struct AppCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app",
        abstract: "Make and look at apps and their credentials. A running server sees changes within a second.",
        subcommands: [Create.self, List.self, Show.self, ChangeSettings.self, Rotate.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an app, with credentials for every dialect.")

        @Argument(help: "The app's id: letters, digits, - and _.")
        var id: String

        @OptionGroup var options: ServerOptions

        func run() async throws {
            guard !self.id.isEmpty, self.id.count <= 64,
                self.id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
            else { throw ValidationError("an app's id is 1 to 64 letters, digits, - and _") }
            try await self.options.withOffice { office in
                say(office.description(of: try await office.createApp(AppID(self.id)), showingSecrets: true))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the apps.")
        @OptionGroup var options: ServerOptions

        func run() async throws {
            try await self.options.withOffice { office in
                for app in try await office.core.directory.apps() { say(app.id.rawValue) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an app and its credentials; secrets are masked.")
        @Argument(help: "The app's id.") var id: String
        @Flag(help: "Show the secrets too.") var secrets = false
        @OptionGroup var options: ServerOptions

        func run() async throws {
            try await self.options.withOffice { office in
                say(office.description(of: try await office.app(AppID(self.id)), showingSecrets: self.secrets))
            }
        }
    }

    struct ChangeSettings: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Change an app's settings: key=value, as `parley app show` lists them.",
            discussion: "A vendor's rate limit is `rate.NAME`, 0 for none: rate.rongcloud.group-message=200.")
        @Argument(help: "The app's id.") var id: String
        @Argument(help: "key=value, any number of them.") var changes: [String]
        @OptionGroup var options: ServerOptions

        func run() async throws {
            try await self.options.withOffice { office in
                let app = try await office.change(AppID(self.id), self.changes)
                say(office.description(of: app, showingSecrets: false))
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Give an app a new secret in one dialect. Signatures and tokens made with the old one are void at once."
        )
        @Argument(help: "The app's id.") var id: String
        @Option(help: "rongcloud, easemob or tencent.") var dialect: String
        @OptionGroup var options: ServerOptions

        func run() async throws {
            try await self.options.withOffice { office in
                let app = try await office.rotateSecret(of: AppID(self.id), in: DialectName(self.dialect))
                say(office.description(of: app, showingSecrets: true))
            }
        }
    }
}

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Print a client's token for a user, who is made if not there.")

    @Option(help: "The app's id.") var app: String
    @Option(help: "The user's id.") var user: String
    @Option(help: "rongcloud, easemob or tencent.") var dialect = "rongcloud"
    @Option(help: "How long it is good for, in seconds.") var lifetime: Int64 = 30 * 24 * 3600
    @OptionGroup var options: ServerOptions

    func run() async throws {
        try await self.options.withOffice { office in
            say(
                try await office.token(
                    for: UserID(self.user), of: AppID(self.app), dialect: DialectName(self.dialect),
                    lifetimeSeconds: self.lifetime))
        }
    }
}

extension ServerOptions {
    /// Opens the store beside a server that may be running, and closes it again.
    func withOffice(_ work: (Office) async throws -> Void) async throws {
        ProcessSafety.enter()
        let configuration = try ServerConfiguration(settings: try await self.settings())
        let office = try Office(configuration, logger: configuration.makeLogger())
        do {
            try await work(office)
        } catch let rejection as Rejection {
            office.close()
            throw ValidationError("refused: \(rejection)")
        } catch {
            office.close()
            throw error
        }
        office.close()
    }
}
