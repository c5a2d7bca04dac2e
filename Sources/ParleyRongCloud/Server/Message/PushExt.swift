import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// `pushExt`: how the push of a message looks, per push provider. Kept as it was written for those who will send it;
/// checked here, where the caller still listens.
///
/// Source: the table on the group publish page (seeds/rongcloud-group-publish.txt). Providers and fields that are not
/// in it are left alone.
struct PushExt: Hashable, Sendable {
    var title: String?
    /// One JSON object.
    var raw: [UInt8]

    private static let name = "pushExt"

    /// - Throws: `Malformed` naming the field, as `pushExt.pushConfigs.HW.importance`.
    init(_ text: String) throws(Malformed) {
        let json = try Self.object(text)
        self.raw = Array(json.raw)
        self.title = try json.field("title", in: Self.name, .text)
        if let title = self.title { try Length.characters(50).check(title, of: "\(Self.name).title") }
        _ = try json.field("templateId", in: Self.name, .text)
        _ = try json.field("forceShowPushContent", in: Self.name, .oneOf(["0", "1"]))
        try Self.checkConfigs(json["pushConfigs"])
    }

    /// Some callers escape the object once more, as the page can be read to ask.
    private static func object(_ text: String) throws(Malformed) -> JSON {
        guard var json = try? JSON(parsing: text) else { throw Malformed(Self.name, .invalid) }
        if let inner = json.string, let parsed = try? JSON(parsing: inner) { json = parsed }
        guard json.kind == .object else { throw Malformed(Self.name, .invalid) }
        return json
    }

    private static func checkConfigs(_ configs: JSON?) throws(Malformed) {
        guard let configs, !configs.isNull else { return }
        let path = "\(Self.name).pushConfigs"
        guard let list = configs.array else { throw Malformed(path, .invalid) }
        for config in list {
            guard let providers = config.members else { throw Malformed(path, .invalid) }
            for (provider, fields) in providers {
                guard let rules = Self.rules[provider] else { continue }
                guard fields.kind == .object else { throw Malformed("\(path).\(provider)", .invalid) }
                for (field, rule) in rules.sorted(by: { $0.key < $1.key }) {
                    _ = try fields.field(field, in: "\(path).\(provider)", rule)
                }
                // A category of vivo's is only valid in the class that it belongs to.
                if provider == "VIVO", fields.has("category"), !fields.has("classification") {
                    throw Malformed("\(path).VIVO.classification", .missing)
                }
            }
        }
    }

    private static let rules: [String: [String: Rule]] = [
        "HONOR": ["importance": .oneOf(["NORMAL", "LOW"]), "image": .secureURL],
        "HW": [
            "channelId": .text, "importance": .oneOf(["NORMAL", "LOW"]), "image": .secureURL, "category": .upperCase,
        ],
        "MI": ["channelId": .text, "large_icon_uri": .text],
        "OPPO": ["channelId": .text, "category": .text, "notify_level": .oneOf(["1", "2", "16"])],
        "VIVO": ["classification": .oneOf(["0", "1"]), "category": .text],
        "APNs": [
            "thread-id": .text, "apns-collapse-id": .text, "richMediaUri": .text,
            "interruption-level": .oneOf(["passive", "active", "time-sensitive", "critical"]),
        ],
        "FCM": ["channelId": .text, "collapse_key": .text, "imageUrl": .text],
        "OHOS": ["category": .text, "image": .secureURL],
    ]

    /// What a field may hold. Numbers count as their texts, since callers mix the two.
    enum Rule: Hashable, Sendable {
        case text
        case oneOf([String])
        case secureURL
        case upperCase

        func allows(_ text: String) -> Bool {
            switch self {
            case .text: true
            case .oneOf(let values): values.contains(text)
            case .secureURL: text.lowercased().hasPrefix("https://")
            case .upperCase: text == text.uppercased()
            }
        }
    }
}

extension JSON {
    fileprivate func has(_ key: String) -> Bool { self[key]?.scalarText.map { !$0.isEmpty } ?? false }

    /// Nil when it is absent, null or empty.
    fileprivate func field(_ key: String, in path: String, _ rule: PushExt.Rule) throws(Malformed) -> String? {
        guard let value = self[key], !value.isNull else { return nil }
        guard let text = value.scalarText else { throw Malformed("\(path).\(key)", .invalid) }
        guard !text.isEmpty else { return nil }
        guard rule.allows(text) else { throw Malformed("\(path).\(key)", .invalid) }
        return text
    }
}
