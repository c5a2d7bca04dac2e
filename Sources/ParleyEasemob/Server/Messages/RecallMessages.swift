import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Takes up to thirty messages back, one after the other. The first that cannot be ends the call; those before it are recalled.
///
/// Source: facts/easemob-server.md 3.6.
struct RecallMessages: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/batch_recall", "Recall messages", page: "批量撤回消息 (message_recall)")
    static let area = Area.recall

    static let maximumMessages = 30

    let recalls: [RecallForm]

    init(_ call: Call) throws {
        guard let items = try call.object().value("msgs") else { throw Malformed("msgs", .missing) }
        guard let items = items.array else { throw Malformed("msgs", .invalid) }
        guard !items.isEmpty else { throw Malformed("msgs", .missing) }
        guard items.count <= Self.maximumMessages else {
            throw Malformed("msgs", .tooMany(limit: Self.maximumMessages))
        }
        self.recalls = try items.map { try RecallForm($0) }
    }

    func perform(_ call: Call) async throws {
        for recall in self.recalls { try await recall.perform(call) }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        .data { json in json.array(self.recalls) { json, recall in json.recalled(recall) } }
    }
}
