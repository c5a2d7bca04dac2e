import ParleyCore

/// Groups and chat rooms: two of everything to the vendor, two kinds of group to the core. An endpoint that both have is written once, for either.
protocol GroupKind: Sendable {
    /// In paths: `chatgroups`.
    static var resource: String { get }
    /// The name of the id in paths.
    static var parameter: String { get }
    /// For people.
    static var noun: String { get }
    /// The same in the vendor's documentation, and how its pages' names begin.
    static var word: String { get }
    static var page: String { get }
    static var area: Area { get }
    /// How answers name the id, and those about lists of users.
    static var idName: String { get }
    static var listIDName: String { get }
    static var maximumRemoved: Int { get }
    static func includes(_ group: Group) -> Bool
}

extension GroupKind {
    static var path: String { self.path(ServerPaths.self) }

    static func path<Front: PathFront>(_: Front.Type) -> String {
        "\(Front.front)/\(self.resource)/{\(self.parameter)}"
    }
}

/// Client SDKs put a word before some paths of the server API.
protocol PathFront: Sendable {
    static var front: String { get }
    /// For people, after what the endpoint does.
    static var note: String { get }
}

enum ServerPaths: PathFront {
    static let front = "/{org_name}/{app_name}"
    static let note = ""
}

enum ClientPaths: PathFront {
    static let front = "/{org_name}/{app_name}/sdk"
    static let note = " (clients)"
}

enum ChatGroups: GroupKind {
    static let resource = "chatgroups"
    static let parameter = "group_id"
    static let noun = "group"
    static let word = "群"
    static let page = "group"
    static let area = Area.groups
    static let idName = "groupid"
    static let listIDName = "groupid"
    static let maximumRemoved = 60

    static func includes(_ group: Group) -> Bool { !group.type.rules.isRoom && !group.type.rules.isThread }
}

enum ChatRooms: GroupKind {
    static let resource = "chatrooms"
    static let parameter = "chatroom_id"
    static let noun = "chat room"
    static let word = "聊天室"
    static let page = "chatroom"
    static let area = Area.rooms
    static let idName = "id"
    static let listIDName = "chatroomid"
    static let maximumRemoved = 100

    static func includes(_ group: Group) -> Bool { group.type.rules.isRoom }
}
