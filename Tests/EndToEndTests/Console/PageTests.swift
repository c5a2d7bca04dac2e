import Foundation
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer
import Testing

extension ConsoleInBrowser {
    /// What holds for every view: who may use it, with what, in which language, and what it does with what is meant to harm.
    @Suite struct PageTests {
        // MARK: Hostile text

        private static let hostile =
            #"<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>'"&amp;</pre>"#

        @Test func whatLooksLikeHTMLStaysTextEverywhere() async throws {
            try await withConsole { live, tab in
                // From now on what happens is recorded.
                try await tab.until(".feed-status", says: "Connected")
                let hostile = Self.hostile
                let core = live.server.core
                let user = ParleyCore.UserID(#"<b onclick=alert(1)>u</b>"#)
                try await core.importUser(user, in: live.app.id) { $0.name = hostile }
                let now = core.clock.now()
                let group = Group(
                    id: GroupID("<i>g</i>"), type: .public, name: hostile, owner: user, createdAt: now)
                try await core.createGroup(
                    CreateGroup(
                        app: live.app.id, group: group,
                        members: [Member(user: ParleyCore.UserID("alice"), joinedAt: now, delivery: .notify)]))
                try await live.say([hostile])
                let tenant = try await Tenant(app: live.app, on: live)
                let answer = try await tenant.http.send(
                    .POST, "/message/group/publish.json",
                    headers: [
                        ("App-Key", hostile), ("Nonce", hostile), ("Timestamp", hostile), ("Signature", hostile),
                        ("Content-Type", "application/x-www-form-urlencoded"), ("X-Custom", hostile),
                    ], body: Array(hostile.utf8))
                #expect(answer.status >= 400)
                let escaped = try #require(hostile.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
                let refused = try await tenant.http.send(.POST, "/message/\(escaped).json", body: Array(hostile.utf8))
                #expect(refused.status >= 400)
                let sent = try await tenant.easemob(
                    .POST, "/messages/chatgroups",
                    #"{"from":"bob","to":["<i>g</i>","demo-group"],"type":"custom","body":{"customEvent":"<img src=x onerror=alert(1)>","customExts":{"<a>":"<b>"}}}"#
                )
                #expect(sent.status == 200, "\(sent.text)")

                try await tab.until(".row.message .content", says: "<img src=x")
                // Every row, and every side of it.
                for index in 0..<(try await tab.number("document.querySelectorAll('.rows .row').length")) {
                    try await tab.value("document.querySelectorAll('.rows .row')[\(index)].click()")
                    try await tab.until(
                        "document.querySelector('.drawer .tab') || document.querySelector('.row').matches('.event')")
                    let tabs = try await tab.number("document.querySelectorAll('.drawer .tab').length")
                    for side in 0..<tabs {
                        try await tab.value("document.querySelectorAll('.drawer .tab')[\(side)]?.click()")
                    }
                }
                let views =
                    Tab.views + [
                        "browse/users/\(Self.encoded(user.rawValue))", "browse/groups/\(Self.encoded("<i>g</i>"))",
                    ]
                    + [
                        "browse/conversations/group:demo-group",
                        "browse/conversations/\(Self.encoded("group:<i>g</i>"))",
                    ]
                for view in views {
                    try await tab.visit(view)
                    try await tab.until("!document.querySelector('[aria-busy=true]')")
                }
                try await tab.until("document.body.innerText.includes('<img src=x')")
                try await tab.visit("chat")
                try await tab.until("document.querySelectorAll('.place option').length > 4")
                for side in ["left", "right"] {
                    try await tab.choose(".chat-pane[data-side=\(side)] .place", "group:demo-group")
                }
                try await tab.until("document.querySelector('.chat-pane[data-status=live] .said')")
                try await tab.fill(".chat-pane .chat-form input", hostile)
                try await tab.press("Enter")
                try await tab.until(".chat-pane[data-side=right] .said", says: hostile)

                #expect(try await tab.isTrue("window.harmed === undefined"))
                let made =
                    "document.querySelectorAll('img:not([src=\"/console/icon.svg\"]), body script, body b[onclick], body i i, iframe').length"
                #expect(try await tab.number(made) == 0)
            }
        }

        private static func encoded(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
        }

        @Test func anAddressThatCannotBeReadLeadsSomewhere() async throws {
            try await withConsole(view: "health/%E0%A4%A") { _, tab in
                try await tab.until("document.querySelector('main').dataset.view === 'health'")
            }
        }

        // MARK: Keyboard

        @Test func everythingCanBeDoneWithKeysAlone() async throws {
            try await withConsole { live, tab in
                try await tab.until(".feed-status", says: "Connected")
                try await tab.press("2")
                try await tab.until("document.querySelector('main').dataset.view === 'send'")
                // By Tab to the first field of the form, and from there: send.
                try await tab.until("document.querySelector('.composer .field')")
                try await Self.tab(tab, to: "document.activeElement.closest('.field')")
                try await tab.press("Control+Enter")
                try await tab.until("document.querySelector('.result .status.good')")
                try await tab.press("Escape", "1")
                try await tab.until("document.querySelectorAll('.rows .row').length >= 2")
                try await tab.press("j", "j", "k", "Enter")
                try await tab.until("document.querySelector('.drawer:not([hidden]) [role=tab]')")
                try await tab.until(
                    "document.querySelector('.row[aria-selected=true]') === document.querySelector('.rows .row')")
                try await Self.tab(tab, to: "document.activeElement.matches('.drawer [role=tab]')")
                try await tab.press("ArrowRight")
                try await tab.until("document.activeElement === document.querySelectorAll('.drawer [role=tab]')[1]")
                try await tab.until("document.activeElement.getAttribute('aria-selected') === 'true'")
                try await tab.press("Escape")
                try await tab.until(
                    "document.querySelector('.drawer').hidden && document.activeElement.id === 'live-rows'")
                try await tab.press("/")
                try await tab.until("document.activeElement.matches('.filter')")
                try await tab.type("no such thing")
                try await tab.until("document.querySelectorAll('.rows .row').length === 0")
                try await tab.press("Escape", "?")
                try await tab.until("document.querySelector('dialog[open]')")
                try await tab.press("Escape")
                try await tab.until("!document.querySelector('dialog')")
                for (key, view) in [("3", "chat"), ("4", "browse"), ("5", "outgoing"), ("6", "health")] {
                    try await tab.press(key)
                    try await tab.until("document.querySelector('main').dataset.view === \(view.quoted)")
                }
            }
        }

        /// Presses Tab until the condition holds.
        private static func tab(_ tab: Tab, to condition: String) async throws {
            for _ in 0..<120 {
                if try await tab.isTrue("Boolean(\(condition))") { return }
                try await tab.press("Tab")
            }
            Issue.record("Tab does not lead to \(condition)")
        }

        @Test func whateverCanBePressedIsReachedByTabHasANameAndShowsThatItHasTheFocus() async throws {
            try await withConsole { live, tab in
                #expect(try await live.backend().say("a row", through: "rongcloud"))
                for view in Tab.views {
                    try await tab.visit(view)
                    try await tab.until("!document.querySelector('[aria-busy=true]')")
                    let nameless = try await tab.value(
                        """
                        [...document.querySelectorAll('button, a[href], input, select, textarea, [role=listbox], [role=tablist]')]
                          .filter((e) => e.checkVisibility())
                          .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length || e.title))
                          .map((e) => e.outerHTML.slice(0, 200))
                        """)
                    #expect(nameless.array?.count == 0, "\(view): \(String(decoding: nameless.raw, as: UTF8.self))")
                    let unreachable = try await tab.value(
                        """
                        [...document.querySelectorAll('button, a[href], input, select, textarea')]
                          .filter((e) => e.checkVisibility() && e.tabIndex < 0 && e.getAttribute('role') !== 'tab')
                          .map((e) => e.outerHTML.slice(0, 200))
                        """)
                    #expect(
                        unreachable.array?.count == 0, "\(view): \(String(decoding: unreachable.raw, as: UTF8.self))")
                }
                try await tab.press("Tab", "Tab", "Tab")
                #expect(try await tab.text("getComputedStyle(document.activeElement).outlineStyle") != "none")
            }
        }

        // MARK: How it looks

        @Test func aPhonesWidthIsEnoughForEveryView() async throws {
            try await withConsole { live, tab in
                try await tab.resize(width: 360, height: 740)
                let long = String(repeating: "unbroken", count: 60)
                try await live.say([long])
                #expect(try await live.backend().say(long, through: "tencent"))
                for view in Tab.views + [
                    "browse/users/alice", "browse/groups/demo-group", "browse/conversations/group:demo-group",
                ] {
                    try await tab.visit(view)
                    try await tab.until("!document.querySelector('[aria-busy=true]')")
                    #expect(try await tab.number("document.documentElement.scrollWidth") <= 360, "\(view)")
                    #expect(try await tab.number("document.querySelector('main').scrollWidth") <= 360, "\(view)")
                    #expect(
                        try await tab.isTrue(
                            "document.querySelector('.views').getBoundingClientRect().bottom <= innerHeight"),
                        "\(view)")
                }
                try await tab.visit("live")
                try await tab.click(".row.call")
                try await tab.until("document.querySelector('.drawer .payload')")
                #expect(try await tab.number("document.documentElement.scrollWidth") <= 360)
                #expect(
                    try await tab.number("Math.round(document.querySelector('.drawer').getBoundingClientRect().width)")
                        == 360)
            }
        }

        @Test func itIsDarkOrLightAsTheSystemIsOrAsItIsTold() async throws {
            try await withConsole { live, tab in
                let brightness =
                    "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0)"
                #expect(try await tab.number(brightness) > 600)
                try await tab.prefer("dark")
                try await tab.until("\(brightness) < 150")
                try await tab.click("button.theme")
                try await tab.until("\(brightness) > 600")
                try await tab.open("about:blank")
                try await tab.open(live.console("live"))
                try await tab.until("document.querySelector('.bar')")
                #expect(try await tab.number(brightness) > 600)
                // Enough contrast for everything that is read, in both.
                for scheme in ["light", "dark"] {
                    try await tab.value("document.documentElement.dataset.theme = \(scheme.quoted)")
                    for view in ["live", "send", "health"] {
                        try await tab.visit(view)
                        try await tab.until("!document.querySelector('[aria-busy=true]')")
                        let faint = try await tab.value(Self.faint)
                        #expect(
                            faint.array?.count == 0, "\(scheme), \(view): \(String(decoding: faint.raw, as: UTF8.self))"
                        )
                    }
                }
            }
        }

        /// Texts whose contrast with what is behind them is less than 4.5 to 1 (WCAG 2.2, 1.4.3).
        private static let faint = """
            (() => {
              const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
              const layers = (element) => element ? [...layers(element.parentElement), getComputedStyle(element).backgroundColor] : []
              const pixel = (colours) => {
                canvas.clearRect(0, 0, 1, 1)
                for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1) }
                return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)]
              }
              const light = (rgb) => {
                const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                return 0.2126 * r + 0.7152 * g + 0.0722 * b
              }
              return [...document.querySelectorAll("body *")]
                .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
                .map((e) => {
                  const behind = layers(e)
                  const [a, b] = [light(pixel(behind)), light(pixel([...behind, getComputedStyle(e).color]))].sort((x, y) => y - x)
                  return [(a + 0.05) / (b + 0.05), e.className || e.tagName, e.textContent.slice(0, 30)]
                })
                .filter(([contrast]) => contrast < 4.5)
            })()
            """

        // MARK: Languages

        @Test func everyWordIsThereInEveryLanguage() async throws {
            try await withConsole { _, tab in
                let dictionaries =
                    "Promise.all(['en', 'zh'].map((name) => import(`/console/${name}.js`).then((m) => m.default)))"
                let keys = "[...new Set([...Object.keys(en), ...Object.keys(zh)])]"
                let missing = try await tab.value(
                    "\(dictionaries).then(([en, zh]) => \(keys).filter((key) => !en[key] || !zh[key]))")
                #expect(missing.array?.count == 0, "\(String(decoding: missing.raw, as: UTF8.self))")
                let unequal = try await tab.value(
                    """
                    \(dictionaries).then(([en, zh]) => \(keys).filter((key) =>
                      String(en[key].match(/\\{\\w+\\}/g)?.sort()) !== String(zh[key].match(/\\{\\w+\\}/g)?.sort())))
                    """)
                #expect(unequal.array?.count == 0, "\(String(decoding: unequal.raw, as: UTF8.self))")
            }
        }

        @Test func nothingIsLeftUntranslated() async throws {
            try await withConsole { live, tab in
                // From now on what happens is recorded.
                try await tab.until(".feed-status", says: "Connected")
                let backend = try await live.backend()
                #expect(try await backend.say("abc", through: "rongcloud"))
                _ = try await backend.tencent("group_open_http_svc/send_group_msg", #"{"GroupId":"nowhere"}"#)
                try await tab.choose(".language", "zh")
                try await tab.until(".view-link", says: "实时")
                #expect(try await tab.text("document.documentElement.lang") == "zh-CN")
                let views =
                    Tab.views + [
                        "browse/users/alice", "browse/groups/demo-group", "browse/conversations/group:demo-group",
                    ]
                for view in views {
                    try await tab.visit(view)
                    try await tab.until("!document.querySelector('[aria-busy=true]')")
                    try await Self.expectTranslated(tab, view)
                }
                // What the server says, too.
                let isChinese = "((text) => /[一-鿿]/.test(text))"
                try await tab.visit("send")
                try await tab.until("document.querySelectorAll('.endpoint .title').length > 20")
                try await tab.until(
                    "[...document.querySelectorAll('.endpoint .title')].every((e) => \(isChinese)(e.textContent))")
                try await tab.visit("live")
                try await tab.until("\(isChinese)(document.querySelector('.row.refused .refusal').textContent)")
                try await tab.click(".row.call.refused")
                try await tab.until("\(isChinese)(document.querySelector('.drawer .explanation .reason').textContent)")
                for side in 0..<(try await tab.number("document.querySelectorAll('.drawer .tab').length")) {
                    try await tab.value("document.querySelectorAll('.drawer .tab')[\(side)].click()")
                    try await Self.expectTranslated(tab, "drawer \(side)")
                }
                try await tab.press("Escape", "?")
                try await tab.until("document.querySelector('dialog[open]')")
                try await Self.expectTranslated(tab, "keys")
                try await tab.press("Escape")

                // It stays so, and goes back.
                try await tab.open("about:blank")
                try await tab.open(live.console("live"))
                try await tab.until(".view-link", says: "实时")
                try await tab.choose(".language", "en")
                try await tab.until(".view-link", says: "Live")
                try await tab.until(".row.refused .refusal", says: "missing")
                #expect(!(try await tab.isTrue("/[一-鿿]/.test(document.querySelector('main').innerText)")))
            }
        }

        /// What the page itself says, in texts and in names for those who do not see: anything but data has no Latin words.
        private static func expectTranslated(_ tab: Tab, _ view: String) async throws {
            let foreign = try await tab.value(
                """
                (() => {
                  const isData = (e) => e.closest(".data, code, pre, kbd, textarea, svg")
                  const isForeign = (text) => /[A-Za-z]{2}/.test(text.replace(/Parley|curl|JSON|ID|KB|MB|GB|“[^”]*”|\\bh\\b|min|\\bms\\b/g, ""))
                  const found = []
                  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
                  while (walk.nextNode()) {
                    if (!isData(walk.currentNode.parentElement) && isForeign(walk.currentNode.data)) found.push(walk.currentNode.data)
                  }
                  for (const e of document.querySelectorAll("[aria-label], [placeholder], [title]")) {
                    for (const name of ["aria-label", "placeholder", "title"]) {
                      const text = e.getAttribute(name)
                      if (text && !(name === "title" && isData(e)) && isForeign(text)) found.push(`${name}: ${text}`)
                    }
                  }
                  return found
                })()
                """)
            #expect(foreign.array?.count == 0, "\(view): \(String(decoding: foreign.raw, as: UTF8.self))")
        }
    }
}
