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
    /// Of what is said to whoever asks.
    var language: Wording.Language { Wording.Language(of: self.request) }

    init(
        _ request: WireRequest, path: [String: String], to console: Console
    ) throws(Refusal) {
        self.console = console
        self.request = request
        self.path = path
        do { self.query = try Form(query: request.query) } catch {
            throw .badField("the query", Wording("is not UTF-8", "不是 UTF-8"))
        }
        do { self.body = try JSON(parsing: request.body.isEmpty ? Array("{}".utf8) : request.body) } catch {
            throw .badField("the body", Wording("is not JSON (byte \(error.offset))", "不是 JSON（第 \(error.offset) 字节）"))
        }
        guard self.body.kind == .object else {
            throw .badField("the body", Wording("is not a JSON object", "不是 JSON 对象"))
        }
    }

    // MARK: What is asked for

    func app() async throws -> App {
        guard let app = try await self.core.directory.app(AppID(self.path["app"] ?? "")) else {
            throw Refusal(
                .notFound, .unknownApp,
                Wording("There is no App '\(self.path["app"] ?? "")'.", "没有应用“\(self.path["app"] ?? "")”。"))
        }
        return app
    }

    var user: UserID { UserID(self.path["user"] ?? "") }
    var group: GroupID { GroupID(self.path["group"] ?? "") }

    func knownUser(in app: App) async throws -> User {
        guard let user = try await self.core.directory.user(self.user, in: app.id) else {
            throw Refusal(.notFound, .unknownUser, Wording("There is no user '\(self.user)'.", "没有用户“\(self.user)”。"))
        }
        return user
    }

    func knownGroup(in app: App) async throws -> GroupSnapshot {
        guard let group = try await self.core.directory.group(self.group, in: app.id) else {
            throw Refusal(
                .notFound, .unknownGroup, Wording("There is no group '\(self.group)'.", "没有群组“\(self.group)”。"))
        }
        return group
    }

    /// - Throws: when it is there and no number; what is out of range is brought into it.
    func number(_ name: String, default value: Int, in range: ClosedRange<Int>) throws(Refusal) -> Int {
        guard let text = self.query[name] else { return value }
        guard let number = Int(text) else { throw .badField(name, Wording("is not a whole number", "不是整数")) }
        return min(max(number, range.lowerBound), range.upperBound)
    }

    // MARK: What is sent

    func text(_ name: String) throws(Refusal) -> String {
        guard let text = try self.optionalText(name) else { throw .badField(name, Wording("is missing", "缺失")) }
        return text
    }

    /// Nil, where it is absent, null or empty.
    func optionalText(_ name: String) throws(Refusal) -> String? {
        guard let json = self.body[name], !json.isNull else { return nil }
        guard let text = json.string else { throw .badField(name, Wording("is not a string", "不是字符串")) }
        return text.isEmpty ? nil : text
    }

    func optionalNumber(_ name: String) throws(Refusal) -> Int64? {
        guard let json = self.body[name], !json.isNull else { return nil }
        guard let number = json.int else { throw .badField(name, Wording("is not a whole number", "不是整数")) }
        return number
    }

    /// None, where it is absent.
    func texts(_ name: String) throws(Refusal) -> [String] {
        guard let json = self.body[name], !json.isNull else { return [] }
        guard let elements = json.array else { throw .badField(name, Wording("is not an array", "不是数组")) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string, !text.isEmpty else {
                throw .badField(name, Wording("has what is no string", "含有非字符串的元素"))
            }
            texts.append(text)
        }
        return texts
    }

    /// `seconds` from now on; 0 or nothing: for good.
    func until() throws(Refusal) -> Timestamp {
        let seconds = try self.optionalNumber("seconds") ?? 0
        guard seconds >= 0 else { throw .badField("seconds", Wording("is less than 0", "小于 0")) }
        return seconds == 0 ? .distantFuture : self.core.clock.now().adding(seconds: seconds)
    }
}

extension Wording.Language {
    /// The first of `Accept-Language` that is spoken here (RFC 9110, 12.5.4, but for weights: browsers send them in falling order).
    init(of request: WireRequest) {
        let wanted = (request.header("Accept-Language") ?? "").split(separator: ",").lazy.compactMap { range in
            Wording.Language(rawValue: range.trimmingSpaces().prefix { $0.isLetter }.lowercased())
        }
        self = wanted.first ?? .english
    }
}
