import ArgumentParser
import Crypto
import Foundation
import ParleyCore
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

    @OptionGroup var options: ServerOptions

    func validate() throws {
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
        try await configuration.serve(prepare: {
            try await Demo.seed($0)
            try await Demo.callBack(callbacks, $0)
        }) { server in
            say(
                try await DemoWelcome(
                    server: server, host: configuration.http.host, folder: configuration.dataFolder
                ).text)
        }
    }
}

/// What `parley demo` prints: where it is, the credentials, and a request for each vendor that can be pasted and works.
private struct DemoWelcome {
    let server: Server
    let host: String
    let folder: String

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

                Another user's token:   \(self.program) token --app demo --user dave --data \(self.folder)
                Stop with Ctrl-C; messages stay in the data folder.

                """
        }
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
