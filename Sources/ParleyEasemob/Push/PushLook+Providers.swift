import ParleyCore
import ParleyDialectKit
import ParleyJSON

// The vendor's settings for one kind of phone each. Source: its page `push_extension`. What has a word of ours has the word; the rest becomes the provider's
// own fields.

extension PushLook {
    mutating func apply(apns json: JSON?) {
        guard let json else { return }
        if let badge = json.whole("em_push_badge") { self.badge = Badge(badge) }
        if json["em_push_mutable_content"]?.bool == true { self.isMutable = true }
        self.subtitle = json.said("em_alert_subTitle")
        self.threadID = json.said("thread_id")
        self.at(.apns) {
            $0.title = json.said("em_push_title")
            $0.text = json.said("em_push_content")
            $0.sound = json.said("em_push_sound")
            $0.category = json.said("em_push_category")
            if json.whole("em_push_content_available") == 1 { $0.isSilent = true }
        }
    }

    mutating func apply(android json: JSON?) {
        guard let json else { return }
        self.at(.fcm) {
            $0.channel = json.said("fcm_channel_id")
            if let options = json["fcm_options"], options.kind == .object {
                $0.fields = JSONWriter.object { $0.field("fcm_options", raw: options.raw) }
            }
        }
        self.at(.huawei) {
            $0.channel = json.said("huawei_channel_id")
            $0.category = json.said("huawei_category")
            $0.fields = Self.huawei(json)
        }
        self.at(.honor) {
            $0.importance = json.said("honor_importance")
            $0.fields = Self.honor(json)
        }
        self.at(.xiaomi) {
            $0.channel = json.said("xiaomi_channel_id")
            if let action = json.said("xiaomi_click_action") {
                $0.fields = JSONWriter.object {
                    // "Opens any page of the app", and which.
                    $0.field("extra.notify_effect", "2")
                    $0.field("extra.intent_uri", action)
                }
            }
        }
        self.at(.oppo) {
            $0.channel = json.said("oppo_channel_id")
            $0.category = json.said("oppo_category")
            $0.notifyLevel = json.whole("oppo_notify_level")
            if let activity = json.said("oppo_click_activity") { $0.fields = Self.oppo(activity) }
        }
        self.at(.vivo) {
            $0.category = json.said("vivo_category")
            if let activity = json.said("vivo_click_activity") {
                $0.fields = JSONWriter.object {
                    // A page of the app.
                    $0.field("skipType", 4)
                    $0.field("skipContent", activity)
                }
            }
        }
        self.at(.meizu) {
            if let activity = json.said("meizu_click_activity") { $0.fields = Self.meizu(activity) }
        }
    }

    mutating func apply(harmony json: JSON?) {
        guard let json else { return }
        self.at(.harmony) {
            $0.category = json.said("category")
            $0.fields = Self.harmony(json)
        }
    }

    // MARK: Fields of the providers' own

    private static func huawei(_ json: JSON) -> [UInt8]? {
        let type = json.whole("huawei_target_user_type")
        let receipt = json.said("huawei_receipt_id")
        let action = json.said("huawei_click_action")
        guard type != nil || receipt != nil || action != nil else { return nil }
        return Self.android {
            if let type { $0.field("target_user_type", type) }
            if let receipt { $0.field("receipt_id", receipt) }
            if let action { Self.click(action, "click_action", &$0) }
        }
    }

    private static func honor(_ json: JSON) -> [UInt8]? {
        let type = json.whole("honor_target_user_type")
        let action = json.said("honor_click_action")
        guard type != nil || action != nil else { return nil }
        return Self.android {
            if let type { $0.field("targetUserType", type) }
            if let action { Self.click(action, "clickAction", &$0) }
        }
    }

    private static func android(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        JSONWriter.object { json in json.field("android") { $0.object(write) } }
    }

    /// Type 1: a page of the app, by its action.
    private static func click(_ action: String, _ name: String, _ json: inout JSONWriter) {
        json.field("notification") { json in
            json.object { json in
                json.field(name) { json in
                    json.object {
                        $0.field("type", 1)
                        $0.field("action", action)
                    }
                }
            }
        }
    }

    private static func oppo(_ activity: String) -> [UInt8] {
        JSONWriter.object { json in
            json.field("notification") { json in
                json.object {
                    // A page of the app, by its class.
                    $0.field("click_action_type", 4)
                    $0.field("click_action_activity", activity)
                }
            }
        }
    }

    private static func meizu(_ activity: String) -> [UInt8] {
        JSONWriter.object { json in
            json.field("clickTypeInfo") { json in
                json.object {
                    $0.field("clickType", 1)
                    $0.field("activity", activity)
                }
            }
        }
    }

    private static func harmony(_ json: JSON) -> [UInt8]? {
        let action = json.said("click_action")
        let id = json.whole("notify_id")
        let receipt = json.said("receipt_id")
        let isTest = json["is_test_message"]?.bool
        guard action != nil || id != nil || receipt != nil || isTest != nil else { return nil }
        return JSONWriter.object { json in
            if action != nil || id != nil {
                json.field("payload") { json in
                    json.object { json in
                        json.field("notification") { json in
                            json.object { json in
                                if let id { json.field("notifyId", id) }
                                if let action { Self.harmony(click: action, &json) }
                            }
                        }
                    }
                }
            }
            guard receipt != nil || isTest != nil else { return }
            json.field("pushOptions") { json in
                json.object {
                    if let isTest { $0.field("testMessage", isTest) }
                    if let receipt { $0.field("receiptId", receipt) }
                }
            }
        }
    }

    /// Type 1: a page of the app.
    private static func harmony(click action: String, _ json: inout JSONWriter) {
        json.field("clickAction") { json in
            json.object {
                $0.field("actionType", 1)
                $0.field("action", action)
            }
        }
    }
}
