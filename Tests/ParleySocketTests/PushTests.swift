import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleySocket
import Testing

@Suite struct PushTests {
    static func subject(
        _ content: Content, group: Group? = nil, preferences: PushPreferences = PushPreferences(),
        _ change: (inout PushOptions) -> Void = { _ in }
    ) -> PushSubject {
        let app = App(id: AppID("demo"), credentials: [], createdAt: .distantPast)
        let conversation = group.map { .group($0.id) } ?? Conversation.direct(UserID("alice"), UserID("bob"))
        var message = Message(
            sender: UserID("alice"), content: content, native: Native(dialect: .parley, payload: Array("{}".utf8)))
        change(&message.options.push)
        let entry = Entry(
            conversation: ConversationID(app: app.id, conversation), sequence: 7, id: MessageID(rawValue: 42),
            body: .message(message))
        return PushSubject(
            app: app, entry: entry, message: message, group: group, recipient: UserID("bob"), preferences: preferences)
    }

    // `#require` and `#expect` take a metatype's members for an instance's: these are called instead.

    static func look(_ subject: PushSubject) -> PushLook? { ParleyPushForm.look(of: subject) }

    static func payload(_ subject: PushSubject) -> [PushField] { ParleyPushForm.payload(of: subject, at: .fcm) }

    @Test func whatIsNotSaidIsTheSenderAndTheMessage() {
        #expect(Self.look(Self.subject(.text("hi"))) == PushLook(title: "alice", text: "hi"))
        let group = Group(id: GroupID("g1"), type: .work, name: "Team", owner: nil, createdAt: .distantPast)
        let inGroup = Self.look(Self.subject(.image(Media(url: "u")), group: group))
        #expect(inGroup == PushLook(title: "Team", text: "[Image]"))
        var preferences = PushPreferences()
        preferences.language = "zh-Hans"
        #expect(Self.look(Self.subject(.image(Media(url: "u")), preferences: preferences))?.text == "[图片]")
    }

    @Test func whatTheSenderSaysIsShownAsItIs() throws {
        let look = Self.look(
            Self.subject(.text("hi")) {
                $0.title = "t"
                $0.text = "x"
                $0.isSilent = true
            })
        var expected = PushLook(title: "t", text: "x")
        expected.isSilent = true
        #expect(look == expected)
    }

    @Test func disabledIsNoPush() {
        #expect(Self.look(Self.subject(.text("hi")) { $0.isDisabled = true }) == nil)
    }

    @Test func whatHasNoWordsIsPushedWithATextOrSilently() {
        let custom = Content.custom(type: "order", data: "{}")
        #expect(Self.look(Self.subject(custom)) == nil)
        #expect(Self.look(Self.subject(.command(name: "sync", data: ""))) == nil)
        #expect(Self.look(Self.subject(custom) { $0.text = "an order" })?.text == "an order")
        #expect(Self.look(Self.subject(custom) { $0.isSilent = true })?.isSilent == true)
    }

    @Test func whoWantsNoDetailsIsToldThatThereIsSomething() {
        var preferences = PushPreferences()
        preferences.showsDetails = false
        let look = Self.look(Self.subject(.text("secret"), preferences: preferences))
        #expect(look == PushLook(title: "New message", text: "You have a new message"))
    }

    @Test func theRecipientsTemplateStandsInForWhatIsNotSaid() {
        var preferences = PushPreferences()
        preferences.template = "mine"
        var subject = Self.subject(.text("hi {$msg}"), preferences: preferences)
        subject.templates = [
            PushTemplate(
                name: "mine", language: "", title: "From {$fromNickname}", text: "«{$msg}» {0}",
                createdAt: .distantPast,
                updatedAt: .distantPast)
        ]
        #expect(Self.look(subject) == PushLook(title: "From alice", text: "«hi {$msg}» {0}"))
    }

    @Test func theClientFindsWhichMessageItIsAsTheSocketNamesIt() {
        let fields = Self.payload(Self.subject(.text("hi")) { $0.data = "d" })
        let message = #"{"id":"42","conversation":"direct:alice","seq":7,"from":"alice"}"#
        #expect(fields == [PushField("parley", Array(message.utf8)), PushField("data", text: "d")])
    }

    @Test func aTextIsCutBetweenCharacters() {
        #expect("abcdef".clipped(toBytes: 6) == "abcdef")
        #expect("abcdefg".clipped(toBytes: 6) == "abc…")
        #expect("字字字".clipped(toBytes: 8) == "字…")
        #expect("e\u{301}\u{301}\u{301}\u{301}x".clipped(toBytes: 8) == "…")
    }
}
