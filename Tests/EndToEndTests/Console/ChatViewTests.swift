import Foundation
import ParleyJSON
import ParleyServer
import Testing

extension ConsoleInBrowser {
    @Suite struct ChatViewTests {
        private static let left = ".chat-pane[data-side=left]"
        private static let right = ".chat-pane[data-side=right]"

        /// Both are connected, in the same conversation.
        private static func isReady(_ tab: Tab) async throws {
            try await tab.until("document.querySelectorAll('.chat-pane[data-status=live]').length === 2")
            try await tab.until("[...document.querySelectorAll('.place')].every((e) => e.value === 'group:demo-group')")
        }

        private static func say(_ text: String, in pane: String, _ tab: Tab) async throws {
            try await tab.fill("\(pane) .chat-form input", text)
            try await tab.press("Enter")
        }

        @Test func twoUsersTalkSeeEachOtherWriteAndTakeBack() async throws {
            try await withConsole(view: "chat") { live, tab in
                try await Self.isReady(tab)
                try await tab.fill("\(Self.left) .chat-form input", "hello bob")
                try await tab.until("\(Self.right) .writing", says: "alice")
                try await tab.press("Enter")
                try await tab.until("\(Self.right) .said", says: "hello bob")
                try await tab.until("document.querySelector('\(Self.right) .writing').textContent === ''")
                try await Self.say("hello alice", in: Self.right, tab)
                try await tab.until("\(Self.left) .said", says: "hello alice")
                #expect(try await live.backend().say("backend", through: "easemob"))
                for pane in [Self.left, Self.right] { try await tab.until("\(pane) .said", says: "backend") }

                try await tab.click("\(Self.left) .line.own .recall")
                for pane in [Self.left, Self.right] { try await tab.until("\(pane) .line.recalled", says: "recalled") }
                #expect(!(try await tab.isTrue("document.body.innerText.includes('hello bob')")))

                // The same again for whoever comes later: history.
                try await tab.visit("live")
                try await tab.visit("chat")
                try await tab.until("\(Self.right) .said", says: "hello alice")
                try await tab.until("document.querySelectorAll('\(Self.right) .line').length === 3")

                try await tab.choose("\(Self.right) select:not(.place)", "carol")
                try await tab.choose("\(Self.left) .place", "direct:carol")
                try await tab.until("document.querySelector('\(Self.right)').dataset.status === 'live'")
                try await tab.choose("\(Self.right) .place", "direct:alice")
                try await Self.say("just you", in: Self.left, tab)
                try await tab.until("\(Self.right) .said", says: "just you")
            }
        }

        @Test func everythingGoesOnWhenTheServerComesBack() async throws {
            let folder = try TemporaryFolder()
            let port = try await LiveServer.freePort()
            let keys = ["http.port": String(port)]
            let first = try await LiveServer.start(in: folder, keys)
            let tab = try await #require(Browser.current).tab()
            tab.allow("ERR_CONNECTION_REFUSED")
            tab.allow("WebSocket")
            tab.allow("Failed to load resource")
            try await tab.open(first.console("chat"))
            try await Self.isReady(tab)
            try await Self.say("before", in: Self.left, tab)
            try await tab.until("\(Self.right) .said", says: "before")

            await first.server.stop()
            try await tab.until("document.querySelectorAll('.chat-pane[data-status=waiting]').length === 2")
            try await Self.say("meanwhile", in: Self.left, tab)
            try await tab.until("\(Self.left) .line.pending", says: "meanwhile")

            let second = try await LiveServer.start(in: folder, keys)
            try await tab.until("\(Self.right) .said", says: "meanwhile")
            try await tab.until("!document.querySelector('\(Self.left) .line.pending')")
            try await Self.say("after", in: Self.right, tab)
            try await tab.until("\(Self.left) .said", says: "after")
            for pane in [Self.left, Self.right] {
                let said = try await tab.value(
                    "[...document.querySelectorAll('\(pane) .said')].map((e) => e.textContent)")
                #expect(said.array?.compactMap(\.string) == ["before", "meanwhile", "after"])
            }
            try await tab.until(".feed-status", says: "Connected")
            try await tab.visit("live")
            try await tab.until(".row.restart", says: "restarted")
            #expect(try await second.backend().say("new life", through: "tencent"))
            try await tab.until(".row.message .content", says: "new life")
            #expect(tab.problems == [])
            try await tab.close()
            await second.server.stop()
        }

        @Test func aFloodInAConversationIsBoundedToo() async throws {
            try await withConsole(view: "chat") { live, tab in
                try await Self.isReady(tab)
                try await live.say((0..<2000).map { "flood \($0)" })
                try await tab.until("\(Self.left) .said", says: "flood 1999")
                #expect(try await tab.number("document.querySelectorAll('\(Self.left) .log > *').length") <= 300)
                try await Self.say("still here", in: Self.right, tab)
                try await tab.until("\(Self.left) .said", says: "still here")
            }
        }
    }
}
