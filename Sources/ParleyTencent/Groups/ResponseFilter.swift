import ParleyDialectKit

/// `ResponseFilter` of the group queries. What it does not speak of is not filtered; SDKs send `null` for that.
struct ResponseFilter: Sendable {
    var base: Filter
    var member: Filter
    var appDefinedOfGroup: Filter
    var appDefinedOfMember: Filter
    /// `get_joined_group_list` only: what of the member himself is shown.
    var own: Filter?
    /// Whether the request has a filter of base fields at all.
    var namesBaseFields: Bool

    init(_ fields: Fields) throws(Malformed) {
        let filter = try fields.object("ResponseFilter")
        self.base = try filter?.filter("GroupBaseInfoFilter") ?? .all
        self.namesBaseFields = self.base != .all
        self.member = try filter?.filter("MemberInfoFilter") ?? .all
        self.appDefinedOfGroup = try filter?.filter("AppDefinedDataFilter_Group") ?? .all
        self.appDefinedOfMember = try filter?.filter("AppDefinedDataFilter_GroupMember") ?? .all
        self.own = try filter?.filter("SelfInfoFilter")
    }
}

extension Fields {
    /// Nil when there is none.
    func filter(_ name: String) throws(Malformed) -> Filter? {
        guard self.value(name) != nil else { return nil }
        return Filter(names: Set(try self.strings(name, limit: Int.max)))
    }
}
