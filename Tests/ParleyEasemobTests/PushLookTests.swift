import ParleyCore
import ParleyDialectKit
import ParleyJSON
import Testing

@testable import ParleyEasemob

/// How a message looks on a phone. Source: facts/easemob-server.md 2.1 and the vendor's page `push_extension`.
@Suite struct PushLookTests {
    private static let id = MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_000), slot: 1)
    private static let team = Group(
        id: GroupID("1234567"), type: .public, name: "Team", owner: nil, createdAt: .distantPast)

    /// As a request is kept.
    private static func message(_ content: Content = .text("hello"), ext: String = "{}") throws -> Message {
        var options = MessageOptions()
        options.apply(ext: try JSON(parsing: ext))
        return Message(
            sender: UserID("alice"), content: content,
            native: Native(dialect: Easemob.name, payload: Array(#"{"type":"txt","body":{"msg":"hello"}}"#.utf8)),
            options: options)
    }

    private static func subject(
        _ message: Message, in group: Group? = nil, details: Bool? = true, template: String? = nil,
        language: String? = nil, templates: [PushTemplate] = []
    ) -> PushSubject {
        let conversation = group.map { .group($0.id) } ?? Conversation.direct(UserID("alice"), UserID("bob"))
        var preferences = PushPreferences()
        (preferences.showsDetails, preferences.template, preferences.language) = (details, template, language)
        return PushSubject(
            app: App(id: AppID("demo"), credentials: [], createdAt: .distantPast),
            entry: Entry(
                conversation: ConversationID(app: AppID("demo"), conversation), sequence: 7, id: self.id,
                body: .message(message)),
            message: message, group: group,
            sender: User(id: UserID("alice"), name: "Alice", createdAt: .distantPast), recipient: UserID("bob"),
            preferences: preferences, templates: templates)
    }

    private static func look(_ subject: PushSubject) throws -> PushLook {
        try #require(EasemobPush.look(of: subject))
    }

    private static func template(_ name: String, _ title: String, _ text: String) -> PushTemplate {
        PushTemplate(
            name: name, language: "", title: title, text: text, createdAt: .distantPast, updatedAt: .distantPast)
    }

    // MARK: Words

    /// Style 0, which is also that of who has not chosen, says only that there is a message.
    @Test(arguments: [(nil, "请点击查看"), (false, "请点击查看"), (true, "Alice:hello")] as [(Bool?, String)])
    func theRecipientsStyleSaysHowMuchIsShown(details: Bool?, text: String) throws {
        let look = try Self.look(Self.subject(Self.message(), details: details))
        #expect(look.title == "您有一条新消息")
        #expect(look.text == text)
        let english = try Self.look(Self.subject(Self.message(), details: false, language: "en"))
        #expect((english.title, english.text) == ("You have a new message", "Tap to view"))
    }

    @Test(arguments: [
        (Content.image(Media(url: "u")), "Alice:[图片]"), (.voice(Media(url: "u")), "Alice:[语音]"),
        (.video(Media(url: "u")), "Alice:[视频]"), (.file(Media(url: "u", name: "a.txt")), "Alice:[文件] a.txt"),
        (.location(Location(latitude: 1, longitude: 2, address: "x")), "Alice:[位置]"),
        (.custom(type: "t", data: "{}"), "Alice:[自定义消息]"),
    ])
    func everyTypeHasWords(content: Content, text: String) throws {
        #expect(try Self.look(Self.subject(Self.message(content))).text == text)
    }

    @Test func commandsAndWhatIsToBeIgnoredAreNotPushed() throws {
        #expect(EasemobPush.look(of: Self.subject(try Self.message(.command(name: "c", data: "")))) == nil)
        let ignored = try Self.message(ext: #"{"em_ignore_notification":true}"#)
        #expect(EasemobPush.look(of: Self.subject(ignored)) == nil)
    }

    @Test func whoIsMentionedInAGroupIsToldSoUnlessTheSenderDoesNotWantIt() throws {
        let mention = try Self.message(ext: #"{"em_at_list":["bob"]}"#)
        #expect(try Self.look(Self.subject(mention, in: Self.team)).text == "Alice在群中@了我")
        let plain = try Self.message(ext: #"{"em_at_list":["bob"],"em_push_template":{"disable_at_content":true}}"#)
        #expect(try Self.look(Self.subject(plain, in: Self.team)).text == "Alice:hello")
        let named = try Self.message(ext: #"{"em_push_ext":{"group_user_nickname":"Ali"}}"#)
        #expect(try Self.look(Self.subject(named, in: Self.team)).text == "Ali:hello")
    }

    /// The vendor puts them above the style.
    @Test func theSendersWordsAreShownWhateverTheStyle() throws {
        let message = try Self.message(ext: #"{"em_push_ext":{"title":"T","content":"C"}}"#)
        for details in [true, false, nil] as [Bool?] {
            let look = try Self.look(Self.subject(message, details: details))
            #expect((look.title, look.text) == ("T", "C"))
        }
    }

    // MARK: Templates

    @Test func ofTemplatesTheNearestToTheMessageCounts() throws {
        let templates = [
            Self.template("default", "default", "{$fromNickname}"), Self.template("detail", "detail", "{$msg}"),
            Self.template("own", "own", "{$dynamicFrom}"), Self.template("named", "{0}", "{0} says {$msg}"),
            Self.template("directed", "directed", "{0}"),
        ]
        func words(
            _ ext: String, details: Bool = true, template: String? = nil, in group: Group? = nil
        ) throws -> String {
            let look = try Self.look(
                Self.subject(
                    Self.message(ext: ext), in: group, details: details, template: template, templates: templates))
            return "\(look.title)/\(look.text)"
        }
        let named = #""name":"named","title_args":["a"],"content_args":["{$fromNickname}"]"#
        let directed = #""directed_template":{"name":"directed","target":["bob"],"content_args":["b"]}"#
        #expect(try words("{}", details: false) == "default/Alice")
        #expect(try words("{}") == "detail/hello")
        #expect(try words(#"{"em_push_ext":{"content":"C"}}"#) == "detail/C")
        #expect(try words("{}", template: "own") == "own/Alice")
        #expect(try words(#"{"em_push_template":{\#(named)}}"#, template: "own") == "a/Alice says hello")
        #expect(try words(#"{"em_push_template":{\#(named),\#(directed)}}"#, in: Self.team) == "directed/b")
        let others = directed.replacing("bob", with: "carol")
        #expect(try words(#"{"em_push_template":{\#(named),\#(others)}}"#, in: Self.team) == "a/Alice says hello")
        #expect(try words(#"{"em_push_template":{"name":"nowhere"}}"#) == "detail/hello")
    }

    // MARK: One kind of phone

    @Test func everyFieldForApplesPhonesHasItsPlace() throws {
        let message = try Self.message(
            ext: """
                {"em_apns_ext":{"em_push_title":"T","em_push_content":"C","em_push_category":"cat","em_push_badge":"+3",
                "em_push_sound":"s.caf","em_push_mutable_content":true,"em_push_content_available":1,
                "em_alert_subTitle":"S","thread_id":"7","extern":{"k":1}}}
                """)
        let look = try Self.look(Self.subject(message))
        #expect(look.badge == .number(3))
        #expect(look.isMutable && !look.isSilent)
        #expect((look.subtitle, look.threadID) == ("S", "7"))
        var apple = PushSpecial()
        (apple.title, apple.text, apple.category, apple.sound, apple.isSilent) = ("T", "C", "cat", "s.caf", true)
        #expect(look.special == [.apns: apple])
        // The others' phones show what there is for everybody.
        #expect(look.text == "Alice:hello")
        #expect(
            EasemobPush.payload(of: Self.subject(message), at: .apns).last == PushField("e", Array(#"{"k":1}"#.utf8)))
    }

    @Test func everyFieldForAndroidHasItsPlace() throws {
        let message = try Self.message(
            ext: """
                {"em_android_push_ext":{"fcm_channel_id":"f","fcm_options":{"analytics_label":"a"},"huawei_channel_id":"h",
                "huawei_category":"IM","huawei_target_user_type":1,"huawei_receipt_id":"r","huawei_click_action":"act",
                "honor_importance":"NORMAL","honor_click_action":"act","xiaomi_channel_id":"x","xiaomi_click_action":"act",
                "oppo_channel_id":"o","oppo_category":"IM","oppo_notify_level":"16","oppo_click_activity":"act",
                "vivo_category":"IM","vivo_click_activity":"act","meizu_click_activity":"act"}}
                """)
        let special = try Self.look(Self.subject(message)).special
        func fields(_ kind: PushProvider.Kind) -> String {
            String(decoding: special[kind]?.fields ?? [], as: UTF8.self)
        }
        #expect(special[.fcm]?.channel == "f")
        #expect(fields(.fcm) == #"{"fcm_options":{"analytics_label":"a"}}"#)
        #expect((special[.huawei]?.channel, special[.huawei]?.category) == ("h", "IM"))
        let click = #"{"type":1,"action":"act"}"#
        #expect(
            fields(.huawei)
                == #"{"android":{"target_user_type":1,"receipt_id":"r","notification":{"click_action":\#(click)}}}"#)
        #expect(special[.honor]?.importance == "NORMAL")
        #expect(fields(.honor) == #"{"android":{"notification":{"clickAction":\#(click)}}}"#)
        #expect(special[.xiaomi]?.channel == "x")
        #expect(fields(.xiaomi) == #"{"extra.notify_effect":"2","extra.intent_uri":"act"}"#)
        #expect((special[.oppo]?.channel, special[.oppo]?.category, special[.oppo]?.notifyLevel) == ("o", "IM", 16))
        #expect(fields(.oppo) == #"{"notification":{"click_action_type":4,"click_action_activity":"act"}}"#)
        #expect(special[.vivo]?.category == "IM")
        #expect(fields(.vivo) == #"{"skipType":4,"skipContent":"act"}"#)
        #expect(fields(.meizu) == #"{"clickTypeInfo":{"clickType":1,"activity":"act"}}"#)
    }

    @Test func everyFieldForHarmonyHasItsPlace() throws {
        let message = try Self.message(
            ext:
                #"{"em_harmony_push_ext":{"category":"IM","click_action":"act","notify_id":7,"receipt_id":"r","is_test_message":true}}"#
        )
        let special = try Self.look(Self.subject(message)).special[.harmony]
        #expect(special?.category == "IM")
        #expect(
            String(decoding: special?.fields ?? [], as: UTF8.self)
                == #"{"payload":{"notification":{"notifyId":7,"clickAction":{"actionType":1,"action":"act"}}},"#
                + #""pushOptions":{"testMessage":true,"receiptId":"r"}}"#)
    }

    // MARK: Whom

    @Test func whichPhonesRingIsTheSendersToSay() throws {
        let message = try Self.message(
            ext: """
                {"em_force_notification":true,"em_push_filter":{"accept_device_id":["a"],"ignore_device_id":["b"],
                "accept_notifier_name":["n"],"ignore_notifier_name":["m"]}}
                """)
        let look = try Self.look(Self.subject(message))
        #expect(look.isForced)
        #expect(
            look.devices
                == PushFilter(devices: ["a"], exceptDevices: ["b"], providers: ["n"], exceptProviders: ["m"]))
        let plain = try Self.look(Self.subject(Self.message(ext: #"{"em_push_filter":{}}"#)))
        #expect(!plain.isForced && plain.devices == nil)
    }

    // MARK: What the app finds

    @Test func theClientFindsWhoSaidItToWhomAndWhatTheAppAttached() throws {
        let id = PushField("m", text: Self.id.easemob)
        let alone = EasemobPush.payload(of: Self.subject(try Self.message()), at: .huawei)
        #expect(alone == [PushField("f", text: "alice"), PushField("t", text: "bob"), id])
        let message = try Self.message(ext: #"{"em_push_ext":{"custom":{"a":1}}}"#)
        let inGroup = EasemobPush.payload(of: Self.subject(message, in: Self.team), at: .huawei)
        #expect(
            inGroup == [
                PushField("f", text: "alice"), PushField("t", text: "bob"), PushField("g", text: "1234567"), id,
                PushField("e", Array(#"{"a":1}"#.utf8)),
            ])
    }
}
