import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import ParleyClient

struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "A terminal client: shows what arrives, sends what is typed.",
        discussion: """
            In a terminal: /help lists the commands. With input or output in a pipe: each line of input is sent, each message is a line of output; \
            the end of the input does not end it, /quit does.
            A dropped connection is made again, and what was missed is shown; what is typed meanwhile is sent then.
            """)

    @Option(help: "A client's token of any dialect: `parley token`, RongCloud's getToken, Easemob's token, a UserSig.")
    var token: String

    @Option(help: "The server's address.")
    var host = "127.0.0.1"

    @Option(help: "The server's port.")
    var port = 8080

    @Flag(help: "Connect with TLS.")
    var tls = false

    @Option(help: "A PEM file of certificates to trust instead of the system's, with --tls.")
    var ca: String?

    @Option(help: "The device: what was shown on it is not shown on it again.")
    var device = "terminal"

    @Option(help: "The conversation to begin with: group:ID or direct:USER. Else the first of the list.")
    var to: String?

    @Flag(help: "Show each frame as it came, and send each line as a frame.")
    var raw = false

    @Flag(help: "No colours. Also when NO_COLOR is set.")
    var noColor = false

    func run() async throws {
        if self.raw { return try await RawFrames(command: self).run() }
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        guard let server = URL(string: "\(self.tls ? "https" : "http")://\(host):\(self.port)") else {
            throw ValidationError("--host \(self.host) is not an address")
        }
        var configuration = Chat.Configuration(server: server, device: self.device) { [token] in token }
        configuration.platform = "Terminal"
        if let ca = self.ca { configuration.certificates = .file(ca) }
        configuration.backoff = Chat.Backoff(initial: .milliseconds(500), maximum: .seconds(5))
        let chat: Chat
        do {
            chat = try Chat(configuration)
        } catch Chat.ConfigurationError.badServer {
            throw ValidationError("--host \(self.host) is not an address")
        } catch {
            throw ValidationError("--ca \(self.ca ?? ""): \(error)")
        }

        let isScreen = RawTerminal.isThere
        let hasColours = !self.noColor && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        let terminal = Terminal(
            chat: chat, talk: Talk(format: Format(isPlain: !isScreen), open: self.to.map { Conversation($0) }),
            screen: isScreen ? Screen(columns: RawTerminal.columns, hasColours: hasColours) : nil)
        if isScreen {
            RawTerminal.restoreAtEnd()
            RawTerminal.enter()
        }
        await terminal.run()
        RawTerminal.leave()
        if case .refused = await terminal.ending {
            FileHandle.standardError.write(Data("parley: \(await terminal.ending!)\n".utf8))
            throw ExitCode(1)
        }
    }
}

/// `--raw`: the protocol as it is.
private struct RawFrames {
    let command: ConnectCommand

    func run() async throws {
        let target =
            "/v1/connect?token=\(Self.escaped(self.command.token))&device=\(Self.escaped(self.command.device))&platform=Terminal"
        let input = StandardInput()
        let current = Current()
        let typing = Task {
            var rest: [UInt8] = []
            for await piece in input.pieces {
                rest += piece
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    await current.socket?.send(ByteBuffer(bytes: rest[..<end]))
                    rest.removeFirst(end + 1)
                }
                input.next()
            }
        }
        defer { typing.cancel() }
        while true {
            let client: SocketClient
            do {
                client = try await SocketClient.connect(
                    host: self.command.host, port: self.command.port, target: target,
                    certificates: self.command.tls ? self.command.ca.map { .file($0) } ?? .system : nil,
                    group: .singleton)
            } catch let refused as SocketClient.Refused where refused.status != 0 {
                FileHandle.standardError.write(Data("parley: refused: \(refused)\n".utf8))
                throw ExitCode(1)
            } catch {
                say("- not connected (\(error)); trying again")
                try await Task.sleep(for: .seconds(1))
                continue
            }
            await current.use(client)
            for await frame in client.frames { say(String(buffer: frame)) }
            // Those after which the protocol says to connect again (docs/protocol.md).
            guard [nil, 1000, 1001, 1011].contains(client.closeCode) else {
                say("- closed by the server (\(client.closeCode!))")
                return
            }
            say("- connection lost; connecting again")
            try await Task.sleep(for: .seconds(1))
        }
    }

    private actor Current {
        private(set) var socket: SocketClient?
        func use(_ socket: SocketClient) { self.socket = socket }
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }
}
