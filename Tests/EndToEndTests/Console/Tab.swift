import Foundation
import ParleyJSON
import Synchronization
import Testing

/// A page in the browser, looked at and used as a person would: with a mouse, a keyboard, and eyes.
final class Tab: Sendable {
    struct Never: Error, CustomStringConvertible {
        var description: String
    }

    private struct Seen {
        var problems: [String] = []
        var allowed: [String] = []
    }

    private let tools: DevTools
    private let session: String
    private let context: String
    private let seen = Mutex(Seen())

    init(_ tools: DevTools, session: String, context: String) {
        self.tools = tools
        self.session = session
        self.context = context
    }

    func prepare() async throws {
        let events = self.tools.events(of: self.session)
        Task {
            for await event in events { await self.notice(event) }
        }
        for domain in ["Page", "Runtime", "Log"] { try await self.call("\(domain).enable") }
        try await self.resize(width: 1280, height: 800)
        try await self.prefer("light")
    }

    func close() async throws {
        try await self.tools.call("Target.disposeBrowserContext") { $0.field("browserContextId", self.context) }
    }

    @discardableResult
    private func call(_ method: String, _ parameters: (inout JSONWriter) -> Void = { _ in }) async throws -> JSON {
        try await self.tools.call(method, session: self.session, parameters)
    }

    // MARK: What went wrong in the page

    /// Exceptions, refused content, dialogs that a page has no business to open.
    var problems: [String] {
        self.seen.withLock { seen in
            seen.problems.filter { problem in !seen.allowed.contains { problem.contains($0) } }
        }
    }

    /// A test that stops the server expects that the page cannot load what it asks for.
    func allow(_ problem: String) { self.seen.withLock { $0.allowed.append(problem) } }

    private func notice(_ event: DevTools.Event) async {
        switch event.method {
        case "Runtime.exceptionThrown":
            let details = event.parameters["exceptionDetails"]
            self.note(details?["exception"]?["description"]?.string ?? details?["text"]?.string ?? "exception")
        case "Log.entryAdded":
            let entry = event.parameters["entry"]
            guard entry?["level"]?.string == "error" else { return }
            self.note("\(entry?["text"]?.string ?? "") \(entry?["url"]?.string ?? "")")
        case "Page.javascriptDialogOpening":
            self.note("a dialog: \(event.parameters["message"]?.string ?? "")")
            _ = try? await self.call("Page.handleJavaScriptDialog") { $0.field("accept", true) }
        default: break
        }
    }

    private func note(_ problem: String) { self.seen.withLock { $0.problems.append(problem) } }

    // MARK: Looking

    func open(_ address: String) async throws {
        try await self.call("Page.navigate") { $0.field("url", address) }
    }

    func resize(width: Int, height: Int) async throws {
        try await self.call("Emulation.setDeviceMetricsOverride") { json in
            json.field("width", width)
            json.field("height", height)
            json.field("deviceScaleFactor", 1)
            json.field("mobile", false)
        }
    }

    /// - Parameter scheme: `light` or `dark`, as the system would say.
    func prefer(_ scheme: String) async throws {
        try await self.call("Emulation.setEmulatedMedia") { json in
            json.key("features")
            json.array {
                $0.object { feature in
                    feature.field("name", "prefers-color-scheme")
                    feature.field("value", scheme)
                }
            }
        }
    }

    /// A PNG of what is to be seen.
    func picture() async throws -> Data {
        let data = try await self.call("Page.captureScreenshot") { $0.field("format", "png") }["data"]?.string
        return try #require(Data(base64Encoded: data ?? ""))
    }

    /// What the page holds on to, whether it is to be seen or not.
    func holdings() async throws -> (nodes: Int, listeners: Int) {
        try await self.call("HeapProfiler.collectGarbage")
        let counts = try await self.call("Memory.getDOMCounters")
        return (Int(counts["nodes"]?.int ?? -1), Int(counts["jsEventListeners"]?.int ?? -1))
    }

    /// What a JavaScript expression is in the page; promises are waited for.
    @discardableResult
    func value(_ expression: String) async throws -> JSON {
        let answer = try await self.call("Runtime.evaluate") { json in
            json.field("expression", expression)
            json.field("awaitPromise", true)
            json.field("returnByValue", true)
            json.field("userGesture", true)
        }
        if let exception = answer["exceptionDetails"] {
            throw Never(description: exception["exception"]?["description"]?.string ?? "\(exception.raw)")
        }
        return try answer["result"]?["value"] ?? JSON(parsing: "null")
    }

    func text(_ expression: String) async throws -> String { try await self.value(expression).string ?? "" }
    func number(_ expression: String) async throws -> Int { Int(try await self.value(expression).double ?? -1) }
    func isTrue(_ expression: String) async throws -> Bool { try await self.value(expression).bool ?? false }

    /// Waits in the page until the expression is true there.
    ///
    /// - Throws: ``Never`` after 30 seconds, with what is to be seen instead.
    func until(_ condition: String) async throws {
        let look = """
            new Promise((resolve) => {
              const end = performance.now() + 30000
              const look = () => {
                let isSo = false
                try { isSo = Boolean(\(condition)) } catch {}
                if (isSo || performance.now() > end) resolve(isSo)
                else setTimeout(look, 10)
              }
              look()
            })
            """
        for _ in 0..<10 {
            do {
                if try await self.isTrue(look) { return }
                let shown = try await self.text("document.body.innerText")
                throw Never(description: "never: \(condition)\n\(shown.prefix(2000))\n\(self.problems)")
            } catch let failure as DevTools.Failure {
                // Another page took the place of the one that was looked at: it is looked at in turn.
                guard failure.message.contains("context") || failure.message.contains("navigated") else {
                    throw failure
                }
            }
        }
        throw Never(description: "never, for the page changes all the time: \(condition)")
    }

    /// Waits until there is an element of that kind with that text in it.
    func until(_ selector: String, says text: String) async throws {
        try await self.until(
            "[...document.querySelectorAll(\(selector.quoted))].some((e) => e.innerText.includes(\(text.quoted)))")
    }

    // MARK: Using

    /// Clicks on the first visible element of that kind (with that text), as soon as there is one.
    func click(_ selector: String, _ text: String = "") async throws {
        let find = """
            [...document.querySelectorAll(\(selector.quoted))].find((e) => e.checkVisibility() && e.textContent.includes(\(text.quoted)))
            """
        try await self.until(find)
        let place = try await self.value(
            """
            (() => {
              const element = \(find)
              element.scrollIntoView({ block: "center" })
              const box = element.getBoundingClientRect()
              return [box.left + box.width / 2, box.top + box.height / 2]
            })()
            """)
        for kind in ["mousePressed", "mouseReleased"] {
            try await self.call("Input.dispatchMouseEvent") { json in
                json.field("type", kind)
                json.field("x", place.array?[0].double ?? 0)
                json.field("y", place.array?[1].double ?? 0)
                json.field("button", "left")
                json.field("clickCount", 1)
            }
        }
    }

    /// Puts text where the cursor is.
    func type(_ text: String) async throws { try await self.call("Input.insertText") { $0.field("text", text) } }

    /// Replaces what is in a field.
    func fill(_ selector: String, _ text: String) async throws {
        try await self.until("document.querySelector(\(selector.quoted))")
        try await self.value(
            "(() => { const e = document.querySelector(\(selector.quoted)); e.focus(); e.select() })()")
        try await self.type(text)
    }

    /// Chooses in a list.
    func choose(_ selector: String, _ value: String) async throws {
        try await self.until("document.querySelector(\(selector.quoted))")
        try await self.value(
            """
            (() => {
              const list = document.querySelector(\(selector.quoted))
              list.value = \(value.quoted)
              list.dispatchEvent(new Event("change", { bubbles: true }))
            })()
            """)
    }

    /// Presses keys one after the other, each as it is named in `KeyboardEvent.key`; `Control+Enter` with another held.
    func press(_ keys: String...) async throws {
        for key in keys {
            let parts = key.split(separator: "+").map(String.init)
            let name = parts.last ?? key
            for kind in ["keyDown", "keyUp"] {
                try await self.call("Input.dispatchKeyEvent") { json in
                    json.field("type", kind)
                    json.field("key", name)
                    json.field("modifiers", (parts.contains("Control") ? 2 : 0) + (parts.contains("Shift") ? 8 : 0))
                    if let code = Self.codes[name] { json.field("windowsVirtualKeyCode", code) }
                    if kind == "keyDown", parts.count == 1,
                        let text = Self.texts[name] ?? (name.count == 1 ? name : nil)
                    {
                        json.field("text", text)
                    }
                }
            }
        }
    }

    private static let codes = [
        "Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "ArrowLeft": 37, " ": 32,
    ]
    private static let texts = ["Enter": "\r"]
}

extension String {
    /// As JavaScript writes it.
    var quoted: String {
        var json = JSONWriter()
        json.string(self)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
