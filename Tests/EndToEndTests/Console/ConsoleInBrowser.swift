import ParleyCore
import ParleyJSON
import ParleyServer
import Testing

/// The console's page in a real browser, on a real server.
@Suite(.browser, .serialized, .timeLimit(minutes: 5))
struct ConsoleInBrowser {}

/// Starts a server, opens its console in a page of its own, and expects that nothing went wrong in that page.
///
/// - Parameter view: what stands after the App in the address: `live`, `browse/users`.
func withConsole(
    view: String = "live", rates: Bool = false, _ keys: [String: String] = [:],
    _ test: (LiveServer, Tab) async throws -> Void
) async throws {
    try await withServer(rates: rates, keys) { live in
        let tab = try await #require(Browser.current).tab()
        do {
            // That no push simulator runs is said with a 404.
            tab.allow("/console/api/simulator")
            try await tab.open(live.console(view))
            try await tab.until("document.querySelector('.bar, .login')")
            try await test(live, tab)
            #expect(tab.problems == [])
        } catch {
            try await tab.close()
            throw error
        }
        try await tab.close()
    }
}

extension LiveServer {
    func console(_ view: String) -> String { "http://127.0.0.1:\(self.server.port)/console#/demo/\(view)" }
}

extension LiveServer {
    /// bob says all of it in the demo group, in one commit.
    func say(_ texts: [String]) async throws {
        let sends = texts.map { text in
            Send(
                app: self.app.id, conversation: .group(Demo.group),
                message: Message(
                    sender: UserID("bob"), content: .text(text),
                    native: Native(dialect: .parley, payload: Array("{}".utf8))))
        }
        for result in try await self.server.core.send(sends) { _ = try result.get() }
    }
}

extension Tab {
    /// Goes to another view of the console that is open.
    func visit(_ view: String) async throws {
        try await self.value("location.hash = \("#/demo/\(view)".quoted)")
        let name = view.split(separator: "/").first.map(String.init) ?? view
        try await self.until("document.querySelector('main').dataset.view === \(name.quoted)")
    }

    static let views = [
        "live", "send", "chat", "browse/users", "browse/groups", "browse/conversations", "outgoing/callbacks",
        "outgoing/pushes", "outgoing/simulator", "health",
    ]
}
