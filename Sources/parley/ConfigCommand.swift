import ArgumentParser
import ParleyServer

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the effective configuration, and where each value came from.",
        discussion: "Secrets are not configuration: they belong to apps (`parley app show`).")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let settings = try await self.options.settings()
        _ = try ServerConfiguration(settings: settings)
        let rows = settings.rows
        let widths = (key: rows.map(\.key.count).max() ?? 0, value: rows.map(\.value.count).max() ?? 0)
        for row in rows {
            let key = row.key + String(repeating: " ", count: widths.key - row.key.count)
            let value = row.value + String(repeating: " ", count: widths.value - row.value.count)
            say("\(key) = \(value)  # \(row.source): \(row.meaning)")
        }
    }
}
