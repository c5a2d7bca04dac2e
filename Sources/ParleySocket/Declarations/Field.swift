import ParleyCore
import ParleyJSON

/// What a member of a command is read as, and what it must be to be read.
struct Shape<Value: Sendable>: Sendable {
    /// What the document shows.
    let schema: Schema
    /// What is checked at once, where the whole can be checked only when other members are known.
    let check: Schema
    /// From what the check has no complaint about. Nil: it is none after all.
    let value: @Sendable (JSON, UserID) -> Value?

    init(schema: Schema, check: Schema? = nil, value: @escaping @Sendable (JSON, UserID) -> Value?) {
        self.schema = schema
        self.check = check ?? schema
        self.value = value
    }
}

/// A member of a command: declared once, for reading and for the document.
struct Field<Value: Sendable>: Sendable {
    let member: Schema.Member
    private let read: @Sendable (JSON?, UserID) throws(Refusal) -> Value

    /// - Throws: ``Refusal`` that names the member.
    func value(in command: JSON, of user: UserID) throws(Refusal) -> Value {
        try self.read(command[self.member.name], user)
    }

    fileprivate init<Inner>(
        _ member: Schema.Member, _ shape: Shape<Inner>, present: @escaping @Sendable (Inner) -> Value,
        absent: @escaping @Sendable () -> Value?
    ) {
        self.member = member
        self.read = { (json, user) throws(Refusal) in
            guard let json else {
                guard let value = absent() else { throw Refusal(.badField, "\(member.name): is missing") }
                return value
            }
            if let complaint = shape.check.complaint(about: json, at: member.name) {
                throw Refusal(.badField, complaint)
            }
            guard let value = shape.value(json, user) else {
                throw Refusal(.badField, shape.schema.complaintAboutMeaning(at: member.name))
            }
            return present(value)
        }
    }
}

func required<Value: Sendable>(_ name: String, _ shape: Shape<Value>, _ doc: String? = nil) -> Field<Value> {
    Field(Schema.Member(name, shape.schema, doc), shape, present: { $0 }, absent: { nil })
}

func optional<Value: Sendable>(_ name: String, _ shape: Shape<Value>, _ doc: String? = nil) -> Field<Value?> {
    Field(.optional(name, shape.schema, doc), shape, present: { $0 }, absent: { .some(nil) })
}

func optional<Value: Sendable>(
    _ name: String, _ shape: Shape<Value>, default value: Value, _ doc: String? = nil
) -> Field<Value> {
    Field(.optional(name, shape.schema, doc), shape, present: { $0 }, absent: { value })
}
