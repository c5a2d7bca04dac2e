import ParleyCore
import ParleyHub
import ParleyJSON

/// One thing that a client may ask for: its declaration, and how it is done.
struct Command: Sendable {
    let name: String
    let summary: String
    /// Beside `type` and `request`.
    let members: [Schema.Member]
    /// What it may be answered with, beside `error`. None: nothing is said when it went well.
    let answer: Frame?
    let read: @Sendable (JSON, UserID) throws(Refusal) -> Work

    /// - Parameter work: gets the values of the fields, in their order.
    init<each Value: Sendable>(
        _ name: String, _ summary: String, _ fields: repeat Field<each Value>, answer: Frame?,
        work: @escaping @Sendable (repeat each Value) throws(Refusal) -> Work
    ) {
        self.name = name
        self.summary = summary
        var members: [Schema.Member] = []
        for field in repeat each fields { members.append(field.member) }
        self.members = members
        self.answer = answer
        self.read = { (json, user) throws(Refusal) in
            try work(repeat try (each fields).value(in: json, of: user))
        }
    }

    /// Every command there is, in the order of docs/protocol.md.
    static let all: [Command] = [
        .ping, .ack, .sync,
        .send, .recall, .edit, .delete,
        .read, .receipt, .receipts, .typing,
        .history, .conversations, .unread, .conversation, .groups, .members, .users,
        .watch, .unwatch,
        .pushRegister, .pushUnregister, .pushPreferences,
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: Command.all.map { ($0.name, $0) })

    /// What comes back in the answer.
    static let request = Schema(
        .either([.text(0...128), Schema(.number)]), "the client's own, it comes back in the answer")

    var schema: Schema {
        Schema(
            .object(
                [Schema.Member("type", .choice([self.name])), .optional("request", Self.request)] + self.members,
                others: .ignored), self.summary)
    }
}

/// How a command is done.
enum Work: Sendable {
    /// At once, on the connection's event loop.
    case now(@Sendable (Reader) throws(Refusal) -> Answer?)
    /// After the client's earlier sends and effects; sends that wait together are appended together.
    case send(Outgoing)
    /// Changes something: after the client's earlier sends and effects, and before his later ones.
    case effect(@Sendable (Asker) async throws -> Answer?)
    /// Only reads: after the client's earlier lookups.
    case lookup(@Sendable (Asker) async throws -> Answer)
}

extension Command {
    /// A client's text, read.
    struct Order: Sendable {
        /// As the client wrote it.
        var request: [UInt8]?
        var work: Result<Work, Refusal>
    }

    static func read(_ text: [UInt8], of user: UserID) -> Order {
        let json: JSON
        do { json = try JSON(parsing: text, maximumDepth: 32) } catch {
            return Order(work: .failure(Refusal(.notJSON, "This is not JSON, or too deep, at byte \(error.offset).")))
        }
        var order = Order(work: .failure(.fault))
        do throws(Refusal) {
            if let request = json["request"] {
                // A number may be written at any length.
                guard self.request.complaint(about: request, at: "") == nil, request.raw.count <= 1024 else {
                    throw Refusal(.badField, self.request.complaint(at: "request"))
                }
                order.request = JSONWriter.safe(request)
            }
            guard let type = json["type"]?.string else { throw Refusal(.badField, "type: is missing, or not a string") }
            guard let command = self.byName[type] else {
                throw Refusal(.unknownType, "type: there is no command \(type.prefix(64))")
            }
            order.work = .success(try command.read(json, user))
        } catch {
            order.work = .failure(error)
        }
        return order
    }
}
