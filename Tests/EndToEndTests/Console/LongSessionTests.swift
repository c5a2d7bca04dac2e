import ParleyServer
import ParleyTesting
import Testing

extension ConsoleInBrowser {
    /// A page that is left open: what it keeps has an end, and it says what it leaves out.
    @Suite struct LongSessionTests {
        /// Answers the feed with `page.turns` pages of 500 calls and messages, each when the one before has been drawn; then with nothing.
        private static let flood = """
            window.page = { turns: 0, number: 1e9 }
            const ask = window.fetch
            window.fetch = async (url, options) => {
              if (!String(url).includes("/feed?")) return ask(url, options)
              await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
              const items = []
              if (page.turns > 0) page.turns -= 1
              else {
                await new Promise((go) => { page.go = go })
                page.go = null
              }
              for (let index = 0; index < 250; index++) {
                const id = String(++page.number)
                const [at, from, to] = [Date.now(), "bob", "group:demo-group"]
                items.push({ kind: "call", n: ++page.number, at, dialect: "rongcloud", method: "POST", path: "/x.json",
                  endpoint: "Send", status: 200, code: "200", milliseconds: 1, from, to, messages: [id] })
                items.push({ kind: "message", n: ++page.number, at, id, conversation: to, seq: page.number, from,
                  text: `said ${page.number}`, origin: "rongcloud", type: "text" })
              }
              return new Response(JSON.stringify({ items, next: page.number, skipped: 0 }))
            }
            void 0
            """

        /// Lets so many pages of 500 come, and waits until the last is drawn.
        private static func pour(_ pages: Int, into tab: Tab) async throws {
            try await self.open(pages, in: tab)
            try await tab.until(
                "page.turns === 0 && document.querySelector('.row.message .content')?.textContent === `said ${page.number}`"
            )
        }

        private static func open(_ pages: Int, in tab: Tab) async throws {
            try await tab.until("page.go")
            try await tab.value("page.turns = \(pages - 1); page.go()")
        }

        @Test func tensOfThousandsOfEventsLeaveThePageAsLargeAsAFewThousand() async throws {
            try await withConsole { _, tab in
                try await tab.until(".feed-status", says: "Connected")
                #expect(try await tab.isTrue("document.querySelector('.older').hidden"))
                try await tab.value(Self.flood)
                // What was asked before waits for the server.
                try await tab.value("import('/console/feed.js').then(({ feed }) => feed.start())")
                try await Self.pour(10, into: tab)
                let before = try await tab.holdings()
                try await Self.pour(50, into: tab)
                let after = try await tab.holdings()
                let rows = try await tab.number("document.querySelectorAll('.rows .row').length")
                let items = try await tab.number("import('/console/feed.js').then(({ feed }) => feed.items.length)")
                #expect(rows == 500)
                #expect(items == 2000)
                #expect(before.nodes > 0)
                #expect(after.nodes <= before.nodes + before.nodes / 10)
                #expect(after.listeners <= before.listeners + 10)
                try await tab.until(".older", says: "newest 500 are shown")
                try await tab.until(".older", says: "newest 2,000")

                // The same while nobody is to be disturbed: what came is counted, and not kept.
                try await tab.click(".toolbar .tool", "Pause")
                let shown = try await tab.number("page.number")
                try await Self.open(20, in: tab)
                try await tab.until("document.querySelector('[aria-pressed=true]').innerText.includes('10,000')")
                let paused = try await tab.holdings()
                #expect(paused.nodes <= before.nodes + before.nodes / 10)
                try await tab.until(".row.message .content", says: "said \(shown)")
                try await tab.click(".toolbar .tool", "Go on")
                try await tab.until(
                    "document.querySelector('.row.message .content').textContent === `said ${page.number}`")
            }
        }

        @Test func aChatOfThousandsShowsTheLastAndSaysSo() async throws {
            try await withConsole(view: "chat") { live, tab in
                let pane = ".chat-pane[data-side=left]"
                try await tab.until("document.querySelectorAll('.chat-pane[data-status=live]').length === 2")
                try await tab.until("document.querySelector('\(pane) .place').value === 'group:demo-group'")
                for part in 0..<4 {
                    try await live.say((0..<500).map { "part \(part) number \($0)" })
                    try await tab.until(
                        "[...document.querySelectorAll('\(pane) .said')].at(-1)?.textContent === 'part \(part) number 499'"
                    )
                }
                #expect(try await tab.number("document.querySelectorAll('\(pane) .log li').length") <= 300)
                try await tab.until("\(pane) .left-out", says: "not shown")
            }
        }
    }
}
