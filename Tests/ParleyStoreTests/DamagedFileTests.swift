import Foundation
import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct DamagedFileTests {
    private enum Damage: CaseIterable {
        case notADatabase, overwrittenHeader, emptyFirstPage

        func apply(to bytes: inout [UInt8]) {
            switch self {
            case .notADatabase: bytes = Array("these are not the pages of a database\n".utf8)
            case .overwrittenHeader: bytes.replaceSubrange(0..<100, with: [UInt8](repeating: 0xA5, count: 100))
            case .emptyFirstPage: bytes.replaceSubrange(100..<8192, with: [UInt8](repeating: 0, count: 8092))
            }
        }
    }

    @Test(arguments: Damage.allCases)
    private func aDamagedFileIsNamedAndLeftAlone(_ damage: Damage) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parley-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try self.open(folder).close()
        let file = folder.appendingPathComponent("parley.sqlite")
        var bytes = Array(try Data(contentsOf: file))
        damage.apply(to: &bytes)
        try Data(bytes).write(to: file)

        let fault = #expect(throws: StoreFault.self) { try self.open(folder) }
        guard case .unusable(let path, let code, let words) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(path == file.path)
        // SQLITE_CORRUPT or SQLITE_NOTADB.
        #expect([11, 26].contains(code & 0xFF))
        #expect(!words.isEmpty)
        #expect(try Data(contentsOf: file) == Data(bytes))
    }

    private func open(_ folder: URL) throws -> Store {
        let clock = ManualClock()
        return try Store(
            StoreConfiguration(location: .folder(folder.path)), clock: clock,
            identifiers: MessageIDSource(clock: clock), signals: RecordingSignals())
    }
}
