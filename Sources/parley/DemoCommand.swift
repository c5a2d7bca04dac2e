import ArgumentParser
import Crypto
import Foundation
import NIOSSL
import ParleyCore
import ParleyPushSimulator
import ParleyServer

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run the server with the demo app: users alice, bob, carol and dave, in the group demo-group.",
        discussion: """
            The demo's secrets are public, so it is refused on any address but loopback. To let others in, run `parley serve` \
            and make an app of your own with `parley app create`.
            """)

    @Option(
        help: ArgumentHelp(
            "Call this backend about every message, recall and change of a group, in each vendor's form.",
            discussion: "At URL/rongcloud, URL/easemob and URL/tencent (docs/callbacks.md).", valueName: "url"))
    var callbacks: String?

    @Option(help: "The port of the push simulator, on this machine; 8091, or any if that is taken, unless set.")
    var pushPort: Int?

    @Flag(
        inversion: .prefixedNo,
        help: "Run the push simulator, and let the demo's users have phones at it (docs/push.md).")
    var push = true

    @OptionGroup var options: ServerOptions

    func validate() throws {
        guard (0...65_535).contains(self.pushPort ?? 0) else { throw ValidationError("--push-port is 0 to 65535") }
        guard let callbacks else { return }
        guard let url = URL(string: callbacks), ["http", "https"].contains(url.scheme), url.host != nil else {
            throw ValidationError("--callbacks takes an http or https URL, not '\(callbacks)'")
        }
    }

    func run() async throws {
        let configuration = try ServerConfiguration(settings: try await self.options.settings())
        guard Demo.isLoopback(configuration.http.host) else {
            throw ConfigurationError(
                key: "http.host",
                reason: "is \(configuration.http.host); the demo's secrets are public, so it listens on loopback only")
        }
        let callbacks = self.callbacks
        let simulator = try await self.simulator()
        let roots = try simulator.map { try NIOSSLCertificate.fromPEMBytes(Array($0.certificate.utf8)) } ?? []
        do {
            try await configuration.serve(
                trusting: roots,
                console: Self.stage(simulator),
                prepare: { core in
                    try await Demo.seed(core)
                    try await Demo.seedRoom(core)
                    try await Demo.callBack(callbacks, core)
                    try await Demo.push(simulator.map { simulator in { simulator.url(of: $0) } }, core)
                }
            ) { server in
                say(
                    try await DemoWelcome(
                        server: server, host: configuration.http.host, folder: configuration.dataFolder,
                        simulator: simulator?.url
                    ).text)
            }
        } catch {
            await simulator?.shutDown()
            throw error
        }
        await simulator?.shutDown()
    }

    private static func stage(_ simulator: PushSimulator?) -> ConsoleStage {
        guard let simulator else { return ConsoleStage(isAlwaysRecording: true) }
        return ConsoleStage(isAlwaysRecording: true) { (simulator.url, simulator.noticesJSON()) }
    }

    private func simulator() async throws -> PushSimulator? {
        guard self.push else { return nil }
        guard let pushPort else {
            // Several demos on one machine: the first has the port that docs name.
            if let usual = try? await Self.simulator(at: PushSimulator.usualPort) { return usual }
            return try await Self.simulator(at: 0)
        }
        do { return try await Self.simulator(at: pushPort) } catch {
            throw ConfigurationError(key: "--push-port", reason: "\(pushPort) cannot be listened on: \(error)")
        }
    }

    private static func simulator(at port: Int) async throws -> PushSimulator {
        var configuration = PushSimulator.Configuration()
        configuration.port = port
        let simulator = try PushSimulator(configuration)
        try await simulator.start()
        return simulator
    }
}

/// What `parley demo` prints: where it is, the credentials, and a request for each vendor that can be pasted and works.
private struct DemoWelcome {
    let server: Server
    let host: String
    let folder: String
    let simulator: String?

    private var base: String {
        "\(self.server.scheme)://\(self.host.contains(":") ? "[\(self.host)]" : self.host):\(self.server.port)"
    }

    var text: String {
        get async throws {
            guard let app = try await self.server.core.directory.app(Demo.appID) else { return "" }
            func token(_ dialect: String, _ user: String) throws -> String {
                try self.server.token(
                    for: UserID(user), in: app, dialect: DialectName(dialect), lifetimeSeconds: 30 * 24 * 3600)
            }
            let alice = try token("rongcloud", "alice")
            let bob = try token("rongcloud", "bob")
            let signature = try token("tencent", "administrator")
            let appToken = try await Demo.easemobToken(self.server, lifetimeSeconds: 30 * 24 * 3600)
            return """

                Parley is running.        \(self.base)
                \(self.console)
                  health                  \(self.base)/health/ready      metrics  \(self.base)/metrics

                The demo app `demo`: users alice, bob, carol, dave; group demo-group. One app, three dialects:
                  RongCloud   App-Key parley-demo        App Secret parley-demo-secret
                  Easemob     appkey parley#demo         client id parley-demo-client   client secret parley-demo-secret
                  Tencent     SDKAppID 1400000000        secret key parley-demo-secret  administrator administrator

                1. Talk: alice in a second terminal, bob in a third. What is typed is sent; /help says what else there is.
                  \(self.program) connect --port \(self.server.port) --to group:demo-group --token \(alice)
                  \(self.program) connect --port \(self.server.port) --to group:demo-group --token \(bob)

                2. Say something through each vendor's API, in a fourth:

                # RongCloud
                \(self.rongCloud)

                # Easemob
                \(self.easemob(appToken))

                # Tencent IM
                \(self.tencent(signature))

                \(self.pushes)Another user's token:   \(self.program) token --app demo --user dave --data \(self.folder)
                Stop with Ctrl-C; messages stay in the data folder.

                """
        }
    }

    private var console: String {
        self.server.hasConsole
            ? "  console                 \(self.base)/console      see every call, try any, talk (this machine alone)"
            : "  console                 off"
    }

    private var pushes: String {
        guard let simulator else { return "" }
        return """
            3. Phones: each user has one at the push simulator, which rings when its user is not connected.
              curl \(simulator)/notices
              \(self.program) push list demo --data \(self.folder)


            """
    }

    private var program: String { CommandLine.arguments.first ?? "parley" }

    private var rongCloud: String {
        let (nonce, timestamp) = ("14314", String(self.server.core.clock.now().seconds))
        let digest = Insecure.SHA1.hash(data: Data((Demo.secret + nonce + timestamp).utf8))
        let signature = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return """
            curl '\(self.base)/message/group/publish.json' -H 'App-Key: parley-demo' -H 'Nonce: \(nonce)' \
            -H 'Timestamp: \(timestamp)' -H 'Signature: \(signature)' \
            -d 'fromUserId=bob' -d 'toGroupId=demo-group' -d 'objectName=RC:TxtMsg' \
            --data-urlencode 'content={"content":"hello from RongCloud"}'
            """
    }

    private func easemob(_ token: String) -> String {
        """
        curl '\(self.base)/parley/demo/messages/chatgroups' -H 'Authorization: Bearer \(token)' \
        -H 'Content-Type: application/json' \
        -d '{"from":"carol","to":["demo-group"],"type":"txt","body":{"msg":"hello from Easemob"}}'
        """
    }

    private func tencent(_ signature: String) -> String {
        let random = UInt32.random(in: 0...UInt32.max)
        return """
            curl '\(self.base)/v4/group_open_http_svc/send_group_msg?sdkappid=1400000000&identifier=administrator&usersig=\(signature)&random=\(random)&contenttype=json' \
            -d '{"GroupId":"demo-group","From_Account":"bob","Random":'$(date +%s)',"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello from Tencent IM"}}]}'
            """
    }
}
