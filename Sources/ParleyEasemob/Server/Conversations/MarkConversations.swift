import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What a user puts on conversations to find them by. Source: facts/easemob-client.md 6.

struct MarkConversations: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/sdk/user/{username}/user_channels/mark", "Mark conversations (clients)",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    let marking: Marking

    init(_ call: Call) throws { self.marking = try Marking(call) }

    func perform(_ call: Call) async throws -> [NamedConversation] {
        try await self.marking.perform(call) { $0.insert($1) }
    }

    func encode(_ ignored: [NamedConversation], _ call: Call) -> Answer { .ignored(ignored) }
}

struct UnmarkConversations: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/sdk/user/{username}/user_channels/mark",
        "Take a mark off conversations (clients)", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    let marking: Marking

    init(_ call: Call) throws { self.marking = try Marking(call) }

    func perform(_ call: Call) async throws -> [NamedConversation] {
        try await self.marking.perform(call) { $0.remove($1) }
    }

    func encode(_ ignored: [NamedConversation], _ call: Call) -> Answer { .ignored(ignored) }
}

/// One mark, and the conversations meant.
struct Marking: Sendable {
    private static let maximum = 20

    let mark: Marks
    let targets: [NamedConversation]

    init(_ call: Call) throws {
        let json = try call.object()
        guard let name = try json.text("mark"), !name.isEmpty else { throw Malformed("mark", .missing) }
        guard let mark = Marks(easemob: name) else { throw Malformed("mark", .invalid) }
        guard let targets = json.value("targets") else { throw Malformed("targets", .missing) }
        guard let targets = targets.array, !targets.isEmpty else { throw Malformed("targets", .invalid) }
        guard targets.count <= Self.maximum else { throw Malformed("targets", .tooMany(limit: Self.maximum)) }
        self.mark = mark
        self.targets = try targets.map { target in
            try NamedConversation(target.textOrNumber("to"), as: "to", target.text("type"))
        }
    }

    /// - Returns: those that the user has no such conversation with.
    func perform(
        _ call: Call, _ change: @escaping @Sendable (inout Marks, Marks) -> Void
    ) async throws -> [NamedConversation] {
        let (user, mark) = (call.user(), self.mark)
        var ignored: [NamedConversation] = []
        for target in self.targets.uniqued() {
            do {
                try await call.core.changePlace(
                    in: target.conversation(of: user), of: user, on: call.device, in: call.app.id
                ) { place, _, _ in
                    change(&place.marks, mark)
                }
            } catch Rejection.userNotFound, Rejection.groupNotFound, Rejection.notMember {
                ignored.append(target)
            }
        }
        return ignored
    }
}

extension Answer {
    fileprivate static func ignored(_ conversations: [NamedConversation]) -> Answer {
        .data { json in
            json.object { json in
                json.field("ignore") { json in
                    json.array(conversations) { json, conversation in
                        json.object { json in
                            json.field("to", conversation.name)
                            json.field("type", conversation.kind.rawValue)
                        }
                    }
                }
            }
        }
    }
}
