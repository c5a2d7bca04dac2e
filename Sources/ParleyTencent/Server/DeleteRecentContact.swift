import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 删除单个会话: takes a conversation from a user's list until something is said in it again; with `ClearRamble`, what was said is gone for him too.
struct DeleteRecentContact: Command {
    static let description = EndpointDescription(
        "POST", "/v4/recentcontact/delete", "Take a conversation from a user's list", page: "facts/tencent-im.md 4.6")

    var user: UserID
    var conversation: Conversation
    var clears: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.account("From_Account")
        switch try fields.integer("Type", "type") {
        case 1: self.conversation = .direct(self.user, try fields.account("To_Account"))
        case 2:
            guard let (name, value) = fields.value("ToGroupid", "ToGroupId") else {
                throw Malformed("ToGroupid", .missing)
            }
            guard let group = value.string.flatMap({ GroupID(addressed: $0) }) else { throw Malformed(name, .invalid) }
            self.conversation = .group(group)
        case nil: throw Malformed("Type", .missing)
        default: throw Malformed("Type", .invalid)
        }
        self.clears = try fields.flag("ClearRamble")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        let clears = self.clears
        try await context.core.changePlace(in: self.conversation, of: self.user, in: caller.app.id) { place, last, _ in
            place.removedThrough = last
            if clears { place.clearedThrough = last }
        }
    }
}
