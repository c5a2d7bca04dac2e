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
