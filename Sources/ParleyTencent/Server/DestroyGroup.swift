import ParleyCore
import ParleyDialectKit

/// 解散群组: ends a group. The App's administrator may end groups of every type.
struct DestroyGroup: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/destroy_group", "Dissolve a group", page: Page.groups)

    var group: GroupID

    init(_ fields: Fields, by caller: Caller) throws(Malformed) { self.group = try fields.group() }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        try await context.core.dissolveGroup(self.group, in: caller.app.id, by: caller.identifier)
    }
}
