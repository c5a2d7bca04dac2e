/// The name of an App: a tenant. The same in the configuration, the command line and on ParleySocket (`demo`).
package struct AppID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { self.rawValue }
}

/// A user's id inside an App. One user is one and the same in all three dialects.
///
/// Case matters here; Easemob's lower-casing of names happens at Easemob's edge.
package struct UserID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { self.rawValue }
    package static func < (one: UserID, other: UserID) -> Bool { one.rawValue < other.rawValue }
}

/// A group's id inside an App, shared by the dialects: chosen by the caller, or made by the dialect that creates the group.
package struct GroupID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { self.rawValue }
}

/// A chat room's id inside an App.
package struct RoomID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { self.rawValue }
}

/// One installation of a client: what has cursors of its own.
package struct DeviceID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { self.rawValue }
}

/// The name of one vendor's way of speaking (`rongcloud`, `easemob`, `tencent`), or Parley's own (`parley`).
///
/// The core compares it and passes it on; it does not know which names there are.
package struct DialectName: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { self.rawValue }

    /// ParleySocket's own messages: no vendor made them.
    package static let parley = DialectName("parley")
}
