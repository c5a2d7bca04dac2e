import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// `OfflinePushInfo`, as it was kept: what it says beside title, text and `Ext`, which the core has words for. What cannot be read is passed over.
///
/// `ExtAsHuaweiIntentParam` says how an address that only the vendor's console has is put together, and is not used.
struct OfflinePushLook {
    let android: JSON?
    let apns: JSON?
    let harmony: JSON?

    init(json: JSON) {
        self.android = json["AndroidInfo"]
        self.apns = json["ApnsInfo"]
        self.harmony = json["HarmonyInfo"]
    }

    var contentAvailable: Bool { self.apns?["ContentAvailable"]?.int == 1 }

    var isWholeText: Bool { self.android?["PushStyle"]?.int == 1 }

    /// The client SDKs' word for no sound at all.
    static func sound(_ name: String) -> String { name == "push.no_sound" ? "" : name }
}

extension PushLook {
    mutating func apply(_ info: OfflinePushLook) {
        if let json = info.apns { self.apply(apns: json, isSilent: info.contentAvailable) }
        if let json = info.android {
            self.apply(google: json)
            self.apply(huawei: json)
            self.apply(others: json)
        }
        if let json = info.harmony { self.apply(harmony: json) }
    }

    private mutating func apply(apns json: JSON, isSilent: Bool) {
        if json["BadgeMode"]?.int == 1 { self.badge = .unchanged }
        if json["MutableContent"]?.int == 1 { self.isMutable = true }
        self.subtitle = json.said("SubTitle")
        self.interruptionLevel = json.said("InterruptionLevel")
        self.at(.apns) {
            $0.title = json.said("Title")
            $0.sound = json.said("Sound").map(OfflinePushLook.sound)
            $0.image = json.said("Image")
            if isSilent { $0.isSilent = true }
        }
    }

    private mutating func apply(google json: JSON) {
        self.at(.fcm) {
            $0.channel = json.said("GoogleChannelID")
            $0.image = json.said("GoogleImage")
            $0.sound = json.said("Sound")
        }
    }

    private mutating func apply(huawei json: JSON) {
        self.at(.huawei) {
            $0.channel = json.said("HuaWeiChannelID")
            $0.importance = json.said("HuaWeiImportance")
            $0.category = json.said("HuaWeiCategory")
            $0.image = json.said("HuaWeiImage")
            $0.sound = json.said("Sound")
        }
        self.at(.honor) {
            $0.importance = json.said("HonorImportance")
            $0.image = json.said("HonorImage")
        }
    }

    private mutating func apply(others json: JSON) {
        self.at(.xiaomi) { $0.channel = json.said("XiaoMiChannelID") }
        self.at(.oppo) {
            $0.channel = json.said("OPPOChannelID")
            $0.category = json.said("OPPOCategory")
            $0.notifyLevel = json["OPPONotifyLevel"]?.int.flatMap(Int.init(exactly:))
        }
        self.at(.vivo) {
            $0.classification = json["VIVOClassification"]?.int.flatMap(Int.init(exactly:))
            $0.category = json.said("VIVOCategory")
        }
        // 0 for everyone, 1 for the recipient alone.
        self.at(.meizu) { $0.classification = json["MeizuNotifyType"]?.int.flatMap(Int.init(exactly:)) }
    }

    /// The facts name these by what they are. Server pages and client SDKs differ in how.
    private mutating func apply(harmony json: JSON) {
        let ignoresBadge = ["IgnoreBadge", "IgnoreHarmonyBadge", "BadgeMode"].contains {
            json[$0]?.bool == true || json[$0]?.int == 1
        }
        if ignoresBadge { self.badge = .unchanged }
        self.at(.harmony) {
            $0.image = json.said("Image") ?? json.said("HarmonyImage")
            $0.category = json.said("Category") ?? json.said("HarmonyCategory")
        }
    }
}

extension PushLook {
    /// `PushStyle` 1: the whole text, in as many lines as it takes. Huawei, Honor and OPPO have it. The text is written once more, so it has to be the one
    /// that is shown in the end.
    mutating func showWholeText() {
        let (title, text) = (self.title, self.text)
        self.at(.huawei) { $0.fields = Self.style(title: ("big_title", title), text: ("big_body", text)) }
        self.at(.honor) { $0.fields = Self.style(title: ("bigTitle", title), text: ("bigBody", text)) }
        self.at(.oppo) { special in
            special.fields = JSONWriter.object { json in
                json.field("notification") { json in json.object { $0.field("style", 2) } }
            }
        }
    }

    private static func style(
        title: (name: String, value: String), text: (name: String, value: String)
    ) -> [UInt8] {
        JSONWriter.object { json in
            json.field("android") { json in
                json.object { json in
                    json.field("notification") { json in
                        json.object {
                            $0.field("style", 1)
                            $0.field(title.name, title.value)
                            $0.field(text.name, text.value)
                        }
                    }
                }
            }
        }
    }
}

extension JSON {
    /// Nil when it is no text, or empty.
    func said(_ key: String) -> String? { self[key]?.string.flatMap { $0.isEmpty ? nil : $0 } }
}
