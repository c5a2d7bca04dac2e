import ParleyCore
import ParleyJSON

/// Apps and their credentials in SQL.
extension SQLConnection {
    func apps() throws -> [App] {
        var apps = try self.all("SELECT id, settings, created_at FROM apps ORDER BY created_at, id") { row in
            App(
                id: AppID(row.text(0)), credentials: [], settings: try AppSettings(stored: row.text(1)),
                createdAt: row.time(2))
        }
        for index in apps.indices { apps[index].credentials = try self.credentials(of: apps[index].id) }
        return apps
    }

    func app(_ id: AppID) throws -> App? {
        let app = try self.first("SELECT settings, created_at FROM apps WHERE id = ?", [.text(id)]) { row in
            App(id: id, credentials: [], settings: try AppSettings(stored: row.text(0)), createdAt: row.time(1))
        }
        guard var app else { return nil }
        app.credentials = try self.credentials(of: id)
        return app
    }

    func app(dialect: DialectName, key: String) throws -> App? {
        let owner = try self.first(
            "SELECT app FROM credentials WHERE dialect = ? AND key = ?", [.text(dialect), .text(key)]
        ) { AppID($0.text(0)) }
        return try owner.flatMap { try self.app($0) }
    }

    private func credentials(of app: AppID) throws -> [Credential] {
        try self.all(
            "SELECT dialect, key, secret, details FROM credentials WHERE app = ? ORDER BY place", [.text(app)]
        ) { row in
            Credential(
                dialect: DialectName(row.text(0)), key: row.text(1), secret: row.text(2),
                details: try Attributes.decode(row.text(3)))
        }
    }

    /// - Throws: ``StoreFault/credentialTaken(dialect:key:)``.
    func save(_ app: App) throws {
        let before = try self.app(app.id)?.settings ?? AppSettings()
        try self.beginAtEnd(
            Set(app.settings.callbacks.map(\.name)).subtracting(before.callbacks.map(\.name)), in: app.id)
        try self.beginPushAtEnd(
            Set(app.settings.pushProviders.map(\.name)).subtracting(before.pushProviders.map(\.name)), in: app.id)
        try self.run(
            """
            INSERT INTO apps (id, settings, created_at) VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, created_at = excluded.created_at
            """, [.text(app.id), .text(app.settings.stored), .time(app.createdAt)])
        try self.run("DELETE FROM credentials WHERE app = ?", [.text(app.id)])
        for (place, credential) in app.credentials.enumerated() {
            let inserted = try self.run(
                """
                INSERT INTO credentials (dialect, key, app, place, secret, details) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (dialect, key) DO NOTHING
                """,
                [
                    .text(credential.dialect), .text(credential.key), .text(app.id), .int(place),
                    .text(credential.secret), .text(Attributes.encode(credential.details)),
                ])
            guard inserted == 1 else {
                throw StoreFault.credentialTaken(dialect: credential.dialect.rawValue, key: credential.key)
            }
        }
    }
}

extension AppSettings {
    fileprivate var stored: String {
        let bytes = JSONWriter.object { json in
            json.field("offlineRetentionSeconds", self.offlineRetentionSeconds)
            json.field("recallWindowSeconds", self.recallWindowSeconds)
            json.field("keepsTargetedHistory", self.keepsTargetedHistory)
            json.field("devices", self.devices.rawValue)
            json.field("rates") { json in
                json.object { json in
                    for (name, rate) in self.rates.sorted(by: { $0.key < $1.key }) { json.field(name, rate) }
                }
            }
            if !self.callbacks.isEmpty {
                json.field("callbacks") { $0.array(self.callbacks) { $1.write(to: &$0) } }
            }
            if !self.callbackNetworks.isEmpty { json.field("callbackNetworks", self.callbackNetworks) }
            if !self.pushProviders.isEmpty {
                json.field("pushProviders") { $0.array(self.pushProviders) { $1.write(to: &$0) } }
            }
            json.field("pushOffsetMinutes", self.pushOffsetMinutes)
            json.field("largestPushedGroup", self.largestPushedGroup)
            json.field("roomIdleSeconds", self.roomIdleSeconds)
            if !self.roomTypesNeverDropped.isEmpty { json.field("roomTypesNeverDropped", self.roomTypesNeverDropped) }
            if !self.roomTypesDroppedFirst.isEmpty { json.field("roomTypesDroppedFirst", self.roomTypesDroppedFirst) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate init(stored: String) throws {
        guard let json = try? JSON(parsing: stored) else { throw StoreFault.unreadable("settings of an app") }
        self.init()
        self.offlineRetentionSeconds = json["offlineRetentionSeconds"]?.int ?? self.offlineRetentionSeconds
        self.recallWindowSeconds = json["recallWindowSeconds"]?.int ?? self.recallWindowSeconds
        self.keepsTargetedHistory = json["keepsTargetedHistory"]?.bool ?? self.keepsTargetedHistory
        self.devices = json["devices"]?.string.flatMap(DevicePolicy.init(rawValue:)) ?? self.devices
        for (name, rate) in json["rates"]?.members ?? [] { self.rates[name] = rate.int.map { Int($0) } }
        self.callbacks = json["callbacks"]?.array?.compactMap(CallbackRule.init(stored:)) ?? []
        self.callbackNetworks = json["callbackNetworks"]?.array?.compactMap { $0.string } ?? []
        self.pushProviders = json["pushProviders"]?.array?.compactMap(PushProvider.init(stored:)) ?? []
        self.pushOffsetMinutes = json["pushOffsetMinutes"]?.int.map { Int($0) } ?? self.pushOffsetMinutes
        self.largestPushedGroup = json["largestPushedGroup"]?.int.map { Int($0) } ?? self.largestPushedGroup
        self.roomIdleSeconds = json["roomIdleSeconds"]?.int ?? self.roomIdleSeconds
        self.roomTypesNeverDropped = json["roomTypesNeverDropped"]?.array?.compactMap { $0.string } ?? []
        self.roomTypesDroppedFirst = json["roomTypesDroppedFirst"]?.array?.compactMap { $0.string } ?? []
    }
}

extension CallbackRule {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("name", self.name)
            json.field("dialect", self.dialect.rawValue)
            json.field("url", self.url)
            json.field("topics", self.topics.map(\.rawValue).sorted())
            if let secret = self.secret { json.field("secret", secret) }
            if let origins = self.origins { json.field("origins", origins.map(\.rawValue).sorted()) }
            json.field("whenUnanswered", self.whenUnanswered.rawValue)
            if let milliseconds = self.timeoutMilliseconds { json.field("timeoutMilliseconds", milliseconds) }
            if let attempts = self.attempts { json.field("attempts", attempts) }
            if self.groupForm != .current { json.field("groupForm", self.groupForm.rawValue) }
            if let route = self.route { json.field("route", route) }
            if !self.filter.senders.isEmpty { json.field("senders", self.filter.senders.sorted()) }
            if !self.filter.destinations.isEmpty { json.field("destinations", self.filter.destinations.sorted()) }
            if !self.filter.attachedKeys.isEmpty { json.field("attachedKeys", self.filter.attachedKeys.sorted()) }
            json.field("isOn", self.isOn)
        }
    }

    /// What a later version knows beside it is passed over.
    fileprivate init?(stored json: JSON) {
        guard let name = json["name"]?.string, let dialect = json["dialect"]?.string, let url = json["url"]?.string
        else { return nil }
        let topics = json["topics"]?.array?.compactMap { $0.string.flatMap(CallbackTopic.init(rawValue:)) }
        self.init(name: name, dialect: DialectName(dialect), url: url, topics: Set(topics ?? []))
        self.secret = json["secret"]?.string
        self.origins = json["origins"]?.array.map {
            Set($0.compactMap { $0.string.flatMap(MessageOrigin.init(rawValue:)) })
        }
        self.whenUnanswered =
            json["whenUnanswered"]?.string.flatMap(WhenUnanswered.init(rawValue:)) ?? self.whenUnanswered
        self.timeoutMilliseconds = json["timeoutMilliseconds"]?.int
        self.attempts = json["attempts"]?.int.map { Int($0) }
        self.groupForm = json["groupForm"]?.string.flatMap(GroupForm.init(rawValue:)) ?? self.groupForm
        self.route = json["route"]?.string
        func set(_ name: String) -> Set<String> { Set(json[name]?.array?.compactMap(\.string) ?? []) }
        self.filter.senders = set("senders")
        self.filter.destinations = set("destinations")
        self.filter.attachedKeys = set("attachedKeys")
        self.isOn = json["isOn"]?.bool ?? self.isOn
    }
}

extension PushProvider {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("name", self.name)
            json.field("kind", self.kind.rawValue)
            if !self.aliases.isEmpty { json.field("aliases", self.aliases) }
            if let url = self.url { json.field("url", url) }
            json.field("account") { json in
                json.object { json in
                    for (name, value) in self.account.sorted(by: { $0.key < $1.key }) { json.field(name, value) }
                }
            }
            if let timeout = self.timeoutMilliseconds { json.field("timeout", timeout) }
            json.field("isOn", self.isOn)
        }
    }

    /// One of a kind that only a later version knows is passed over.
    fileprivate init?(stored json: JSON) {
        guard let name = json["name"]?.string, let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:))
        else { return nil }
        self.init(name: name, kind: kind, aliases: json["aliases"]?.array?.compactMap { $0.string } ?? [])
        self.url = json["url"]?.string
        for (name, value) in json["account"]?.members ?? [] { self.account[name] = value.string }
        self.timeoutMilliseconds = json["timeout"]?.int
        self.isOn = json["isOn"]?.bool ?? self.isOn
    }
}

/// A dictionary of texts in one column, as a JSON object. Most are empty.
enum Attributes {
    static func encode(_ attributes: [String: String]) -> String {
        guard !attributes.isEmpty else { return "" }
        let bytes = JSONWriter.object { json in
            for (key, value) in attributes.sorted(by: { $0.key < $1.key }) { json.field(key, value) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func decode(_ text: String) throws -> [String: String] {
        guard !text.isEmpty else { return [:] }
        guard let members = (try? JSON(parsing: text))?.members else { throw StoreFault.unreadable("attributes") }
        var attributes: [String: String] = [:]
        for (key, value) in members { attributes[key] = value.string }
        return attributes
    }
}
