import Foundation
import NIOHTTP1
import ParleyClient
import ParleyJSON
import ParleyServer
import Testing

extension ConsoleInBrowser {
    /// The pictures of docs/console: `make pictures` keeps them, where the suite only sees that they can be taken.
    @Suite struct PictureTests {
        private static let maximumBytes = 150_000

        @Test func picturesOfTheConsole() async throws {
            let elsewhere = try TemporaryFolder()
            let folder =
                ProcessInfo.processInfo.environment["PARLEY_PICTURES"].map { URL(fileURLWithPath: $0) } ?? elsewhere.url
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try await withConsole(view: "chat") { live, tab in
                try await Self.talk(live)
                try await tab.resize(width: 1180, height: 520)
                try await tab.until("document.querySelectorAll('.chat-pane[data-status=live] .said').length >= 7")
                try await Self.keep("chat", tab, folder)

                try await tab.visit("send")
                try await tab.until("document.querySelector('.composer .primary')")
                try await tab.click(".composer .primary")
                try await tab.until("document.querySelector('.result .status')")
                try await Self.keep("send", tab, folder)

                try await tab.visit("live")
                try await tab.click(".row.refused")
                try await tab.until("document.querySelector('.drawer .explanation')")
                try await Self.keep("live-light-en", tab, folder)
                try await tab.prefer("dark")
                try await tab.choose(".language", "zh")
                try await tab.until(".view-link", says: "实时")
                try await tab.click(".row.refused")
                try await tab.until("document.querySelector('.drawer .explanation')")
                try await Self.keep("live-dark-zh", tab, folder)

                try await tab.prefer("light")
                try await tab.choose(".language", "en")
                try await tab.until(".view-link", says: "Live")
                try await tab.resize(width: 360, height: 720)
                try await tab.visit("live")
                try await tab.until("document.querySelectorAll('.row').length > 3")
                try await Self.keep("narrow", tab, folder)
            }
        }

        private static func talk(_ live: LiveServer) async throws {
            let backend = try await live.backend()
            for (text, dialect) in [
                ("Lunch at twelve?", "rongcloud"), ("Yes: the noodle place", "easemob"), ("一起去", "tencent"),
                ("See you there", "easemob"),
            ] {
                let escaped =
                    dialect == "rongcloud"
                    ? text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" : text
                #expect(try await backend.say(escaped, through: dialect))
            }
            let answer = try await backend.client.send(
                .POST, "/message/group/publish.json",
                headers: [
                    ("App-Key", "parley-demo"), ("Nonce", "14314"), ("Timestamp", "1408706337"),
                    ("Signature", "45beb7cc7118dcf5b41f7e3b7a1b3d2f0e6c9a58"),
                    ("Content-Type", "application/x-www-form-urlencoded"),
                ], body: Array("fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&content={}".utf8))
            #expect(answer.status >= 400)
        }

        private static func keep(_ name: String, _ tab: Tab, _ folder: URL) async throws {
            // Two frames: what was asked for last is drawn.
            try await tab.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            let picture = try await tab.picture()
            #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
            #expect((5_000...Self.maximumBytes).contains(picture.count), "\(name): \(picture.count) bytes")
            try picture.write(to: folder.appendingPathComponent("\(name).png"))
        }
    }
}
