import ParleyCore
import ParleyJSON

/// The shapes that members of commands have.
enum Shapes {
    static let conversation = Shape<Conversation>(schema: .conversation) { json, user in
        json.string.flatMap { Conversation(name: $0, of: user) }
    }
    static let sequence = Shape<UInt64>(schema: .sequence) { json, _ in json.int.map { UInt64($0) } }
    static let message = Shape<MessageID>(schema: .messageID) { json, _ in json.string.flatMap { MessageID($0) } }
    static let flag = Shape<Bool>(schema: .boolean) { json, _ in json.bool }
    static let bookmark = Shape<ConversationPage.Bookmark>(schema: .text(1...64)) { json, _ in
        json.string.flatMap { ConversationPage.Bookmark($0) }
    }
    /// What can only be done, not undone.
    static let agreement = Shape<Bool>(schema: .yes) { json, _ in json.bool }
    static let kind = Shape<String>(schema: .choice(Schema.kinds)) { json, _ in json.string }
    /// Read further when the kind is known: ``Wording``.
    static let content = Shape<JSON>(schema: .shared("content"), check: .object([])) { json, _ in json }
    static let options = Shape<MessageOptions>(schema: .shared("clientOptions")) { json, _ in MessageOptions(json: json)
    }
    static let cursors = Shape<[Conversation: UInt64]>(
        schema: Schema(.map(.sequence, names: 1...300, limit: 10_000), "`seq` by the conversation's name")
    ) { json, user in
        var cursors: [Conversation: UInt64] = [:]
        for member in json.members ?? [] {
            guard let conversation = Conversation(name: member.key, of: user), let sequence = member.value.int else {
                return nil
            }
            cursors[conversation] = UInt64(sequence)
        }
        return cursors
    }

    static func text(_ bytes: ClosedRange<Int>) -> Shape<String> {
        Shape(schema: .text(bytes)) { json, _ in json.string }
    }
    static func limit(_ range: ClosedRange<Int64>) -> Shape<Int> {
        Shape(schema: Schema(.integer(range))) { json, _ in json.int.map { Int($0) } }
    }
    static func messages(_ count: ClosedRange<Int>) -> Shape<[MessageID]> {
        Shape(schema: .list(.messageID, count)) { json, _ in
            let all = json.array ?? []
            let ids = all.compactMap { $0.string.flatMap { MessageID($0) } }
            return ids.count == all.count ? ids : nil
        }
    }
    static func users(_ count: ClosedRange<Int>) -> Shape<[UserID]> {
        Shape(schema: .list(.userID, count)) { json, _ in json.userIDs }
    }
}
