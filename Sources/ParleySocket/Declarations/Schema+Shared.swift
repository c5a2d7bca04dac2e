import ParleyCore
import ParleyJSON

/// What several frames and commands have in them.
extension Schema {
    static let shared: [(name: String, schema: Schema)] = [
        ("content", .content), ("mention", .mention), ("options", .options), ("clientOptions", .clientOptions),
        ("native", .native), ("edited", .edited), ("listedMessage", .listedMessage), ("summary", .summary),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: Schema.shared.map { ($0.name, $0.schema) })

    static func shared(named name: String) -> Schema {
        guard let schema = self.byName[name] else { preconditionFailure("no shared schema is called \(name)") }
        return schema
    }

    static let kinds = [
        "text", "image", "voice", "video", "file", "location", "face", "command", "custom", "combined",
    ]

    /// What `content` must be for a kind; nil where there is no such kind.
    static func content(of kind: String) -> Schema? {
        switch kind {
        case "text": .object([Member("text", .text)], others: .refused)
        case "image", "voice", "video", "file": .object(self.media, others: .refused)
        case "location":
            .object(
                [
                    Member("latitude", Schema(.number)), Member("longitude", Schema(.number)),
                    .optional("address", .text),
                ],
                others: .refused)
        case "face":
            .object(
                [Member("index", Schema(.integer(Int64.min...Int64.max))), .optional("data", .text)], others: .refused)
        case "command": .object([Member("name", .text), .optional("data", .text)], others: .refused)
        case "custom": .object([Member("type", .text), .optional("data", .text)], others: .refused)
        case "combined":
            .object(
                [
                    Member(
                        "parts",
                        .list(.object([Member("kind", .choice(self.kinds)), Member("content", .shared("content"))])))
                ], others: .refused)
        default: nil
        }
    }

    private static let media: [Member] = [
        .optional("url", .text), .optional("name", .text), .optional("bytes", .count), .optional("mediaType", .text),
        .optional("width", .count), .optional("height", .count), .optional("seconds", Schema(.number)),
        .optional("secret", .text, "what must be shown to download it"), .optional("thumbnailURL", .text),
        .optional("thumbnailSecret", .text), .optional("inline", .text, "the thumbnail or the voice itself, base64"),
    ]

    private static let content = Schema(
        .either(
            ["text", "image", "location", "face", "command", "custom", "combined"].map { kind in
                var schema = Schema.content(of: kind)!
                schema.doc = kind == "image" ? "image, voice, video, file" : kind
                return schema
            }), "by the message's `kind`")

    private static let mention = Schema.object(
        [.optional("everyone", .yes), .optional("users", .list(.userID, 0...1000))], others: .refused)

    private static let pushMembers: [Member] = [
        .optional("title", .text(0...1024)), .optional("text", .text(0...4096)),
        .optional("data", .text(0...4096), "opaque to everyone but the App"),
        .optional("disabled", .boolean, "no push at all"),
        .optional("silent", .boolean, "wakes the App without showing anything"),
    ]

    private static let ordinary: [Member] = [
        .optional("reachesSender", .boolean, "false: the sender's own devices do not get it"),
        .optional("keptInHistory", .boolean), .optional("countsAsUnread", .boolean),
        .optional("updatesConversation", .boolean, "false: it does not become the conversation's last message"),
        .optional("mention", .shared("mention")),
        .optional("priority", .choice(["high", "normal", "low", "lowest"])),
        .optional("wantsReadReceipts", .boolean),
        .optional("attachment", .text(0...8192), "what the sender attached beside the content, text or JSON"),
    ]

    private static let clientOptions = Schema(
        .object(Self.ordinary + [.optional("push", .object(Self.pushMembers, others: .refused))], others: .refused),
        "those that a client may choose")

    private static let options = Schema(
        .object(
            Self.ordinary.filter { $0.name != "attachment" } + [
                .optional("attachment", .text, "what the sender attached beside the content, text or JSON"),
                .optional(
                    "push",
                    .object(
                        Self.pushMembers.map { .optional($0.name, Self.unbounded($0.schema), $0.schema.doc) } + [
                            .optional("native", Schema(.anything), "as the message's dialect wrote it")
                        ])),
                .optional("liveOnly", .yes, "only for those who are connected when it is sent"),
                .optional("hiddenFromHistoryOf", .list(.userID)),
                .optional("expandable", .yes),
                .optional("expansion", Schema(.map(.text, names: 0...Int.max, limit: Int.max))),
                .optional("forbiddenCallbacks", .list(.text)),
                .optional("random", .count, "the caller's own number for the message"),
            ]), "how the message is to be treated; only what differs from an ordinary one")

    private static func unbounded(_ schema: Schema) -> Schema {
        if case .string = schema.form { .text } else { schema }
    }

    private static let native = Schema(
        .object([
            Member(
                "dialect", .text,
                "`rongcloud`, `easemob`, `tencent`, or `parley` for what clients of this protocol sent"),
            Member("payload", Schema(.anything)),
        ]), "the message as its dialect wrote it")

    private static let edited = Schema(
        .object([Member("by", .userID), Member("at", .moment), Member("count", .count, "how often")]),
        "it is no longer what was sent")
}
