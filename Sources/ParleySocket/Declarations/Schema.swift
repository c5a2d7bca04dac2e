/// What a JSON value must be: the part of JSON Schema that the protocol needs. The server checks what clients send by it, and `docs/asyncapi.json` shows it,
/// so that the two cannot differ.
struct Schema: Sendable {
    indirect enum Form: Sendable {
        /// Bounds are bytes of UTF-8.
        case string(ClosedRange<Int>)
        case choice([String])
        case integer(ClosedRange<Int64>)
        case number
        case boolean
        /// Only true can be said; what is not so is left out.
        case yes
        case anything
        case array(Schema, ClosedRange<Int>)
        case object([Member], others: Others = .ignored)
        /// Names are data.
        case map(Schema, names: ClosedRange<Int>, limit: Int)
        /// One of these.
        case either([Schema])
        /// One of ``Schema/shared``.
        case shared(String)
    }

    struct Member: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool

        init(_ name: String, _ schema: Schema, isRequired: Bool = true, _ doc: String? = nil) {
            self.name = name
            self.schema = schema
            if let doc { self.schema.doc = doc }
            self.isRequired = isRequired
        }

        static func optional(_ name: String, _ schema: Schema, _ doc: String? = nil) -> Member {
            Member(name, schema, isRequired: false, doc)
        }
    }

    /// Members that are not declared.
    enum Others: Hashable, Sendable {
        case ignored
        /// What would change the meaning must not be ignored.
        case refused
    }

    var form: Form
    var doc: String?

    init(_ form: Form, _ doc: String? = nil) {
        self.form = form
        self.doc = doc
    }
}

// MARK: Short forms

extension Schema {
    static let text = Schema(.string(0...Int.max))
    static let boolean = Schema(.boolean)
    static let yes = Schema(.yes)
    static let sequence = Schema(.integer(0...Int64.max))
    static let count = Schema(.integer(0...Int64.max))
    static let moment = Schema(.integer(Int64.min...Int64.max), "milliseconds since 1970")
    static let messageID = Schema(.string(1...20), "a message's id: a decimal number")
    static let userID = Schema(.string(1...256))
    static let conversation = Schema(
        .string(1...300), "`group:<id>`, `direct:<the other user's id>`, `room:<id>` or `system`")

    static func text(_ bytes: ClosedRange<Int>) -> Schema { Schema(.string(bytes)) }
    static func choice(_ values: [String]) -> Schema { Schema(.choice(values)) }
    static func list(_ element: Schema, _ count: ClosedRange<Int> = 0...Int.max) -> Schema {
        Schema(.array(element, count))
    }
    static func object(_ members: [Member], others: Others = .ignored) -> Schema {
        Schema(.object(members, others: others))
    }
    static func shared(_ name: String) -> Schema { Schema(.shared(name)) }
}
