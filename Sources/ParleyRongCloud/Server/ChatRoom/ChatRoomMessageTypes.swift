import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Which types of messages a busy chat room drops last, and which first: of what clients say, a room takes so many messages a second (the core's frequency
// control). The App's, for all of its rooms. Source: facts/rongcloud-server.md 3.7.

enum ChatRoomMessageTypes: Sendable {
    case neverDropped
    case lowPriority

    /// Of one list.
    static let limit = 100

    fileprivate var types: any WritableKeyPath<AppSettings, [String]> & Sendable {
        switch self {
        case .neverDropped: \.roomTypesNeverDropped
        case .lowPriority: \.roomTypesDroppedFirst
        }
    }
}

extension App {
    func messageTypes(_ list: ChatRoomMessageTypes) -> [String] { self.settings[keyPath: list.types] }
}

protocol ChatRoomTypeList: Sendable {
    static var types: ChatRoomMessageTypes { get }
    /// What the parameter with the types is called.
    static var parameter: String { get }
    static var adding: EndpointDescription { get }
    static var removing: EndpointDescription { get }
    static var listing: EndpointDescription { get }
    static func encode(_ types: [String], to json: inout JSONWriter)
}

struct ChatRoomTypesAdd<List: ChatRoomTypeList>: Endpoint {
    static var description: EndpointDescription { List.adding }

    let names: [String]

    init(_ parameters: Parameters) throws(Malformed) { self.names = try parameters.objectNames(List.parameter) }

    func perform(_ call: Call) async throws {
        let (names, types) = (self.names, List.types.types)
        try await call.core.directory.changeApp(call.app.id) { app in
            let known = app.settings[keyPath: types]
            let all = known + names.filter { !known.contains($0) }
            guard all.count <= ChatRoomMessageTypes.limit else {
                throw Malformed(List.parameter, .tooMany(limit: ChatRoomMessageTypes.limit))
            }
            app.settings[keyPath: types] = all
        }
    }
}

struct ChatRoomTypesRemove<List: ChatRoomTypeList>: Endpoint {
    static var description: EndpointDescription { List.removing }

    let names: [String]

    init(_ parameters: Parameters) throws(Malformed) { self.names = try parameters.objectNames(List.parameter) }

    func perform(_ call: Call) async throws {
        let (names, types) = (self.names, List.types.types)
        try await call.core.directory.changeApp(call.app.id) {
            $0.settings[keyPath: types].removeAll { names.contains($0) }
        }
    }
}

struct ChatRoomTypesQuery<List: ChatRoomTypeList>: Endpoint {
    static var description: EndpointDescription { List.listing }

    init(_ parameters: Parameters) throws(Malformed) {}

    func perform(_ call: Call) async throws -> [String] { call.app.messageTypes(List.types) }

    static func encode(_ outcome: [String], to json: inout JSONWriter) { List.encode(outcome, to: &json) }
}

extension Parameters {
    /// Joined by commas, or repeated.
    fileprivate func objectNames(_ name: String) throws(Malformed) -> [String] {
        let names = try self.optionalIDs(name, atMost: 20, .characters(32))
        guard !names.isEmpty else { throw Malformed(name, .missing) }
        return names
    }
}

// MARK: - The lists

enum ChatRoomTypesNeverDropped: ChatRoomTypeList {
    static let types = ChatRoomMessageTypes.neverDropped
    static let parameter = "objectnames"
    static let adding = EndpointDescription(
        "POST", "/chatroom/whitelist/add.json", "Name message types that chat rooms never drop", page: VendorPage.list)
    static let removing = EndpointDescription(
        "POST", "/chatroom/whitelist/delete.json", "Name message types that chat rooms may drop again",
        page: VendorPage.list)
    static let listing = EndpointDescription(
        "POST", "/chatroom/whitelist/query.json", "List message types that chat rooms never drop",
        page: VendorPage.list)

    /// The name is the vendor's, and so is the text that stands for none.
    static func encode(_ types: [String], to json: inout JSONWriter) {
        json.field("whitlistMsgType", types.isEmpty ? [""] : types)
    }
}

enum ChatRoomTypesOfLowPriority: ChatRoomTypeList {
    static let types = ChatRoomMessageTypes.lowPriority
    static let parameter = "objectName"
    static let adding = EndpointDescription(
        "POST", "/chatroom/message/priority/add.json", "Name message types that chat rooms drop first",
        page: VendorPage.list)
    static let removing = EndpointDescription(
        "POST", "/chatroom/message/priority/remove.json", "Name message types that chat rooms drop first no longer",
        page: VendorPage.list)
    static let listing = EndpointDescription(
        "POST", "/chatroom/message/priority/query.json", "List message types that chat rooms drop first",
        page: VendorPage.list)

    static func encode(_ types: [String], to json: inout JSONWriter) { json.field("objectNames", types) }
}
