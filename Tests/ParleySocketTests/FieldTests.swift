import ParleyCore
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleySocket

/// Every member of every command, missing and wrong in every way: the error names it, and nothing is done.
struct FieldTests {
    /// What is right, for every member there is.
    private static let right: [String: String] = [
        "conversation": #""group:demo-group""#, "seq": "1", "cursors": "{}", "id": #""x""#, "kind": #""text""#,
        "content": #"{"text":"x"}"#, "options": "{}", "to": #"["bob"]"#, "ephemeral": "false", "message": #""1""#,
        "reason": #""x""#, "attachment": #""x""#, "messages": #"["1"]"#, "typing": "true", "before": "1", "after": "1",
        "limit": "1", "from": #""0.1.1""#, "pinned": "true", "muted": "true", "removed": "true", "cleared": "true",
        "users": #"["bob"]"#, "provider": #""ios""#, "token": #""x""#, "bundle": #""x""#, "scope": #""everywhere""#,
        "level": #""all""#, "quietHours": #"{"start":0,"seconds":1}"#, "quietUntil": "1", "language": #""en""#,
        "showsDetails": "true",
    ]

    private static func right(_ command: Command, _ member: Schema.Member) -> String {
        ["members", "groups"].contains(command.name) && member.name == "after" ? #""x""# : self.right[member.name]!
    }

    /// The command with what it must have, and one member as it is given (nil: without it).
    private static func text(_ command: Command, _ member: Schema.Member, _ value: String?) -> String {
        var parts = [#""type":"\#(command.name)""#]
        for required in command.members where required.isRequired && required.name != member.name {
            parts.append("\"\(required.name)\":\(self.right(command, required))")
        }
        if let value { parts.append("\"\(member.name)\":\(value)") }
        return "{\(parts.joined(separator: ","))}"
    }

    private static func complaint(about text: String) -> Refusal? {
        switch Command.read(Array(text.utf8), of: UserID("alice")).work {
        case .success: nil
        case .failure(let refusal): refusal
        }
    }

    static let fields = Command.all.flatMap { command in command.members.map { (command.name, $0.name) } }

    @Test(arguments: fields)
    func aMemberThatIsWrongIsNamed(command name: String, member memberName: String) throws {
        let command = try #require(Command.all.first { $0.name == name })
        let member = try #require(command.members.first { $0.name == memberName })
        #expect(Self.complaint(about: Self.text(command, member, Self.right(command, member))) == nil)
        let absent = Self.complaint(about: Self.text(command, member, nil))
        if member.isRequired {
            #expect(absent == Refusal(.badField, "\(memberName): is missing"))
        } else {
            #expect(absent == nil)
        }
        for value in Self.wrong(for: member.schema) {
            let refusal = try #require(
                Self.complaint(about: Self.text(command, member, value)), "\(name).\(memberName) = \(value.prefix(80))")
            #expect([.badField, .tooLarge].contains(refusal.code))
            #expect(refusal.message.hasPrefix(memberName), "\(refusal.message)")
        }
    }

    private static func wrong(for schema: Schema) -> [String] {
        let others = [
            "null", "true", "0.5", "-1", #""""#, #""\ud800""#, "[]", "{}", #"[[]]"#, #"{"a":[]}"#, "1e400", #"["x",1]"#,
        ]
        let tooLong: [String] =
            switch schema.form {
            case .string(let bytes) where bytes.upperBound < Int.max:
                ["\"" + String(repeating: "ä", count: bytes.upperBound / 2 + 1) + "\""]
            case .array(_, let count) where count.upperBound < Int.max:
                ["[" + Array(repeating: #""1""#, count: count.upperBound + 1).joined(separator: ",") + "]"]
            case .integer(let range) where range.upperBound < Int64.max:
                ["\(range.upperBound + 1)", "\(range.lowerBound - 1)"]
            case .integer: ["9223372036854775808"]
            default: []
            }
        return tooLong + others.filter { !self.may($0, schema) }
    }

    /// What is right after all.
    private static func may(_ value: String, _ schema: Schema) -> Bool {
        guard let json = try? JSON(parsing: value) else { return false }
        return switch schema.form {
        case .shared("content"): false
        default: schema.complaint(about: json, at: "x") == nil && !(json.string == "\u{FFFD}" && self.isRead(schema))
        }
    }

    /// Strings that are read further: names of conversations, numbers.
    private static func isRead(_ schema: Schema) -> Bool {
        guard case .string(let bytes) = schema.form else { return false }
        return [300, 20, 64].contains(bytes.upperBound)
    }

    @Test func aPageOfHistoryHasOneDirection() {
        let text = #"{"type":"history","conversation":"group:demo-group","before":3,"after":1}"#
        #expect(Self.complaint(about: text)?.message == "after: not together with before")
    }

    @Test func whatIsNotDeclaredIsPassedOver() {
        #expect(Self.complaint(about: #"{"type":"ping","new":[{}]}"#) == nil)
    }

    @Test func aBookmarkIsReadAsItWasWritten() {
        let bookmark = ConversationPage.Bookmark(
            isPinned: true, moment: Timestamp(milliseconds: 1_700_000_000_000), number: 42)
        #expect(ConversationPage.Bookmark(bookmark.text) == bookmark)
        for text in ["", "1", "1.2", "2.1.1", "1.x.1", "1.1.1.1", "..", "-1.1.1"] {
            #expect(ConversationPage.Bookmark(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        (#"{"type":"receipts","message":"abc"}"#, "message: must be a message's id: a decimal number"),
        (
            #"{"type":"read","conversation":"nobody"}"#,
            "conversation: must be `group:<id>`, `direct:<the other user's id>`, `room:<id>` or `system`"
        ),
    ])
    func whatHasTheFormAndMeansNothingIsToldWhatItShouldMean(command: String, complaint: String) {
        #expect(Self.complaint(about: command) == Refusal(.badField, complaint))
    }
}
