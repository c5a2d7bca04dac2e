import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The keys of `ext` that begin with `em_`, as far as pushes go, as they were kept. What is of a wrong type, or empty, means nothing.
struct PushKeys {
    private let keys: JSON?
    /// For every phone.
    let title: String?
    let text: String?

    /// What is in the message's push options counts where it is not only Apple's: a callback may have replaced it since.
    init(_ message: Message) {
        let native = message.native.dialect == Easemob.name ? message.options.push.native : nil
        let keys = native.flatMap { try? JSON(parsing: $0) }
        let general = keys?["em_push_ext"]
        let apns = keys?["em_apns_ext"]
        func ofAll(_ kept: String?, _ general: String?, _ apns: String?) -> String? {
            general == nil && kept == apns ? nil : kept.flatMap { $0.isEmpty ? nil : $0 }
        }
        self.keys = keys
        let push = message.options.push
        self.title = ofAll(push.title, general?["title"]?.string, apns?["em_push_title"]?.string)
        self.text = ofAll(push.text, general?["content"]?.string, apns?["em_push_content"]?.string)
    }

    var apns: JSON? { self.keys?["em_apns_ext"] }
    var android: JSON? { self.keys?["em_android_push_ext"] }
    var harmony: JSON? { self.keys?["em_harmony_push_ext"] }
    var isForced: Bool { self.keys?["em_force_notification"]?.bool ?? false }

    /// The sender's name in the group.
    var nickname: String? { self.keys?["em_push_ext"]?.said("group_user_nickname") }

    /// `e`: `custom`, or what older apps have for Apple's phones.
    var attached: JSON? {
        let attached = self.keys?["em_push_ext"]?["custom"] ?? self.apns?["extern"]
        return attached.flatMap { $0.isNull ? nil : $0 }
    }

    // MARK: Templates

    struct Arguments: Hashable {
        var name: String?
        var titles: [String]
        var texts: [String]

        init(_ json: JSON) {
            self.name = json.said("name")
            self.titles = (json["title_args"]?.array ?? []).map { $0.string ?? $0.text }
            self.texts = (json["content_args"]?.array ?? []).map { $0.string ?? $0.text }
        }
    }

    var template: Arguments? { self.keys?["em_push_template"].map { Arguments($0) } }

    var directed: (targets: [UserID], arguments: Arguments)? {
        guard let json = self.keys?["em_push_template"]?["directed_template"] else { return nil }
        let targets = (json["target"]?.array ?? []).compactMap { $0.string.map { UserID(easemob: $0) } }
        return (targets, Arguments(json))
    }

    var disablesMentionText: Bool { self.keys?["em_push_template"]?["disable_at_content"]?.bool ?? false }

    // MARK: Whom

    var filter: PushFilter? {
        guard let json = self.keys?["em_push_filter"] else { return nil }
        func names(_ key: String) -> Set<String> { Set((json[key]?.array ?? []).compactMap(\.string)) }
        let filter = PushFilter(
            devices: names("accept_device_id"), exceptDevices: names("ignore_device_id"),
            providers: names("accept_notifier_name"), exceptProviders: names("ignore_notifier_name"))
        return filter == PushFilter() ? nil : filter
    }
}

extension JSON {
    /// A text, or how a number is written; nil for anything else, and when it is empty.
    func said(_ key: String) -> String? {
        guard let value = self[key] else { return nil }
        switch value.kind {
        case .string: return value.string.flatMap { $0.isEmpty ? nil : $0 }
        case .number: return value.text
        case .null, .bool, .array, .object: return nil
        }
    }

    /// A number, or a text that is one.
    func whole(_ key: String) -> Int? { self.said(key).flatMap { Int($0) } }
}
