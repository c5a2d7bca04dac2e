import ParleyCore
import Testing

@testable import ParleyPush

struct PushRulesTests {
    private static let alice = UserID("alice")
    private static let group = Conversation.group(GroupID("g"))
    /// 2026-11-22 00:30 in Beijing.
    private static let now = Timestamp(seconds: 1_795_278_600)

    private static func rules(
        _ preferences: [PushScope: PushPreferences] = [:], mention: Mention? = nil, delivery: Member.Delivery = .notify,
        isMuted: Bool = false, in conversation: Conversation = Self.group, _ change: (inout PushLook) -> Void = { _ in }
    ) -> PushRules {
        var options = MessageOptions()
        options.mention = mention
        var look = PushLook(title: "bob", text: "hello")
        change(&look)
        let message = Message(
            sender: UserID("bob"), content: .text("hello"), native: Native(dialect: .parley, payload: []),
            options: options)
        return PushRules(
            user: Self.alice, message: message, look: look, preferences: preferences, conversation: conversation,
            member: Member(user: Self.alice, joinedAt: Timestamp(seconds: 0), delivery: delivery), isMuted: isMuted,
            now: Self.now, offsetMinutes: 480)
    }

    private static func level(_ level: PushLevel) -> PushPreferences {
        var preferences = PushPreferences()
        preferences.level = level
        return preferences
    }

    private static func quiet(_ start: Int, _ seconds: Int, _ level: PushLevel = .none) -> PushPreferences {
        var preferences = PushPreferences()
        preferences.quietHours = QuietHours(start: start, seconds: seconds, level: level)
        return preferences
    }

    @Test func unlessSomebodySaysOtherwiseEverythingRings() { #expect(Self.rules().mayRing) }

    @Test(arguments: [
        (PushLevel.all, [true, true, true]), (.mentions, [false, true, true]), (.mentionsByName, [false, true, false]),
        (.mentionsOfEveryone, [false, false, true]), (.none, [false, false, false]),
    ])
    func aLevelSaysWhichMentionsRing(_ level: PushLevel, _ rings: [Bool]) {
        let mentions: [Mention?] = [nil, .users([Self.alice]), .everyone]
        #expect(mentions.map { Self.rules([.everywhere: Self.level(level)], mention: $0).mayRing } == rings)
        #expect(
            Self.rules([.everywhere: Self.level(level)], mention: .users([UserID("carol")])).mayRing
                == (level == .all))
    }

    @Test func theNarrowerScopeGoesFirst() {
        let wide = [PushScope.everywhere: Self.level(.none)]
        #expect(!Self.rules(wide).mayRing)
        #expect(Self.rules(wide.merging([.groups: Self.level(.all)]) { $1 }).mayRing)
        let narrow: [PushScope: PushPreferences] = [
            .groups: Self.level(.none), .conversation(Self.group): Self.level(.all),
        ]
        #expect(Self.rules(narrow).mayRing)
        #expect(!Self.rules(narrow, isMuted: true).mayRing)
        #expect(Self.rules([.direct: Self.level(.none)]).mayRing)
        #expect(!Self.rules([.direct: Self.level(.none)], in: .direct(Self.alice, UserID("bob"))).mayRing)
    }

    @Test func aMutedConversationRingsForNobodyUnlessALevelWasSetForIt() {
        #expect(!Self.rules(isMuted: true).mayRing)
        #expect(!Self.rules(mention: .users([Self.alice]), isMuted: true).mayRing)
        let mentions = [PushScope.conversation(Self.group): Self.level(.mentions)]
        #expect(Self.rules(mentions, mention: .users([Self.alice]), isMuted: true).mayRing)
        #expect(!Self.rules(delivery: .discard).mayRing)
    }

    @Test func quietHoursGoPastMidnightAndAreOfTheAppsDay() {
        let night = Self.quiet(22 * 3600, 8 * 3600)
        #expect(!Self.rules([.everywhere: night]).mayRing)
        #expect(Self.rules([.everywhere: Self.quiet(1 * 3600, 3600)]).mayRing)
        #expect(Self.rules([.everywhere: Self.quiet(22 * 3600, 2 * 3600)]).mayRing)
    }

    @Test func inQuietHoursWhatTheirLevelLetsThroughRings() {
        let night = [PushScope.everywhere: Self.quiet(22 * 3600, 8 * 3600, .mentions)]
        #expect(!Self.rules(night).mayRing)
        #expect(Self.rules(night, mention: .users([Self.alice])).mayRing)
        let both = night.merging([.groups: Self.level(.mentionsOfEveryone)]) { $1 }
        #expect(!Self.rules(both, mention: .users([Self.alice])).mayRing)
        #expect(Self.rules(both, mention: .everyone).mayRing)
    }

    @Test func quietUntilAMomentEndsThen() {
        var preferences = PushPreferences()
        preferences.quietUntil = Self.now.adding(seconds: 1)
        #expect(!Self.rules([.conversation(Self.group): preferences]).mayRing)
        preferences.quietUntil = Self.now
        #expect(Self.rules([.conversation(Self.group): preferences]).mayRing)
    }

    @Test func whatIsForcedRingsAllTheSame() {
        #expect(Self.rules([.everywhere: Self.level(.none)], isMuted: true) { $0.isForced = true }.mayRing)
        #expect(!Self.rules(delivery: .discard) { $0.isForced = true }.mayRing)
    }
}
