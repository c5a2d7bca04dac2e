import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyRongCloud
import ParleyTesting
import Testing

@Suite struct PushTests {
    static let app = App(id: AppID("demo"), credentials: [], createdAt: .distantPast)
    static let id = MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_000), slot: 1)
    static let direct = Conversation.direct(UserID("alice"), UserID("bob"))
    static let inGroup = Conversation.group(GroupID("g1"))

    static func message(
        _ objectName: String = "RC:TxtMsg", _ content: String = #"{"content":"hello"}"#,
        _ change: (inout MessageOptions) -> Void = { _ in }
    ) -> Message {
        let wire = WireMessage(objectName: objectName, content: content)
        var message = Message(sender: UserID("alice"), content: wire.reading.content, native: wire.native)
        change(&message.options)
        return message
    }

    static func subject(
        _ message: Message, in conversation: Conversation = direct, preferences: PushPreferences = PushPreferences(),
        templates: [PushTemplate] = []
    ) -> PushSubject {
        let group = Group(id: GroupID("g1"), type: .work, name: "家人", owner: nil, createdAt: .distantPast)
        return PushSubject(
            app: Self.app,
            entry: Entry(
                conversation: ConversationID(app: Self.app.id, conversation), sequence: 7, id: Self.id,
                body: .message(message)),
            message: message, group: conversation == Self.inGroup ? group : nil,
            sender: User(id: UserID("alice"), name: "Alice", createdAt: .distantPast), recipient: UserID("bob"),
            preferences: preferences, templates: templates)
    }

    // `#require` and `#expect` take a metatype's members for an instance's: these are called instead.

    static func look(_ subject: PushSubject) -> PushLook? { RongCloud.push?.look(of: subject) }

    static func payload(_ subject: PushSubject, at kind: PushProvider.Kind = .apns) -> String {
        let fields = RongCloud.push?.payload(of: subject, at: kind) ?? []
        return String(
            decoding: JSONWriter.object { json in
                for field in fields { json.field(field.name, raw: field.value) }
            }, as: UTF8.self)
    }

    /// As `/message/group/publish.json` keeps it: the page's own example (seeds/rongcloud-group-publish.txt).
    static let pushExt = """
        {"title":"you have a new message.","templateId":"123456","forceShowPushContent":0,"pushConfigs":[
        {"HW":{"channelId":"hw-123","importance":"NORMAL","image":"https://example.com/image.png"}},
        {"MI":{"channelId":"mi-123","large_icon_uri":"https://example.com/image.png"}},
        {"OPPO":{"channelId":"oppo-123","category":"IM","notify_level":2}},
        {"VIVO":{"classification":"0"}},
        {"APNs":{"thread-id":"123","apns-collapse-id":"123456","richMediaUri":"https://example.com/image.png"}},
        {"FCM":{"channelId":"rongcloud_channelid","collapse_key":"1234","imageUrl":"https://example.com/image.png"}},
        {"OHOS":{"category":"IM","image":"https://example.com/image.png"}}]}
        """

    static func pushed(_ pushExt: String) -> Message {
        Self.message { $0.push.native = Array(pushExt.utf8) }
    }

    // MARK: Words

    @Test func whatIsNotSaidIsTheSendersNameAndTheMessage() throws {
        let look = try #require(Self.look(Self.subject(Self.message())))
        #expect(look == PushLook(title: "Alice", text: "hello"))
    }

    @Test func inAGroupTheTitleIsItsNameAndTheTextSaysWhoSpeaks() throws {
        let look = try #require(Self.look(Self.subject(Self.message(), in: Self.inGroup)))
        #expect(look == PushLook(title: "家人", text: "Alice: hello"))
    }

    @Test(arguments: [
        ("RC:ImgMsg", #"{"content":"aa","imageUri":"u"}"#, "[图片]", "[Image]"),
        ("RC:GIFMsg", #"{"remoteUrl":"u"}"#, "[图片]", "[Image]"),
        ("RC:VcMsg", #"{"content":"aa","duration":1}"#, "[语音]", "[Voice]"),
        ("RC:HQVCMsg", #"{"remoteUrl":"u"}"#, "[语音]", "[Voice]"),
        ("RC:SightMsg", #"{"sightUrl":"u"}"#, "[视频]", "[Video]"),
        ("RC:FileMsg", #"{"name":"a.txt","fileUrl":"u"}"#, "[文件] a.txt", "[File] a.txt"),
        ("RC:LBSMsg", #"{"latitude":1,"longitude":2}"#, "[位置]", "[Location]"),
        ("RC:ImgTextMsg", #"{"title":"t","content":"c"}"#, "t", "t"),
        ("RC:ReferenceMsg", #"{"content":"see there"}"#, "see there", "see there"),
        ("RC:CombineMsg", #"{"summaryList":["a"]}"#, "[聊天记录]", "[Chat History]"),
        ("RC:TxtMsg", "bare", "bare", "bare"),
    ])
    func userContentHasWordsOfItsOwn(type: String, content: String, chinese: String, english: String) throws {
        #expect(Self.look(Self.subject(Self.message(type, content)))?.text == chinese)
        var preferences = PushPreferences()
        preferences.language = "en-US"
        #expect(Self.look(Self.subject(Self.message(type, content), preferences: preferences))?.text == english)
    }

    @Test(arguments: ["RC:InfoNtf", "RC:CmdMsg", "RC:CmdNtf", "app:order", "RC:ReadNtf"])
    func noticesCommandsAndAnAppsTypesArePushedOnlyWithPushContent(type: String) {
        let content = #"{"name":"n","message":"m"}"#
        #expect(Self.look(Self.subject(Self.message(type, content))) == nil)
        let said = Self.message(type, content) { $0.push.text = "thisisapush" }
        #expect(Self.look(Self.subject(said))?.text == "thisisapush")
    }

    @Test func disablePushIsNoPush() {
        let message = Self.message {
            $0.push.text = "x"
            $0.push.isDisabled = true
        }
        #expect(Self.look(Self.subject(message)) == nil)
    }

    @Test func whoIsMentionedReadsWhatTheMentionSays() {
        let content = #"{"content":"hi","mentionedInfo":{"type":2,"userIdList":["bob"],"mentionedContent":"有人@你"}}"#
        let message = Self.message("RC:TxtMsg", content) {
            $0.push.text = "x"
            $0.mention = .users([UserID("bob")])
        }
        #expect(Self.look(Self.subject(message, in: Self.inGroup))?.text == "有人@你")
        var other = message
        other.options.mention = .users([UserID("carol")])
        #expect(Self.look(Self.subject(other, in: Self.inGroup))?.text == "x")
    }

    // MARK: Who wants no details

    @Test func whoWantsNoDetailsIsToldThatThereIsSomething() throws {
        var preferences = PushPreferences()
        preferences.showsDetails = false
        let look = try #require(Self.look(Self.subject(Self.pushed(Self.pushExt), preferences: preferences)))
        #expect(look.text == "您收到了一条通知")
        #expect(look.title == "新消息")
        #expect(look.special[.huawei]?.image == nil)
        #expect(look.special[.huawei]?.channel == "hw-123")
        preferences.language = "fr"
        let french = Self.look(Self.subject(Self.message(), preferences: preferences))
        #expect(french?.text == "You have received a notification")
    }

    @Test(arguments: ["1", #""1""#]) func forceShowPushContentShowsThemAllTheSame(force: String) {
        var preferences = PushPreferences()
        preferences.showsDetails = false
        let message = Self.pushed(#"{"forceShowPushContent":\#(force)}"#)
        #expect(Self.look(Self.subject(message, preferences: preferences))?.text == "hello")
    }

    // MARK: pushExt

    @Test func everyFieldOfThePagesExampleHasItsPlace() throws {
        var message = Self.pushed(Self.pushExt)
        message.options.push.title = "you have a new message."
        let look = try #require(Self.look(Self.subject(message)))
        let image = "https://example.com/image.png"
        #expect(look.title == "you have a new message.")
        #expect(!look.overridesHiding)
        #expect(look.special[.huawei]?.channel == "hw-123")
        #expect(look.special[.huawei]?.importance == "NORMAL")
        #expect(look.special[.huawei]?.image == image)
        #expect(look.special[.xiaomi]?.channel == "mi-123")
        #expect(look.special[.xiaomi]?.image == image)
        #expect(look.special[.oppo]?.channel == "oppo-123")
        #expect(look.special[.oppo]?.category == "IM")
        #expect(look.special[.oppo]?.notifyLevel == 2)
        #expect(look.special[.vivo]?.classification == 0)
        #expect(look.threadID == "123")
        #expect(look.special[.apns]?.collapseID == "123456")
        #expect(look.special[.apns]?.image == image)
        #expect(look.isMutable)
        #expect(look.special[.fcm]?.channel == "rongcloud_channelid")
        #expect(look.special[.fcm]?.collapseID == "1234")
        #expect(look.special[.fcm]?.image == image)
        #expect(look.special[.harmony]?.category == "IM")
        #expect(look.special[.harmony]?.image == image)
    }

    @Test func theFieldsThatTheExampleLacksHaveTheirsToo() throws {
        let text = """
            {"pushId":"p1","pushConfigs":[{"HONOR":{"importance":"LOW","image":"https://e.com/i.png"}},{"HW":{"category":"IM"}},
            {"VIVO":{"classification":"1","category":"IM"}},{"APNs":{"interruption-level":"time-sensitive"}}]}
            """
        let look = try #require(Self.look(Self.subject(Self.pushed(text))))
        #expect(look.special[.honor]?.importance == "LOW")
        #expect(look.special[.honor]?.image == "https://e.com/i.png")
        #expect(look.special[.huawei]?.category == "IM")
        #expect(look.special[.vivo]?.classification == 1)
        #expect(look.special[.vivo]?.category == "IM")
        #expect(look.interruptionLevel == "time-sensitive")
        #expect(look.special[.xiaomi]?.collapseID == "p1")
        #expect(look.special[.huawei]?.collapseID == "p1")
    }

    @Test func theTemplateGoesBeforePushContentInTheRecipientsLanguage() throws {
        func template(_ language: String, _ text: String) -> PushTemplate {
            PushTemplate(
                name: "123456", language: language, title: "", text: text, createdAt: .distantPast,
                updatedAt: .distantPast)
        }
        let templates = [template("zh_CN", "您好"), template("en_US", "Good day")]
        var message = Self.pushed(Self.pushExt)
        message.options.push.text = "x"
        var preferences = PushPreferences()
        preferences.language = "en_US"
        #expect(
            Self.look(Self.subject(message, preferences: preferences, templates: templates))?.text == "Good day")
        preferences.language = "de"
        #expect(Self.look(Self.subject(message, preferences: preferences, templates: templates))?.text == "x")
    }

    @Test func contentAvailableIsSilentOnApplesPhonesOnly() throws {
        let look = try #require(Self.look(Self.subject(Self.message { $0.push.isSilent = true })))
        #expect(look.special[.apns]?.isSilent == true)
        #expect(!look.isSilent)
    }

    @Test(arguments: [(nil, PushLook.Badge.unread), (-1, .unchanged), (0, .number(0)), (9999, .number(9999))])
    func countIsTheBadge(count: Int?, badge: PushLook.Badge) {
        #expect(Self.look(Self.subject(Self.message { $0.push.badge = count }))?.badge == badge)
    }

    @Test(arguments: ["[]", "3", #"{"pushConfigs":{}}"#, #"{"pushConfigs":[1,{"HW":7},{"APNs":{"thread-id":{}}}]}"#])
    func whatCannotBeReadIsPassedOver(text: String) {
        #expect(Self.look(Self.subject(Self.pushed(text))) == PushLook(title: "Alice", text: "hello"))
    }

    @Test func aLongTextIsCut() throws {
        let message = Self.message { $0.push.text = String(repeating: "字", count: 5000) }
        let look = try #require(Self.look(Self.subject(message)))
        #expect(look.text.utf8.count <= PushLook.textBytes)
        #expect(look.text.hasSuffix("字…"))
    }

    // MARK: Payload

    @Test func theClientFindsWhichMessageItIsAndTheAppsData() {
        let uid = MessageUID(Self.id, in: .direct, target: "bob").description
        let subject = Self.subject(Self.message { $0.push.data = #"{"a":1}"# })
        #expect(
            Self.payload(subject)
                == #"{"rc":{"cType":"PR","fId":"alice","oName":"RC:TxtMsg","tId":"bob","rId":"bob","id":"\#(uid)"},"#
                + #""appData":"{\"a\":1}"}"#)
        #expect(Self.payload(subject, at: .huawei).hasSuffix(#","appData":"{\"a\":1}","pushData":"{\"a\":1}"}"#))
    }

    @Test func anAppFindsTheAddressOfThePictureThatItIsToShow() {
        let payload = Self.payload(Self.subject(Self.pushed(Self.pushExt)))
        #expect(payload.hasSuffix(#""richMediaUri":"https://example.com/image.png"}"#))
    }

    @Test func anotherDialectsMessageIsNamedAsRongCloudsClientsGetIt() {
        let message = Message(
            sender: UserID("alice"), content: .text("hi"), native: Native(dialect: .parley, payload: Array("{}".utf8)))
        let uid = MessageUID(Self.id, in: .group, target: "g1").description
        #expect(
            Self.payload(Self.subject(message, in: Self.inGroup))
                == #"{"rc":{"cType":"GRP","fId":"alice","oName":"RC:TxtMsg","tId":"g1","rId":"bob","id":"\#(uid)"}}"#)
    }
}
