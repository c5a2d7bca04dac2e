import ParleyCore
import ParleyJSON

@testable import ParleyStore

/// What is read back from the disk, and the JSON form of content and options that sockets share with it.
extension FuzzTarget {
    static let records: [FuzzTarget] = [
        FuzzTarget("content", seeds: contentSeeds(), run: content),
        FuzzTarget("record", seeds: recordSeeds(), run: record),
    ]

    private static let contents = [
        #"{"kind":"text","content":{"text":"hi"}}"#,
        #"{"kind":"image","content":{"url":"u","name":"n","bytes":1,"width":2,"height":3,"seconds":1.5,"secret":"s"}}"#,
        #"{"kind":"location","content":{"latitude":1e2,"longitude":-0.5,"address":"a"}}"#,
        #"{"kind":"face","content":{"index":1,"data":"d"}}"#, #"{"kind":"command","content":{"name":"n","data":"d"}}"#,
        #"{"kind":"combined","content":{"parts":[{"kind":"custom","content":{"type":"t","data":"d"}}]}}"#,
    ]
    private static let options =
        #"{"reachesSender":false,"keptInHistory":false,"liveOnly":true,"countsAsUnread":false,"#
        + #""hiddenFromHistoryOf":["a"],"mention":{"everyone":true,"users":["b"]},"priority":"high","expandable":true,"#
        + #""expansion":{"k":"v"},"push":{"title":"t","native":{"a":1}},"attachment":"x","random":7}"#

    private static func contentSeeds() -> [[UInt8]] {
        self.contents.map { Array($0.dropLast() + #","options":\#(self.options)}"#).flatMap { $0.utf8 } }
    }

    private static func content(_ bytes: [UInt8]) throws {
        guard let json = try? JSON(parsing: bytes, maximumDepth: 32), let kind = json["kind"]?.string,
            let inner = json["content"], let content = Content(kind: kind, json: inner)
        else { return }
        let message = Message(
            sender: UserID("a"), content: content, native: Native(dialect: .parley, payload: []),
            options: json["options"].map { MessageOptions(json: $0) } ?? MessageOptions())
        try self.check(.message(message))
    }

    /// What can be written can be read, and is the same; what could not be read is not written.
    private static func check(_ body: Entry.Body) throws {
        guard let written = try? EntryBody(body) else { return }
        try Structure.check(written.record)
        guard let read = try? written.body() else { throw Broken("it was written, and cannot be read") }
        try require(read == body, "it was written, and another was read")
    }

    private static let kinds: [EntryBody.Kind] = [.message, .recall, .edit, .notice]

    private static func recordSeeds() -> [[UInt8]] {
        let recall = #"{"target":7,"sequence":1,"administrator":true,"noTrace":true,"reason":"r","only":["a"]}"#
        let edit = self.contents[0].dropLast() + #","target":7,"sequence":2,"by":"a","at":3,"count":1}"#
        return self.contents.map { [0] + Array($0.utf8) } + [[1] + Array(recall.utf8), [2] + Array(edit.utf8)]
            + [#"{"joined":["a"],"by":"b"}"#, #"{"changed":[]}"#].map { [3] + Array($0.utf8) }
    }

    /// The first byte is the kind.
    private static func record(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let stored = EntryBody(
            kind: self.kinds[Int(first) % 4], sender: "a", dialect: "parley", record: Array(bytes.dropFirst()),
            native: nil)
        guard let body = try? stored.body() else { return }
        try self.check(body)
    }
}
