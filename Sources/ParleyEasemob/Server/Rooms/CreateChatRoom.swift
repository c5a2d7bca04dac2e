import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Made by the App, or by a user who may make rooms (``AddSuperAdministrator``).
///
/// Source: facts/easemob-server.md 3.10.
struct CreateChatRoom: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatrooms", "Create a chat room", page: "创建聊天室 (chatroom_create)")
    static let callers = Callers.applicationOrUser
    static let area = Area.rooms
    static let callsPerSecond = 50

    let form: RoomForm
    let owner: UserID
    let members: [UserID]

    init(_ call: Call) throws {
        let json = try call.object()
        self.form = try RoomForm(json)
        guard self.form.name?.isEmpty == false else { throw Malformed("name", .missing) }
        guard self.form.description != nil else { throw Malformed("description", .missing) }
        self.owner = try call.owner(json)
        self.members = try json.users("members") ?? []
    }

    func perform(_ call: Call) async throws -> GroupID {
        if let user = call.callingUser, !call.app.superAdministrators.contains(user) { throw Rejection.notPermitted }
        try await call.requireUsers([self.owner] + self.members)
        var room = Group(id: GroupID(""), type: .chatRoom, name: "", owner: self.owner, createdAt: call.now)
        room.capacity = RoomForm.defaultCapacity
        self.form.apply(to: &room)
        return try await call.create(room, self.members.filter { $0 != self.owner }, hasID: false)
    }

    func encode(_ id: GroupID, _ call: Call) -> Answer {
        Answer.data { json in json.object { $0.field("id", id.easemob) } }.noEntities()
    }
}

/// Changes a chat room's settings, or gives it to another who is in it (`newowner`).
struct ChangeChatRoom: GroupEndpoint {
    typealias Kind = ChatRooms

    static let description = EndpointDescription(
        "PUT", Kind.path, "Change or transfer a chat room", page: "修改聊天室信息, 转让聊天室 (chatroom_manage)")

    private static let fields: Set<String> = ["name", "groupname", "description", "maxusers", "custom"]

    let form: RoomForm
    let newOwner: UserID?
    /// The answer says `true` of each. A new name is called `groupname` there.
    let changed: [String]
    var right: Right { self.newOwner == nil ? .administrator : .owner }

    init(_ call: Call) throws {
        let json = try call.object()
        let members = (json.members ?? []).map(\.key)
        guard !members.isEmpty else { throw Malformed("name", .missing) }
        self.newOwner = try json.textOrNumber("newowner").map { UserID(easemob: $0) }
        let unknown = members.filter { $0 != "newowner" && !Self.fields.contains($0) }
        guard unknown.isEmpty else {
            throw Refusal.invalidParameter("some of [\(members.joined(separator: ", "))] are not valid fields")
        }
        self.form = try RoomForm(json)
        self.changed = members.map { $0 == "name" ? "groupname" : $0 }.uniqued()
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        if let owner = self.newOwner { try await call.transfer(group, to: owner) }
        try await call.core.changeGroup(group.group.id, in: call.app.id, by: call.callingUser) {
            self.form.apply(to: &$0)
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .changed(self.changed) }
}

/// What a caller may set of a chat room.
struct RoomForm: Sendable {
    var name: String?
    var description: String?
    var capacity: Int?
    var custom: String?

    static let defaultCapacity = 1000
    private static let maximumCapacity = 10_000
    private static let maximumNameCharacters = 128
    private static let maximumDescriptionCharacters = 512
    private static let maximumCustomCharacters = 1024

    init(_ json: JSON) throws {
        self.name = try json.textOrNumber("name") ?? json.textOrNumber("groupname")
        self.description = try json.textOrNumber("description")
        self.custom = try json.textOrNumber("custom")
        try Self.check(self.name, "title", Self.maximumNameCharacters)
        try Self.check(self.description, "desc", Self.maximumDescriptionCharacters)
        try Self.check(self.custom, "custom", Self.maximumCustomCharacters)
        guard let capacity = try json.number("maxusers") else { return }
        guard capacity > 0 else { throw Malformed("maxusers", .invalid) }
        guard capacity <= Self.maximumCapacity else {
            throw Refusal.exceedsLimit("maxUsers cannot exceed \(Self.maximumCapacity)")
        }
        self.capacity = Int(capacity)
    }

    private static func check(_ text: String?, _ word: String, _ limit: Int) throws(Refusal) {
        if let text, text.count > limit { throw .exceedsLimit("\(word) cannot exceed to \(limit)") }
    }

    func apply(to room: inout Group) {
        if let name = self.name { room.name = name }
        if let description = self.description { room.summary = description }
        if let capacity = self.capacity { room.capacity = capacity }
        if let custom = self.custom { room.custom = custom }
    }
}
