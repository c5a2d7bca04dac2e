/// What a group keeps a list of beside its members, in attributes. It is no part of the group's profile: a change of it is no change of that.
package enum GroupList: String, Hashable, Sendable, CaseIterable {
    /// Users who have asked to come in and have no answer yet.
    case applicants
    /// Users who were asked to come in and have not answered yet.
    case invited
    /// Files that its members share.
    case files
    /// What members of a chat room are tagged with, and until when those may not speak who are (milliseconds since 1970).
    case mutedTags
}

extension Group {
    private static let listPrefix = "list."

    private static func key(_ name: String, _ list: GroupList) -> String { self.prefix(list) + name }
    private static func prefix(_ list: GroupList) -> String { "\(self.listPrefix)\(list.rawValue)." }

    /// What is on the list, and what is said of it there.
    package func listed(in list: GroupList) -> [String: String] {
        let prefix = Self.prefix(list)
        var listed: [String: String] = [:]
        for (key, note) in self.attributes where key.hasPrefix(prefix) {
            listed[String(key.dropFirst(prefix.count))] = note
        }
        return listed
    }

    /// Nil: it is not on the list.
    package func note(of name: String, in list: GroupList) -> String? { self.attributes[Self.key(name, list)] }

    package mutating func enlist(_ name: String, in list: GroupList, _ note: String) {
        self.attributes[Self.key(name, list)] = note
    }

    package mutating func strike(_ name: String, from list: GroupList) {
        self.attributes[Self.key(name, list)] = nil
    }

    /// The profile.
    var withoutLists: Group {
        var group = self
        group.attributes = group.attributes.filter { !$0.key.hasPrefix(Self.listPrefix) }
        return group
    }
}

extension Group {
    private static let disabledKey = "disabled"

    /// Nobody may speak in it, whatever his role.
    package var isDisabled: Bool {
        get { self.attributes[Self.disabledKey] != nil }
        set { self.attributes[Self.disabledKey] = newValue ? "true" : nil }
    }
}
