import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// One call of the console's API, as its route sees it.
struct Visit: Sendable {
    let console: Console
    let request: WireRequest
    /// The `{…}` of the route's path, percent-decoded.
    let path: [String: String]
    let query: Form
    /// An object; empty where none was sent.
    let body: JSON

    var context: ConsoleContext { self.console.context }
    var core: Core { self.context.core }

    init(
        _ request: WireRequest, path: [String: String], to console: Console
    ) throws(Refusal) {
        self.console = console
        self.request = request
        self.path = path
        do { self.query = try Form(query: request.query) } catch {
            throw .badField("the query", "is not UTF-8")
        }
        do { self.body = try JSON(parsing: request.body.isEmpty ? Array("{}".utf8) : request.body) } catch {
            throw .badField("the body", "is not JSON (byte \(error.offset))")
        }
        guard self.body.kind == .object else { throw .badField("the body", "is not a JSON object") }
    }

    // MARK: What is asked for

    func app() async throws -> App {
        guard let app = try await self.core.directory.app(AppID(self.path["app"] ?? "")) else {
            throw Refusal(.notFound, .unknownApp, "There is no App '\(self.path["app"] ?? "")'.")
        }
        return app
    }

    var user: UserID { UserID(self.path["user"] ?? "") }
    var group: GroupID { GroupID(self.path["group"] ?? "") }

    func knownUser(in app: App) async throws -> User {
        guard let user = try await self.core.directory.user(self.user, in: app.id) else {
            throw Refusal(.notFound, .unknownUser, "There is no user '\(self.user)'.")
        }
        return user
    }

    func knownGroup(in app: App) async throws -> GroupSnapshot {
        guard let group = try await self.core.directory.group(self.group, in: app.id) else {
            throw Refusal(.notFound, .unknownGroup, "There is no group '\(self.group)'.")
        }
        return group
    }

    /// - Throws: when it is there and no number; what is out of range is brought into it.
    func number(_ name: String, default value: Int, in range: ClosedRange<Int>) throws(Refusal) -> Int {
        guard let text = self.query[name] else { return value }
        guard let number = Int(text) else { throw .badField(name, "is not a whole number") }
        return min(max(number, range.lowerBound), range.upperBound)
    }

    // MARK: What is sent

    func text(_ name: String) throws(Refusal) -> String {
        guard let text = try self.optionalText(name) else { throw .badField(name, "is missing") }
        return text
    }

    /// Nil, where it is absent, null or empty.
    func optionalText(_ name: String) throws(Refusal) -> String? {
        guard let json = self.body[name], !json.isNull else { return nil }
        guard let text = json.string else { throw .badField(name, "is not a string") }
        return text.isEmpty ? nil : text
    }

    func optionalNumber(_ name: String) throws(Refusal) -> Int64? {
        guard let json = self.body[name], !json.isNull else { return nil }
        guard let number = json.int else { throw .badField(name, "is not a whole number") }
        return number
    }

    /// None, where it is absent.
    func texts(_ name: String) throws(Refusal) -> [String] {
        guard let json = self.body[name], !json.isNull else { return [] }
        guard let elements = json.array else { throw .badField(name, "is not an array") }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string, !text.isEmpty else { throw .badField(name, "has what is no string") }
            texts.append(text)
        }
        return texts
    }

    /// `seconds` from now on; 0 or nothing: for good.
    func until() throws(Refusal) -> Timestamp {
        let seconds = try self.optionalNumber("seconds") ?? 0
        guard seconds >= 0 else { throw .badField("seconds", "is less than 0") }
        return seconds == 0 ? .distantFuture : self.core.clock.now().adding(seconds: seconds)
    }
}
