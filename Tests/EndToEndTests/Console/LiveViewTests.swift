import Foundation
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

extension ConsoleInBrowser {
    @Suite struct LiveViewTests {
        @Test func aMessageByEachVendorsAPIIsSentWithOneButtonAndSeenWithWhatBecameOfIt() async throws {
            try await withConsole { live, tab in
                // What a newcomer does: the button on the empty page, and the button there.
                try await tab.click(".empty button")
                for (count, vendor) in ["RongCloud", "Easemob", "Tencent"].enumerated() {
                    try await tab.click(".choice label", vendor)
                    try await tab.until("document.querySelector('.endpoint[aria-current]')")
                    try await tab.click(".composer button.primary")
                    try await tab.until("document.querySelector('.result .status.good')")
                    try await tab.visit("live")
                    try await tab.until("document.querySelectorAll('.row.call').length === \(count + 1)")
                    try await tab.until("document.querySelectorAll('.row.message').length === \(count + 1)")
                    try await tab.until(".row.call .badge", says: vendor)
                    try await tab.until(".row.call .content", says: "hello from \(vendor)")
                    try await tab.visit("send")
                }
                try await tab.visit("live")
                try await tab.click(".row.call", "hello from Easemob")
                try await tab.until(".drawer .payload", says: "\"msg\": \"hello from Easemob\"")
                try await tab.click(".tab", "Response")
                try await tab.until(".drawer .payload", says: "\"demo-group\"")
                try await tab.click(".tab", "Stored")
                try await tab.until(".drawer .panel", says: "hello from Easemob")
                for (vendor, words) in [("RongCloud", "RC:TxtMsg"), ("Tencent", "TIMTextElem")] {
                    try await tab.click(".tab", vendor)
                    try await tab.until(".drawer .payload", says: words)
                    try await tab.until(".drawer .payload", says: "hello from Easemob")
                }
                try await tab.click(".tab", "Recipients")
                try await tab.until(".recipients", says: "dave")
                try await tab.until(".recipients", says: "offline")
                let shown = try await tab.text("document.body.innerText")
                #expect(!shown.contains("parley-demo-secret"))
            }
        }

        @Test func aRefusedCallStandsOutAndSaysWhy() async throws {
            try await withConsole { live, tab in
                let tenant = try await Tenant(app: live.app, on: live)
                let headers = [
                    ("App-Key", "parley-demo"), ("Nonce", "14314"), ("Timestamp", "1408706337"),
                    ("Signature", "0123456789012345678901234567890123456789"),
                    ("Content-Type", "application/x-www-form-urlencoded"),
                ]
                let form = Array("fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&content={}".utf8)
                let answer = try await tenant.http.send(
                    .POST, "/message/group/publish.json", headers: headers, body: form)
                #expect(answer.text.contains("1004"))
                try await tab.until(".row.call.refused .outcome", says: "1004")
                #expect(try await tab.text("document.querySelector('.row.refused .refusal').innerText.trim()") != "")

                // What is signed and in which order, and what came; the secret is not told.
                try await tab.click(".row.refused")
                try await tab.until(".tab[aria-selected=true]", says: "Why refused")
                for words in ["App Secret + Nonce + Timestamp", "********143141408706337", "012345"] {
                    try await tab.until(".explanation", says: words)
                }
                #expect(!(try await tab.isTrue("document.body.innerText.includes('parley-demo-secret')")))

                _ = try await tenant.tencent(
                    "group_open_http_svc/send_group_msg", #"{"GroupId":"nowhere","Random":1,"MsgBody":[]}"#)
                try await tab.until("document.querySelectorAll('.row.call.refused').length === 2")
                _ = try await live.backend().say("fine", through: "easemob")
                try await tab.until(".row.call", says: "fine")
                try await tab.click(".toolbar .check")
                try await tab.until(
                    "document.querySelectorAll('.row.call').length === 2 && !document.querySelector('.row.message')")
                try await tab.click(".toolbar .check")
                try await tab.choose(".toolbar select[name=dialect]", "easemob")
                try await tab.until(
                    "[...document.querySelectorAll('.rows .row .badge')].every((e) => e.textContent === 'Easemob')")
                try await tab.until(".row.call", says: "fine")
                try await tab.choose(".toolbar select[name=dialect]", "")
                try await tab.fill(".filter", "send_group_msg")
                try await tab.until("document.querySelectorAll('.rows .row.call').length === 1")
            }
        }

        @Test func aRefusalInTheComposerIsExplainedThere() async throws {
            try await withConsole(view: "send") { _, tab in
                try await tab.click(".choice label", "Tencent")
                try await tab.fill(".field [name=GroupId]", "nowhere")
                try await tab.press("Control+Enter")
                try await tab.until(".result .status.bad", says: "200")
                try await tab.until("document.querySelector('.result .explanation .reason').innerText.length > 3")
                try await tab.click(".result button", "See it in Live")
                try await tab.until(".drawer .explanation .check", says: "Check that failed")
            }
        }

        @Test func aCallCanBeCopiedAsCurlAndTheCopyWorks() async throws {
            try await withConsole(view: "send") { live, tab in
                for vendor in ["RongCloud", "Easemob", "Tencent"] {
                    try await tab.click(".choice label", vendor)
                    try await tab.value("navigator.clipboard.writeText = async (text) => { window.copied = text }")
                    try await tab.click(".composer .copier")
                    try await tab.until("window.copied?.startsWith('curl')")
                    let command = try await tab.text("window.copied")
                    try await tab.value("window.copied = undefined")
                    let said = try await Self.shell(command)
                    #expect(said.contains("demo-group") || said.contains(#""ErrorCode":0"#), "\(command)\n\(said)")
                }
                try await tab.visit("live")
                try await tab.until("document.querySelectorAll('.row.call:not(.refused)').length === 3")
            }
        }

        private static func shell(_ command: String) async throws -> String {
            let process = try RunningProcess(
                ["-c", command], environment: [:], executable: URL(fileURLWithPath: "/bin/bash"))
            var output = ""
            for await line in process.lines { output += line + "\n" }
            return output
        }

        @Test func aMessageOf128KBIsSentShownCutAndShownWhole() async throws {
            try await withConsole(view: "send") { _, tab in
                let text = String(repeating: "大", count: 42_000)
                try await tab.click(".choice label", "RongCloud")
                try await tab.fill(".field [name=content]", #"{"content":"\#(text)"}"#)
                try await tab.press("Control+Enter")
                try await tab.until("document.querySelector('.result .status.good')")
                try await tab.visit("live")
                try await tab.until("document.querySelector('.row.message')")
                #expect(
                    try await tab.number("document.querySelector('.row.message .content').textContent.length") < 1000)
                try await tab.click(".row.message")
                try await tab.click(".tab", "Tencent")
                try await tab.click(".payload-bar button", "Show all")
                try await tab.until("document.querySelector('.payload').textContent.length > 40000")
                #expect(try await tab.isTrue("document.documentElement.scrollWidth <= innerWidth"))
            }
        }

        @Test func aBurstOfThreeThousandMessagesLeavesThePageQuickAndItsRowsBounded() async throws {
            try await withConsole { live, tab in
                try await tab.until(".feed-status", says: "Connected")
                // How long the page takes to draw the next frame, asked over and over.
                try await tab.value(
                    """
                    window.waits = []; window.most = 0
                    ;(function look() {
                      const asked = performance.now()
                      requestAnimationFrame(() => {
                        waits.push(performance.now() - asked)
                        most = Math.max(most, document.querySelectorAll('.rows .row').length)
                        setTimeout(look, 0)
                      })
                    })()
                    """)
                try await live.say((0..<3000).map { "number \($0)" })
                try await tab.until(".row.message .content", says: "number 2999")
                try await tab.until("most >= 200")
                #expect(try await tab.number("most") <= 500)
                let median = try await tab.number("waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)]")
                #expect(median <= 34 || isSanitized, "milliseconds until a frame is drawn")
                // What the page has and what it says that it left out is all that there was.
                let leftOut = try await tab.number("import('/console/feed.js').then(({ feed }) => feed.leftOut)")
                let kept = try await tab.number(
                    "import('/console/feed.js').then(({ feed }) => feed.items.filter(({ kind }) => kind === 'message').length)"
                )
                #expect(leftOut + kept == 3000)
                #expect(leftOut > 0)
                try await tab.until(".left-out", says: "left out")
            }
        }

        @Test func whatNobodyLooksAtIsNotAskedForAndIsCaughtUpWith() async throws {
            try await withConsole { live, tab in
                try await tab.until(".feed-status", says: "Connected")
                try await tab.value(
                    """
                    window.isHidden = true
                    Object.defineProperty(document, "hidden", { get: () => isHidden })
                    document.dispatchEvent(new Event("visibilitychange"))
                    const now = Date.now
                    Date.now = () => now() + 61000
                    """)
                let backend = try await live.backend()
                #expect(try await backend.say("asleep", through: "easemob"))
                try await tab.until(".feed-status", says: "Asleep")
                #expect(try await backend.say("missed", through: "easemob"))
                try await tab.value("isHidden = false; document.dispatchEvent(new Event('visibilitychange'))")
                try await tab.until(".row.message .content", says: "missed")
                try await tab.until(".feed-status", says: "Connected")
            }
        }
    }
}
