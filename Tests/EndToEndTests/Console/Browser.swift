import Foundation
import ParleyJSON
import Testing

/// Headless Chromium with a profile folder of its own, for as long as a suite runs.
final class Browser: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description = "No chromium found: `make test` installs it; PARLEY_CHROMIUM names another."
    }

    /// The suite's.
    @TaskLocal static var current: Browser?

    /// A shell's script: becomes what it is given, and ends it when whoever started it has closed its standard input: also by being killed. Signals are blocked in
    /// what tests start, so the shell cannot wait for it, and only SIGKILL ends it.
    static let leash = """
        exec 3<&0
        (while read -r line <&3; do :; done; kill -KILL $$) >/dev/null 2>&1 &
        exec "$0" "$@" 3<&- </dev/null
        """

    private let process: RunningProcess
    private let profile: TemporaryFolder
    private let tools: DevTools

    static func start() async throws -> Browser {
        let profile = try TemporaryFolder()
        let process = try RunningProcess(
            [
                "-c", Self.leash, try Self.executable(), "--headless=new", "--no-sandbox", "--remote-debugging-port=0",
                "--user-data-dir=\(profile.url.path)",
                "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en-GB",
                "about:blank",
            ], environment: ["LANG": "en_GB.UTF-8", "LD_PRELOAD": ""], executable: URL(fileURLWithPath: "/bin/sh"))
        for await line in process.lines {
            guard let match = line.firstMatch(of: /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)(\/\S+)/) else {
                continue
            }
            let tools = try await DevTools.connect(port: Int(match.1)!, target: String(match.2))
            return Browser(process, profile, tools)
        }
        throw DevTools.Failure(method: "start", message: "chromium ended with \(await process.status)")
    }

    private init(_ process: RunningProcess, _ profile: TemporaryFolder, _ tools: DevTools) {
        self.process = process
        self.profile = profile
        self.tools = tools
    }

    private static func executable() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        let names = ["chromium", "chromium-browser", "google-chrome"]
        let candidates =
            environment["PARLEY_CHROMIUM"].map { [$0] }
            ?? names.flatMap { name in folders.map { "\($0)/\(name)" } }
        guard let path = candidates.first(where: FileManager.default.isExecutableFile) else { throw Missing() }
        return path
    }

    /// A page in a context of its own: nothing is kept from one to the next.
    func tab() async throws -> Tab {
        let context = try #require(try await self.tools.call("Target.createBrowserContext")["browserContextId"]?.string)
        let target = try #require(
            try await self.tools.call("Target.createTarget") { json in
                json.field("url", "about:blank")
                json.field("browserContextId", context)
            }["targetId"]?.string)
        let session = try #require(
            try await self.tools.call("Target.attachToTarget") { json in
                json.field("targetId", target)
                json.field("flatten", true)
            }["sessionId"]?.string)
        let tab = Tab(self.tools, session: session, context: context)
        try await tab.prepare()
        return tab
    }

    /// Returns when it is gone, and its folder may be deleted.
    func end() async {
        _ = try? await self.tools.call("Browser.close")
        for await _ in self.process.lines {}
        // Its leash has it for as long as there is input.
        self.process.endInput()
        _ = await self.process.status
    }
}

/// Gives all tests of a suite one browser.
struct BrowserTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing run: @Sendable () async throws -> Void
    ) async throws {
        let browser = try await Browser.start()
        do { try await Browser.$current.withValue(browser) { try await run() } } catch {
            await browser.end()
            throw error
        }
        await browser.end()
    }
}

extension Trait where Self == BrowserTrait {
    static var browser: Self { Self() }
}
