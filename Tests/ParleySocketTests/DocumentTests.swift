import Foundation
import NIOWebSocket
import ParleyDialectKit
import ParleyJSON
import Testing

@testable import ParleyHub
@testable import ParleySocket

/// The documents say what the code does.
struct DocumentTests {
    private static func document(_ name: String) throws -> String {
        try String(contentsOf: Contract.root.appendingPathComponent("docs/\(name)"), encoding: .utf8)
    }

    @Test func theAsyncAPIDocumentIsFresh() throws {
        #expect(try Self.document("asyncapi.json") == ParleySocket.asyncAPI, "run make docs")
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        func targets(in json: JSON) -> [String] {
            if let target = json["$ref"]?.string { return [target] }
            return (json.members?.map(\.value) ?? json.array ?? []).flatMap(targets)
        }
        let all = targets(in: Contract.shared.document)
        #expect(all.count > 100)
        for target in all {
            // In a name, a dot is a dot; a slash leads on.
            let place = target.split(separator: "/").dropFirst().reduce(Optional(Contract.shared.document)) {
                $0?[String($1)]
            }
            #expect(place != nil, "\(target)")
        }
    }

    @Test func theSpecificationNamesEveryCommandFrameAndCode() throws {
        let text = try Self.document("protocol.md")
        func missing(_ words: [String]) -> [String] { words.filter { !text.contains($0) } }
        #expect(missing(Command.all.map { "`\($0.name)`" }) == [])
        #expect(missing(Command.all.flatMap(\.members).map { "`\($0.name)`" }) == [])
        #expect(missing(Frame.all.map { #""type":"\#($0.type)""# }) == [])
        #expect(missing(Refusal.Code.allCases.map { "`\($0.rawValue)`" }) == [])
        #expect(
            missing(Ending.told.map { "| \(UInt16(webSocketErrorCode: $0.closeCode)) | `\($0.name)` |" }) == [])
        #expect(missing([1000, 1002, 1003, 1007, 1009].map { "| \($0) |" }) == [])
        #expect(missing([Rates.send, Rates.typing].map { "`rate.\($0.name)`" }) == [])
    }

    @Test func everyMemberOfEveryFrameIsNamed() throws {
        let text = try Self.document("protocol.md")
        let names = Set(Frame.all.flatMap(\.members).map(\.name))
        #expect(names.filter { !text.contains("\"\($0)\"") && !text.contains("`\($0)`") } == [])
    }
}
