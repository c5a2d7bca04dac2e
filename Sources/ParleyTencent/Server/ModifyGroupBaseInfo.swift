import ParleyCore
import ParleyDialectKit

/// 修改群基础资料: a group's name, texts, picture, capacity, who may join, whether all are muted, and fields of the App's.
struct ModifyGroupBaseInfo: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/modify_group_base_info", "Change a group", page: Page.groups)

    var group: GroupID
    var profile: GroupProfile

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.profile = try GroupProfile(fields)
        if self.profile.name == "" { throw Malformed("Name", .missing) }
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        try await context.core.changeGroup(self.group, in: caller.app.id, by: caller.identifier) {
            self.profile.apply(to: &$0)
        }
    }
}
