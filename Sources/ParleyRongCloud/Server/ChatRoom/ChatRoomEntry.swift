import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What a chat room's members share under names of their own. The backend may replace and remove what anybody has set, and speaks for users who need
// not be in the room. Source: facts/rongcloud-server.md 3.7.

struct ChatRoomEntrySet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/entry/set.json", "Set an attribute of a chat room", page: VendorPage.list)
    /// A message may come along.
    static let bodyLimit = MessageBody.statusLimit

    let group: GroupID
    let userId: UserID
    let change: ChangeAttributes.Change
    /// What those in the room are told of it, if anything.
    let notice: WireMessage?

    init(_ parameters: Parameters) throws(Malformed) {
        self.group = try parameters.requiredRoom()
        self.userId = try parameters.requiredUser("userId")
        self.change = ChangeAttributes.Change(
            key: try parameters.requiredKey(),
            value: try parameters.required("value", .characters(ChatRoomAttribute.longestValue)),
            leavesWithSetter: try parameters.flag("autoDelete"))
        self.notice = try parameters.optionalMessage()
    }

    func perform(_ call: Call) async throws {
        try await call.change([self.change], of: self.group, by: self.userId)
        try await call.tell(self.notice, in: self.group, by: self.userId)
    }
}

struct ChatRoomEntryBatchSet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/entry/batch/set.json", "Set attributes of a chat room", page: VendorPage.list)
    static let bodyLimit = 1 << 20

    let group: GroupID
    let entryOwnerId: UserID
    let entryInfo: [ChangeAttributes.Change]

    init(_ parameters: Parameters) throws(Malformed) {
        self.group = try parameters.requiredRoom()
        self.entryOwnerId = try parameters.requiredUser("entryOwnerId")
        self.entryInfo = try EntryInfo.parse(
            try parameters.required("entryInfo"), leavesWithSetter: try parameters.flag("autoDelete"))
    }

    func perform(_ call: Call) async throws {
        try await call.change(self.entryInfo, of: self.group, by: self.entryOwnerId)
    }
}

/// What is not there is gone already.
struct ChatRoomEntryRemove: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/entry/remove.json", "Remove an attribute of a chat room", page: VendorPage.list)
    static let bodyLimit = MessageBody.statusLimit

    let group: GroupID
    let userId: UserID
    let key: String
    let notice: WireMessage?

    init(_ parameters: Parameters) throws(Malformed) {
        self.group = try parameters.requiredRoom()
        self.userId = try parameters.requiredUser("userId")
        self.key = try parameters.requiredKey()
        self.notice = try parameters.optionalMessage()
    }

    func perform(_ call: Call) async throws {
        try await call.change([ChangeAttributes.Change(key: self.key, value: nil)], of: self.group, by: self.userId)
        try await call.tell(self.notice, in: self.group, by: self.userId)
    }
}

/// All of them, or those that are named, in the order in which they were set.
struct ChatRoomEntryQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/entry/query.json", "List attributes of a chat room", page: VendorPage.list)

    let group: GroupID
    let keys: Set<String>

    init(_ parameters: Parameters) throws(Malformed) {
        self.group = try parameters.requiredRoom()
        self.keys = Set(try parameters.optionalKeys())
    }

    func perform(_ call: Call) async throws -> [RoomAttribute] {
        let attributes = try await call.core.attributes(of: self.group, in: call.app.id).changes
        return self.keys.isEmpty ? attributes : attributes.filter { self.keys.contains($0.key) }
    }

    /// All values are texts; the large `D` is the vendor's.
    static func encode(_ outcome: [RoomAttribute], to json: inout JSONWriter) {
        json.field("keys") { json in
            json.array(outcome) { json, attribute in
                json.object {
                    $0.field("key", attribute.key)
                    $0.field("value", attribute.value)
                    $0.field("userID", attribute.setBy.rawValue)
                    $0.field("autoDelete", attribute.leavesWithSetter ? "1" : "0")
                    $0.field("lastSetTime", String(attribute.changedAt.milliseconds))
                }
            }
        }
    }
}

// MARK: - What they share

extension Call {
    func change(_ changes: [ChangeAttributes.Change], of room: GroupID, by user: UserID) async throws {
        let outcomes = try await self.core.changeAttributes(
            ChangeAttributes(
                app: self.app.id, group: room, by: user, changes, byMember: false, mayReplaceOthers: true))
        if outcomes.contains(.full) { throw Failure.tooManyAttributes }
    }

    /// What those in the room are told of it, if anything.
    fileprivate func tell(_ notice: WireMessage?, in room: GroupID, by user: UserID) async throws {
        guard let notice else { return }
        _ = try await self.core.send(
            Send(
                app: self.app.id, conversation: .group(room),
                message: notice.message(from: user, reachesSender: true), checks: .groupExists))
    }
}

extension Failure {
    /// The clients' own code.
    fileprivate static let tooManyAttributes = Failure(
        23423, .badRequest, "the number of keys should less than \(RoomAttribute.limit).")
}

extension Parameters {
    fileprivate func optionalMessage() throws(Malformed) -> WireMessage? {
        try self.optional("objectName") == nil ? nil : WireMessage(self)
    }

    fileprivate func requiredKey() throws(Malformed) -> String {
        try Self.checkedKey(try self.required("key", .bytes(ChatRoomAttribute.longestKey)))
    }

    fileprivate static func checkedKey(_ key: String) throws(Malformed) -> String {
        guard ChatRoomAttribute.isKey(key) else { throw Malformed("key", .invalid) }
        return key
    }

    fileprivate func optionalKeys() throws(Malformed) -> [String] {
        try self.optionalIDs("keys", atMost: RoomAttribute.limit, .bytes(ChatRoomAttribute.longestKey))
    }
}

/// `{"key":"value",…}`.
enum EntryInfo {
    static func parse(
        _ text: String, leavesWithSetter: Bool
    ) throws(Malformed) -> [ChangeAttributes.Change] {
        let name = "entryInfo"
        guard let members = (try? JSON(parsing: text))?.members else { throw Malformed(name, .invalid) }
        guard members.count <= ChatRoomAttribute.batchLimit else {
            throw Malformed(name, .tooMany(limit: ChatRoomAttribute.batchLimit))
        }
        var changes: [ChangeAttributes.Change] = []
        for (key, value) in members {
            guard ChatRoomAttribute.isKey(key), let value = value.scalarText else { throw Malformed(name, .invalid) }
            try Length.characters(ChatRoomAttribute.longestValue).check(value, of: name)
            guard ChatRoomAttribute.isValue(value) else { throw Malformed(name, .invalid) }
            changes.append(ChangeAttributes.Change(key: key, value: value, leavesWithSetter: leavesWithSetter))
        }
        return changes
    }
}
