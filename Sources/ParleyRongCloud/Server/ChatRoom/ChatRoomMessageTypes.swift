import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Which types of messages a busy chat room drops last, and which first: of what clients say, a room takes so many messages a second (the core's frequency
// control). The App's, for all of its rooms. Source: facts/rongcloud-server.md 3.7.

struct ChatRoomWhitelistAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/whitelist/add.json", "Name message types that chat rooms never drop", page: VendorPage.list)

    let objectnames: [String]

    init(_ parameters: Parameters) throws(Malformed) { self.objectnames = try parameters.objectNames("objectnames") }

    func perform(_ call: Call) async throws { try await call.add(self.objectnames, to: .neverDropped) }
}

struct ChatRoomWhitelistDelete: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/whitelist/delete.json", "Name message types that chat rooms may drop again",
        page: VendorPage.list)

    let objectnames: [String]

    init(_ parameters: Parameters) throws(Malformed) { self.objectnames = try parameters.objectNames("objectnames") }

    func perform(_ call: Call) async throws { try await call.remove(self.objectnames, from: .neverDropped) }
}

struct ChatRoomWhitelistQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/whitelist/query.json", "List message types that chat rooms never drop",
        page: VendorPage.list)

    init(_ parameters: Parameters) throws(Malformed) {}

    func perform(_ call: Call) async throws -> [String] { call.app.messageTypes(.neverDropped) }

    /// The name is the vendor's, and so is the text that stands for none.
    static func encode(_ outcome: [String], to json: inout JSONWriter) {
        json.field("whitlistMsgType", outcome.isEmpty ? [""] : outcome)
    }
}

struct ChatRoomMessagePriorityAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/message/priority/add.json", "Name message types that chat rooms drop first",
        page: VendorPage.list)

    let objectName: [String]

    init(_ parameters: Parameters) throws(Malformed) { self.objectName = try parameters.objectNames("objectName") }

    func perform(_ call: Call) async throws { try await call.add(self.objectName, to: .lowPriority) }
}

struct ChatRoomMessagePriorityRemove: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/message/priority/remove.json", "Name message types that chat rooms drop first no longer",
        page: VendorPage.list)

    let objectName: [String]

    init(_ parameters: Parameters) throws(Malformed) { self.objectName = try parameters.objectNames("objectName") }

    func perform(_ call: Call) async throws { try await call.remove(self.objectName, from: .lowPriority) }
}

struct ChatRoomMessagePriorityQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/message/priority/query.json", "List message types that chat rooms drop first",
        page: VendorPage.list)

    init(_ parameters: Parameters) throws(Malformed) {}

    func perform(_ call: Call) async throws -> [String] { call.app.messageTypes(.lowPriority) }

    static func encode(_ outcome: [String], to json: inout JSONWriter) { json.field("objectNames", outcome) }
}

// MARK: - What they share

/// The key of a list among what only this dialect knows of an App.
enum ChatRoomMessageTypes: String {
    case neverDropped = "chatRoomTypesNeverDropped"
    case lowPriority = "chatRoomTypesOfLowPriority"

    /// Of one list.
    static let limit = 100
}

extension App {
    func messageTypes(_ list: ChatRoomMessageTypes) -> [String] {
        let joined = self.credential(in: RongCloud.name)?.details[list.rawValue] ?? ""
        return joined.split(separator: ",").map(String.init)
    }

    fileprivate mutating func setMessageTypes(_ types: [String], _ list: ChatRoomMessageTypes) {
        guard let index = self.credentials.firstIndex(where: { $0.dialect == RongCloud.name }) else { return }
        self.credentials[index].details[list.rawValue] = types.isEmpty ? nil : types.joined(separator: ",")
    }
}

extension Call {
    fileprivate func add(_ types: [String], to list: ChatRoomMessageTypes) async throws {
        try await self.change(list) { known throws(Malformed) in
            let all = known + types.filter { !known.contains($0) }
            guard all.count <= ChatRoomMessageTypes.limit else {
                throw Malformed("objectName", .tooMany(limit: ChatRoomMessageTypes.limit))
            }
            return all
        }
    }

    fileprivate func remove(_ types: [String], from list: ChatRoomMessageTypes) async throws {
        try await self.change(list) { known in known.filter { !types.contains($0) } }
    }

    private func change(
        _ list: ChatRoomMessageTypes, _ change: ([String]) throws(Malformed) -> [String]
    ) async throws {
        guard var app = try await self.core.directory.app(self.app.id) else { return }
        let known = app.messageTypes(list)
        let types = try change(known)
        guard types != known else { return }
        app.setMessageTypes(types, list)
        try await self.core.directory.save(app)
    }
}

extension Parameters {
    /// Joined by commas, or repeated.
    fileprivate func objectNames(_ name: String) throws(Malformed) -> [String] {
        let names = try self.optionalIDs(name, atMost: 20, .characters(32))
        guard !names.isEmpty else { throw Malformed(name, .missing) }
        return names
    }
}
