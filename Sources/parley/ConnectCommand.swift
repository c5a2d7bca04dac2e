import ArgumentParser
import Foundation
import NIOPosix
import ParleyClient
import ParleyJSON

struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "A terminal client: shows what arrives, from what was missed to what comes.",
        discussion: "It receives over ParleySocket. A dropped connection is made again, and what was missed is shown.")

    @Option(help: "A client's token of any dialect: `parley token`, RongCloud's getToken, Easemob's token, a UserSig.")
    var token: String

    @Option(help: "The server's address.")
    var host = "127.0.0.1"

    @Option(help: "The server's port.")
    var port = 8080

    @Option(help: "The device: what was shown on it is not shown on it again.")
    var device = "terminal"

    @Flag(help: "Show each frame as it came.")
    var raw = false

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let target =
            "/v1/connect?token=\(Self.escaped(self.token))&device=\(Self.escaped(self.device))&platform=Terminal"
        while true {
            let client: SocketClient
            do {
                client = try await SocketClient.connect(host: self.host, port: self.port, target: target, group: group)
            } catch let refused as SocketClient.Refused where refused.status != 0 {
                FileHandle.standardError.write(Data("parley: refused: \(refused)\n".utf8))
                throw ExitCode(1)
            } catch {
                say("- not connected (\(error)); trying again")
                try await Task.sleep(for: .seconds(1))
                continue
            }
            for await frame in client.frames { say(self.raw ? frame : Self.line(frame)) }
            // Those after which the protocol says to connect again (docs/protocol.md).
            guard [nil, 1000, 1001, 1011].contains(client.closeCode) else {
                say("- closed by the server (\(client.closeCode!))")
                return
            }
            say("- connection lost; connecting again")
            try await Task.sleep(for: .seconds(1))
        }
    }

    private static func line(_ frame: String) -> String {
        guard let json = try? JSON(parsing: frame) else { return frame }
        switch json["type"]?.string {
        case "welcome":
            return "- connected as \(json["user"]?.string ?? "?") on \(json["device"]?.string ?? "?")"
        case "ready": return "- up to date"
        case "message":
            let place = json["conversation"]?.string ?? "?"
            let sequence = json["seq"]?.int.map { " #\($0)" } ?? ""
            let kind = json["kind"]?.string ?? "?"
            let content = json["content"].map {
                kind == "text" ? $0["text"]?.string ?? "" : String(decoding: $0.raw, as: UTF8.self)
            }
            let dialect = json["native"]?["dialect"]?.string ?? "parley"
            return "[\(place)\(sequence)] \(json["from"]?.string ?? "?"): \(content ?? "")  (\(kind), \(dialect))"
        default: return "- " + frame
        }
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }
}
