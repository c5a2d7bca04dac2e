import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What those in a chat room share under names of their own. Each change is for itself: one that is refused does not hinder the others, and the call succeeds.
// Source: facts/easemob-server.md 3.10; facts/easemob-client.md 6.

/// Whether what another has set may be changed too.
protocol AttributeForce: Sendable {
    static var suffix: String { get }
    static var isForced: Bool { get }
    static var word: String { get }
}

enum OwnAttributes: AttributeForce {
    static let suffix = ""
    static let isForced = false
    static let word = ""
}

enum AllAttributes: AttributeForce {
    static let suffix = "/forced"
    static let isForced = true
    static let word = "强制"
}

struct SetRoomAttributes<Force: AttributeForce>: GroupEndpoint {
    typealias Kind = ChatRooms

    static var description: EndpointDescription {
        EndpointDescription(
            "PUT", "/{org_name}/{app_name}/metadata/chatroom/{chatroom_id}/user/{username}\(Force.suffix)",
            "Set attributes of a chat room\(Force.isForced ? ", also others'" : "")",
            page: "\(Force.word)设置聊天室自定义属性 (chatroom_attribute)")
    }
    static var callers: Callers { .applicationOrOneself }

    let right = Right.anyone
    let form: AttributeChanges

    init(_ call: Call) throws {
        let json = try call.object()
        guard let metaData = json.value("metaData") else { throw Malformed("metaData", .missing) }
        guard let members = metaData.members else { throw Malformed("metaData", .invalid) }
        // The vendor's default: it goes when the one who set it leaves.
        let leaves = try json.text("autoDelete")?.uppercased() != "NO_DELETE"
        self.form = try AttributeChanges(members.map { ($0.key, $0.value.string) }, leavesWithSetter: leaves)
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> AttributeOutcomes {
        try await call.change(self.form, in: group, isForced: Force.isForced)
    }

    func encode(_ outcomes: AttributeOutcomes, _ call: Call) -> Answer { outcomes.answer }
}

struct RemoveRoomAttributes<Force: AttributeForce>: GroupEndpoint {
    typealias Kind = ChatRooms

    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "/{org_name}/{app_name}/metadata/chatroom/{chatroom_id}/user/{username}\(Force.suffix)",
            "Remove attributes of a chat room\(Force.isForced ? ", also others'" : "")",
            page: "\(Force.word)删除聊天室自定义属性 (chatroom_attribute)")
    }
    static var callers: Callers { .applicationOrOneself }

    let right = Right.anyone
    let form: AttributeChanges

    init(_ call: Call) throws {
        guard let keys = try call.object().texts("keys"), !keys.isEmpty else { throw Malformed("keys", .missing) }
        self.form = try AttributeChanges(removing: keys.uniqued())
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> AttributeOutcomes {
        try await call.change(self.form, in: group, isForced: Force.isForced)
    }

    func encode(_ outcomes: AttributeOutcomes, _ call: Call) -> Answer {
        outcomes.answer.with("status") { $0.string("ok") }
    }
}

/// All of them, or those that are named. A POST, because of the names.
struct GetRoomAttributes: GroupEndpoint {
    typealias Kind = ChatRooms

    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/metadata/chatroom/{chatroom_id}", "Get attributes of a chat room",
        page: "获取聊天室自定义属性 (chatroom_attribute)")

    let right = Right.member
    /// Nil: all.
    let keys: Set<String>?

    init(_ call: Call) throws {
        let keys = call.request.body.isEmpty ? [] : try call.object().texts("keys") ?? []
        self.keys = keys.isEmpty ? nil : Set(keys)
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> [RoomAttribute] {
        try await call.core.attributes(of: group.group.id, in: call.app.id).changes
            .filter { self.keys?.contains($0.key) ?? true }
    }

    func encode(_ attributes: [RoomAttribute], _ call: Call) -> Answer {
        Answer.data { $0.texts(attributes.map { ($0.key, $0.value) }) }.noEntities()
    }
}

// MARK: - What they share

/// What is wanted, and of what it is known already that it will not be.
struct AttributeChanges: Sendable {
    private static let maximumChanges = 10
    private static let maximumKeyBytes = 128
    private static let maximumValueBytes = 4096

    private(set) var changes: [ChangeAttributes.Change] = []
    private(set) var reasons: [(key: String, reason: String)] = []

    init(_ pairs: [(key: String, value: String?)], leavesWithSetter: Bool) throws {
        try Self.check(count: pairs.count)
        for (key, value) in pairs {
            guard let value else { throw Malformed("metaData", .invalid) }
            if let reason = Self.reason(key) ?? Self.reason(key, value) {
                self.reasons.append((key, reason))
            } else {
                self.changes.append(
                    ChangeAttributes.Change(key: key, value: value, leavesWithSetter: leavesWithSetter))
            }
        }
    }

    init(removing keys: [String]) throws {
        try Self.check(count: keys.count)
        self.changes = keys.map { ChangeAttributes.Change(key: $0, value: nil) }
    }

    private static func check(count: Int) throws(Refusal) {
        guard count <= Self.maximumChanges else {
            throw .roomAttribute(.badRequest, "exceed allowed batch size \(Self.maximumChanges)")
        }
    }

    /// SDKs look for "is exceeding maximum limit" and "is not Legal".
    private static func reason(_ key: String) -> String? {
        guard key.utf8.count <= Self.maximumKeyBytes else {
            return "properties key '\(key)' is exceeding maximum limit \(Self.maximumKeyBytes)"
        }
        let isLegal = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isLegal && !key.isEmpty ? nil : "properties key '\(key)' is not Legal"
    }

    private static func reason(_ key: String, _ value: String) -> String? {
        guard value.utf8.count > Self.maximumValueBytes else { return nil }
        return "properties value of key '\(key)' is exceeding maximum limit \(Self.maximumValueBytes)"
    }
}

/// What became of each key.
struct AttributeOutcomes: Sendable {
    let done: [String]
    let reasons: [(key: String, reason: String)]

    var answer: Answer {
        Answer.data { json in
            json.object { json in
                json.field("successKeys", self.done)
                json.field("errorKeys") { json in
                    json.object { json in
                        for (key, reason) in self.reasons { json.field(key, reason) }
                    }
                }
            }
        }
        .noEntities()
    }
}

extension ChangeAttributes.Outcome {
    /// Why not. SDKs look for "is not part of you", "is exceeding maximum limit" and "is not exist".
    fileprivate func reason(_ key: String) -> String? {
        switch self {
        case .changed: nil
        case .full: "properties count is exceeding maximum limit \(RoomAttribute.limit)"
        case .anothers: "properties key '\(key)' is not part of you, others are not allowed to be set"
        case .missing: "properties key '\(key)' is not exist"
        }
    }
}

extension Call {
    /// Whoever the path names does it, and has to be in the room.
    fileprivate func change(
        _ form: AttributeChanges, in room: GroupSnapshot, isForced: Bool
    ) async throws -> AttributeOutcomes {
        let user = self.user()
        let outcomes: [ChangeAttributes.Outcome]
        do {
            outcomes = try await self.core.changeAttributes(
                ChangeAttributes(
                    app: self.app.id, group: room.group.id, by: user, form.changes, byMember: true,
                    mayReplaceOthers: isForced))
        } catch Rejection.notMember {
            throw Refusal.roomAttribute(.unauthorized, "user is not in chatroom")
        }
        var done: [String] = []
        var reasons = form.reasons
        for (change, outcome) in zip(form.changes, outcomes) {
            if let reason = outcome.reason(change.key) {
                reasons.append((change.key, reason))
            } else {
                done.append(change.key)
            }
        }
        return AttributeOutcomes(done: done, reasons: reasons)
    }
}

extension Refusal {
    fileprivate static func roomAttribute(_ status: HTTPResponseStatus, _ description: String) -> Refusal {
        Refusal(status, "metadata_error", description, exception: "MetadataException")
    }
}
