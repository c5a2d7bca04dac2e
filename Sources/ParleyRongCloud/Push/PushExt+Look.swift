import ParleyCore
import ParleyDialectKit
import ParleyJSON

// `pushExt`, as it was kept. It was checked when it came (``PushExt``), but what is in the log may be older than the checks: what cannot be read is
// passed over.

extension Message {
    /// Nil also when another dialect wrote what is there.
    var keptPushExt: JSON? {
        guard self.native.dialect == RongCloud.name, let native = self.options.push.native else { return nil }
        return try? JSON(parsing: native)
    }
}

extension PushLook {
    /// Source: the table in seeds/rongcloud-group-publish.txt.
    mutating func apply(pushExt json: JSON) {
        self.overridesHiding = json.said("forceShowPushContent") == "1"
        for config in json["pushConfigs"]?.array ?? [] {
            for (provider, fields) in config.members ?? [] { self.apply(fields, of: provider) }
        }
        // It stands for the notice in the phone's list: the same again takes its place.
        guard let id = json.said("pushId") else { return }
        for kind in [PushProvider.Kind.huawei, .xiaomi] { self.at(kind) { $0.collapseID = id } }
    }

    private mutating func apply(_ json: JSON, of provider: String) {
        switch provider {
        case "APNs":
            self.threadID = json.said("thread-id")
            self.interruptionLevel = json.said("interruption-level")
            // The app shows the picture, and has to be asked for that.
            if json.said("richMediaUri") != nil { self.isMutable = true }
            self.at(.apns) {
                $0.collapseID = json.said("apns-collapse-id")
                $0.image = json.said("richMediaUri")
            }
        case "FCM":
            self.at(.fcm) {
                $0.channel = json.said("channelId")
                $0.collapseID = json.said("collapse_key")
                $0.image = json.said("imageUrl")
            }
        case "HW":
            self.at(.huawei) {
                $0.channel = json.said("channelId")
                $0.importance = json.said("importance")
                $0.image = json.said("image")
                $0.category = json.said("category")
            }
        case "HONOR":
            self.at(.honor) {
                $0.importance = json.said("importance")
                $0.image = json.said("image")
            }
        case "OHOS":
            self.at(.harmony) {
                $0.category = json.said("category")
                $0.image = json.said("image")
            }
        case "MI":
            self.at(.xiaomi) {
                $0.channel = json.said("channelId")
                $0.image = json.said("large_icon_uri")
            }
        case "OPPO":
            self.at(.oppo) {
                $0.channel = json.said("channelId")
                $0.category = json.said("category")
                // Without a category it means nothing, the vendor says.
                $0.notifyLevel = $0.category == nil ? nil : json.said("notify_level").flatMap { Int($0) }
            }
        case "VIVO":
            self.at(.vivo) {
                $0.classification = json.said("classification").flatMap { Int($0) }
                $0.category = json.said("category")
            }
        // Providers that the table does not have.
        default: break
        }
    }
}

extension JSON {
    /// A text, or how a number is written; nil when it is empty.
    func said(_ key: String) -> String? { self[key]?.scalarText.flatMap { $0.isEmpty ? nil : $0 } }

    /// Of a `pushExt`: what is set for a provider.
    func config(_ provider: String) -> JSON? {
        self["pushConfigs"]?.array?.lazy.compactMap { $0[provider] }.last
    }
}
