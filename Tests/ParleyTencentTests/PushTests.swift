import ParleyCore
import ParleyDialectKit
import ParleyJSON
import Testing

@testable import ParleyTencent

@Suite struct PushTests {
    static let app = App(id: AppID("demo"), credentials: [], createdAt: .distantPast)
    static let id = MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_000), slot: 1)

    /// As a request is kept.
    static func message(_ elements: String, info: String? = nil) throws -> Message {
        let info = info.map { #","OfflinePushInfo":\#($0)"# } ?? ""
        let fields = try Fields(JSON(parsing: #"{"MsgBody":\#(elements)\#(info)}"#))
        return try MessageFields(fields, controls: [:]).message(from: UserID("alice"), random: 1)
    }

    static let text = #"[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}]"#

    static func subject(
        _ message: Message, group: Group? = nil, preferences: PushPreferences = PushPreferences()
    ) -> PushSubject {
        let conversation = group.map { .group($0.id) } ?? Conversation.direct(UserID("alice"), UserID("bob"))
        return PushSubject(
            app: Self.app,
            entry: Entry(
                conversation: ConversationID(app: Self.app.id, conversation), sequence: 7, id: Self.id,
                body: .message(message)),
            message: message, group: group,
            sender: User(id: UserID("alice"), name: "Alice", createdAt: .distantPast), recipient: UserID("bob"),
            preferences: preferences)
    }

    // `#require` and `#expect` take a metatype's members for an instance's: these are called instead.

    static func look(_ subject: PushSubject) -> PushLook? { Tencent.push?.look(of: subject) }

    static func payload(_ subject: PushSubject) -> [PushField] {
        Tencent.push?.payload(of: subject, at: .apns) ?? []
    }

    static func english() -> PushPreferences {
        var preferences = PushPreferences()
        preferences.language = "en"
        return preferences
    }

    // MARK: Words

    @Test func theElementsSayWhatTheySayOneAfterTheOther() throws {
        let message = try Self.message(
            """
            [{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}},
            {"MsgType":"TIMFaceElem","MsgContent":{"Index":6,"Data":"abc\\u0000\\u0001"}},
            {"MsgType":"TIMCustomElem","MsgContent":{"Data":"d","Desc":"notification","Ext":"url","Sound":"dingdong.aiff"}},
            {"MsgType":"TIMLocationElem","MsgContent":{"Desc":"x","Latitude":1,"Longitude":2}}]
            """)
        let look = try #require(Self.look(Self.subject(message)))
        #expect(look.title == "Alice")
        #expect(look.text == "red packet[表情]notification[位置]")
        #expect(look.special[.apns]?.sound == "dingdong.aiff")
        #expect(
            Self.look(Self.subject(message, preferences: Self.english()))?.text
                == "red packet[Face]notification[Location]")
        #expect(Self.payload(Self.subject(message)) == [PushField("ext", text: "url")])
    }

    @Test(arguments: [
        (#"{"MsgType":"TIMSoundElem","MsgContent":{"Url":"u"}}"#, "[语音]"),
        (#"{"MsgType":"TIMImageElem","MsgContent":{"ImageInfoArray":[{"Type":1,"URL":"u"}]}}"#, "[图片]"),
        (#"{"MsgType":"TIMFileElem","MsgContent":{"Url":"u","FileName":"a.txt"}}"#, "[文件] a.txt"),
        (#"{"MsgType":"TIMVideoFileElem","MsgContent":{"VideoUrl":"u"}}"#, "[视频]"),
        (#"{"MsgType":"TIMRelayElem","MsgContent":{"JsonMsgKey":"k","CompatibleText":"c"}}"#, "[聊天记录]"),
    ])
    func everyElementHasWords(element: String, text: String) throws {
        #expect(Self.look(Self.subject(try Self.message("[\(element)]")))?.text == text)
    }

    @Test func aCustomElementWithoutWordsIsNotPushed() throws {
        let custom = #"[{"MsgType":"TIMCustomElem","MsgContent":{"Data":"1cddddddddq1"}}]"#
        #expect(Self.look(Self.subject(try Self.message(custom))) == nil)
        let described = try Self.message(custom, info: #"{"Desc":"a packet"}"#)
        #expect(Self.look(Self.subject(described))?.text == "a packet")
    }

    @Test func whatACallbackWroteGoesBeforeTheElements() throws {
        var message = try Self.message(Self.text)
        message.options.push.text = "from the backend"
        #expect(Self.look(Self.subject(message))?.text == "from the backend")
    }

    @Test func aGroupsNameIsTheTitle() throws {
        let group = Group(id: GroupID("@TGS#2A"), type: .public, name: "Team", owner: nil, createdAt: .distantPast)
        #expect(Self.look(Self.subject(try Self.message(Self.text), group: group))?.title == "Team")
    }

    @Test func pushFlagOneIsNoPush() throws {
        #expect(Self.look(Self.subject(try Self.message(Self.text, info: #"{"PushFlag":1,"Desc":"d"}"#))) == nil)
    }

    @Test func whoWantsNoDetailsReadsNoneNotEvenInTheWholeText() throws {
        let message = try Self.message(
            Self.text,
            info: #"{"Title":"t","Desc":"secret","AndroidInfo":{"PushStyle":1,"HuaWeiImage":"https://e.com/i"},"#
                + #""ApnsInfo":{"Title":"secret","SubTitle":"secret"}}"#)
        var preferences = PushPreferences()
        preferences.showsDetails = false
        let look = try #require(Self.look(Self.subject(message, preferences: preferences)))
        #expect(look.text == "您有一条新消息")
        #expect(!"\(look)".contains("secret"))
        let fields = try #require(look.special[.huawei]?.fields)
        #expect(!String(decoding: fields, as: UTF8.self).contains("secret"))
        #expect(look.special[.huawei]?.image == nil)
    }

    // MARK: OfflinePushInfo

    @Test func everyFieldHasItsPlace() throws {
        let message = try Self.message(
            #"[{"MsgType":"TIMCustomElem","MsgContent":{"Data":"d","Desc":"x","Ext":"not this","Sound":"not this"}}]"#,
            info: """
                {"PushFlag":0,"Title":"title","Desc":"desc","Ext":"{\\"entity\\":{\\"k\\":\\"v\\"}}",
                "AndroidInfo":{"Sound":"android.mp3","HuaWeiChannelID":"hc","XiaoMiChannelID":"xc","OPPOChannelID":"oc",
                "GoogleChannelID":"gc","VIVOClassification":1,"VIVOCategory":"IM","HuaWeiImportance":"LOW","HuaWeiCategory":"IM",
                "HuaWeiImage":"https://e.com/h.png","HonorImage":"https://e.com/o.png","HonorImportance":"NORMAL",
                "GoogleImage":"https://e.com/g.png","ExtAsHuaweiIntentParam":1,"PushStyle":1,"OPPOCategory":"IM",
                "OPPONotifyLevel":16,"MeizuNotifyType":1},
                "ApnsInfo":{"Sound":"apns.mp3","BadgeMode":1,"Title":"apns title","SubTitle":"apns subtitle",
                "Image":"www.image.com","MutableContent":1,"InterruptionLevel":"critical","ContentAvailable":1},
                "HarmonyInfo":{"Image":"https://e.com/m.png","Category":"IM","IgnoreBadge":1}}
                """)
        let look = try #require(Self.look(Self.subject(message)))
        #expect(look.title == "title")
        #expect(look.text == "desc")
        #expect(look.subtitle == "apns subtitle")
        #expect(look.badge == .unchanged)
        #expect(look.isMutable)
        #expect(look.interruptionLevel == "critical")

        var apns = PushSpecial()
        apns.title = "apns title"
        apns.sound = "apns.mp3"
        apns.image = "www.image.com"
        apns.isSilent = true
        #expect(look.special[.apns] == apns)
        var huawei = PushSpecial()
        huawei.channel = "hc"
        huawei.importance = "LOW"
        huawei.category = "IM"
        huawei.image = "https://e.com/h.png"
        huawei.sound = "android.mp3"
        huawei.fields = Array(
            #"{"android":{"notification":{"style":1,"big_title":"title","big_body":"desc"}}}"#.utf8)
        #expect(look.special[.huawei] == huawei)
        var honor = PushSpecial()
        honor.importance = "NORMAL"
        honor.image = "https://e.com/o.png"
        honor.fields = Array(#"{"android":{"notification":{"style":1,"bigTitle":"title","bigBody":"desc"}}}"#.utf8)
        #expect(look.special[.honor] == honor)
        var fcm = PushSpecial()
        fcm.channel = "gc"
        fcm.image = "https://e.com/g.png"
        fcm.sound = "android.mp3"
        #expect(look.special[.fcm] == fcm)
        var oppo = PushSpecial()
        oppo.channel = "oc"
        oppo.category = "IM"
        oppo.notifyLevel = 16
        oppo.fields = Array(#"{"notification":{"style":2}}"#.utf8)
        #expect(look.special[.oppo] == oppo)
        #expect(look.special[.xiaomi]?.channel == "xc")
        #expect(look.special[.vivo]?.classification == 1)
        #expect(look.special[.vivo]?.category == "IM")
        #expect(look.special[.meizu]?.classification == 1)
        #expect(look.special[.harmony]?.image == "https://e.com/m.png")
        #expect(look.special[.harmony]?.category == "IM")
        #expect(Self.payload(Self.subject(message)) == [PushField("ext", text: #"{"entity":{"k":"v"}}"#)])
    }

    @Test func theClientsWordForNoSoundIsNone() throws {
        let message = try Self.message(Self.text, info: #"{"ApnsInfo":{"Sound":"push.no_sound"}}"#)
        #expect(Self.look(Self.subject(message))?.special[.apns]?.sound?.isEmpty == true)
    }

    @Test func anEmptyApnsInfoSaysNothing() throws {
        let message = try Self.message(Self.text, info: #"{"PushFlag":0,"ApnsInfo":{}}"#)
        #expect(Self.look(Self.subject(message)) == PushLook(title: "Alice", text: "hello"))
    }

    @Test func withoutExtTheClientFindsNothing() throws {
        #expect(Self.payload(Self.subject(try Self.message(Self.text))).isEmpty)
    }
}
