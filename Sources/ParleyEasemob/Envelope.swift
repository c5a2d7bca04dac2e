import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What an endpoint says. Most answers are the vendor's envelope: the endpoint's own members among those that say what was called.
struct Answer: Sendable {
    enum Shape: Sendable {
        case envelope
        /// The members alone.
        case bare
        /// With nothing but the time beside the members.
        case timed
        case bytes(WireResponse)
    }

    var shape = Shape.envelope
    /// Nil: the method, in lower case.
    var action: String?
    /// Nil: the path that was called, from after org and app. The vendor names a shorter one here and there.
    var path: String?
    private var members: [(name: String, value: [UInt8])] = []

    init(_ shape: Shape = .envelope) { self.shape = shape }

    static func data(_ write: (inout JSONWriter) -> Void) -> Answer { Answer().with("data", write) }

    static func entities<Entity>(_ entities: [Entity], _ write: (inout JSONWriter, Entity) -> Void) -> Answer {
        Answer().with("entities") { $0.array(entities, write) }
    }

    func with(_ name: String, _ write: (inout JSONWriter) -> Void) -> Answer {
        var json = JSONWriter(capacity: 64)
        write(&json)
        var answer = self
        answer.members.append((name, json.bytes))
        return answer
    }

    func count(_ count: Int) -> Answer { self.with("count") { $0.int(count) } }
    func noEntities() -> Answer { self.with("entities") { $0.array { _ in } } }

    /// Where the next page begins; absent on the last one.
    func cursor(_ id: String?) -> Answer {
        guard let id else { return self }
        return self.with("cursor") { $0.string(Self.cursorText(id)) }
    }

    static func cursorText(_ id: String) -> String { Base64.url.encoded(Array(id.utf8)) }

    /// The query again, as the vendor shows it: `"params":{"limit":["2"]}`.
    func params(_ query: Form) -> Answer {
        self.with("params") { json in
            json.object { json in
                for (name, values) in query.grouped { json.field(name, values) }
            }
        }
    }

    func response(to call: Call) -> WireResponse {
        if case .bytes(let response) = self.shape { return response }
        let body = JSONWriter.object { json in
            if case .envelope = self.shape {
                json.field("action", self.action ?? call.request.method.rawValue.lowercased())
                json.field("application", call.easemob.apps.uuid(of: call.app.id))
                json.field("applicationName", call.target.applicationName)
                json.field("organization", call.target.organization)
                json.field("path", self.path ?? call.target.path)
                json.field("uri", call.uri)
            } else if let action = self.action {
                json.field("action", action)
            }
            for member in self.members { json.field(member.name, raw: member.value) }
            if case .bare = self.shape { return }
            let now = call.now
            json.field("timestamp", now.milliseconds)
            json.field("duration", max(0, now.milliseconds - call.request.receivedAt.milliseconds))
        }
        return WireResponse(contentType: "application/json;charset=UTF-8", body: body)
    }
}

extension Form {
    /// Values by name, in the order the names first appear.
    fileprivate var grouped: [(name: String, values: [String])] {
        var groups: [(name: String, values: [String])] = []
        for field in self.fields {
            if let index = groups.firstIndex(where: { $0.name == field.name }) {
                groups[index].values.append(field.value)
            } else {
                groups.append((field.name, [field.value]))
            }
        }
        return groups
    }
}
