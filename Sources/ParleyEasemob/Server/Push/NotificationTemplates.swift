import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Titles and texts with gaps, that messages and users name. Source: facts/easemob-server.md 3.2. The vendor's have no language.

/// What is there already is replaced.
struct CreateNotificationTemplate: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/notification/template", "Make a template of pushes",
        page: "创建离线推送模板 (push_template_create)")
    static let callsPerSecond = 10
    static let area = Area.push

    let name: String
    let title: String
    let text: String

    init(_ call: Call) throws {
        let json = try call.object()
        self.name = try PushTemplate.checked(name: json.text("name") ?? "", "name")
        guard let title = try json.pattern("title_pattern") else { throw Malformed("title_pattern", .missing) }
        guard let text = try json.pattern("content_pattern") else { throw Malformed("content_pattern", .missing) }
        self.title = title
        self.text = text
    }

    func perform(_ call: Call) async throws -> PushTemplate {
        let existing = try await call.template(self.name)
        let template = PushTemplate(
            name: self.name, language: existing?.language ?? "", title: self.title, text: self.text,
            createdAt: existing?.createdAt ?? call.now, updatedAt: call.now)
        try await call.core.push.save(template, in: call.app.id)
        return template
    }

    func encode(_ template: PushTemplate, _ call: Call) -> Answer { .template(template) }
}

struct GetNotificationTemplate: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/notification/template/{name}", "Get a template of pushes",
        page: "查询离线推送模板 (push_template_query)")
    static let callsPerSecond = 10
    static let area = Area.push

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> PushTemplate { try await call.existingTemplate(call.parameter("name")) }

    func encode(_ template: PushTemplate, _ call: Call) -> Answer { .template(template) }
}

struct ChangeNotificationTemplate: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/notification/template/{name}", "Change a template of pushes",
        page: "修改离线推送模板 (push_template_modify)")
    static let callsPerSecond = 10
    static let area = Area.push

    /// Nil: as it is.
    let title: String?
    let text: String?

    init(_ call: Call) throws {
        let json = try call.object()
        self.title = try json.pattern("title_pattern")
        self.text = try json.pattern("content_pattern")
    }

    func perform(_ call: Call) async throws -> PushTemplate {
        var template = try await call.existingTemplate(call.parameter("name"))
        if let title = self.title { template.title = title }
        if let text = self.text { template.text = text }
        template.updatedAt = call.now
        try await call.core.push.save(template, in: call.app.id)
        return template
    }

    func encode(_ template: PushTemplate, _ call: Call) -> Answer { .template(template) }
}

struct DeleteNotificationTemplate: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/notification/template/{name}", "Delete a template of pushes",
        page: "删除离线推送模板 (push_template_delete)")
    static let callsPerSecond = 10
    static let area = Area.push

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> PushTemplate {
        let template = try await call.existingTemplate(call.parameter("name"))
        try await call.core.push.deletePushTemplate(template.name, in: call.app.id)
        return template
    }

    func encode(_ template: PushTemplate, _ call: Call) -> Answer { .template(template) }
}

// MARK: Whose pushes are made from which

/// An empty name takes the choice back.
struct SetUserNotificationTemplate: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/users/{username}/notification/template", "Choose a user's template of pushes",
        page: "设置接收方配置模板名称 (push_template_recipient)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.push

    let template: String?

    init(_ call: Call) throws {
        guard let name = try call.object().text("templateName") else { throw Malformed("templateName", .missing) }
        self.template = name.isEmpty ? nil : try PushTemplate.checked(name: name, "templateName")
    }

    func perform(_ call: Call) async throws {
        let user = try await call.existingUser(call.user())
        if let template = self.template { _ = try await call.existingTemplate(template) }
        try await call.core.push.changePushPreferences(of: user.id, for: .everywhere, in: call.app.id) {
            $0.template = self.template
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .templateName(self.template) }
}

struct GetUserNotificationTemplate: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/notification/template", "Get a user's template of pushes",
        page: "获取接收方配置模板名称 (push_template_recipient)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.push

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> String? {
        let user = try await call.existingUser(call.user())
        return try await call.core.push.pushPreferences(of: user.id, in: call.app.id)[.everywhere]?.template
    }

    func encode(_ template: String?, _ call: Call) -> Answer { .templateName(template) }
}

// MARK: Reading and writing them

extension PushTemplate {
    private static let maximumNameCharacters = 64

    /// ASCII letters and digits.
    fileprivate static func checked(name: String, _ field: String) throws(Malformed) -> String {
        let isLegal = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard isLegal, (1...self.maximumNameCharacters).contains(name.utf8.count) else {
            throw Malformed(field, .invalid)
        }
        return name
    }
}

extension JSON {
    fileprivate func pattern(_ name: String) throws(Malformed) -> String? {
        let maximumBytes = 4096
        guard let text = try self.text(name) else { return nil }
        guard text.utf8.count <= maximumBytes else { throw Malformed(name, .tooLong(limit: maximumBytes)) }
        return text
    }
}

extension Call {
    /// Of a name that has several languages, made elsewhere, the one without.
    fileprivate func template(_ name: String) async throws -> PushTemplate? {
        let templates = try await self.core.push.pushTemplates(name, in: self.app.id)
        return templates.first { $0.language.isEmpty } ?? templates.first
    }

    fileprivate func existingTemplate(_ name: String) async throws -> PushTemplate {
        guard let template = try await self.template(name) else { throw Refusal.templateNotFound(name) }
        return template
    }
}

extension Answer {
    fileprivate static func template(_ template: PushTemplate) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("name", template.name)
                json.field("createAt", template.createdAt.milliseconds)
                json.field("updateAt", template.updatedAt.milliseconds)
                json.field("title_pattern", template.title)
                json.field("content_pattern", template.text)
            }
        }
    }

    fileprivate static func templateName(_ name: String?) -> Answer {
        var answer = Answer.data { json in json.object { $0.field("templateName", name ?? "") } }
        answer.path = "/users"
        return answer
    }
}
