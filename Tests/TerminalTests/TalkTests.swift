import Foundation
import Testing

@testable import ParleyClient
@testable import parley

struct TalkTests {
    private var talk = Talk(format: Format(isPlain: false, timeZone: TimeZone(secondsFromGMT: 0)!))
    private let noon = Date(timeIntervalSince1970: 12 * 3600)

    private mutating func online() {
        _ = self.talk.happened(
            .connected(.init(app: "demo", user: "alice", device: "d", session: "s", now: self.noon)), at: self.noon)
        _ = self.talk.listed([
            Self.summary(.group("g"), "Friends", unread: 2, sequence: 5),
            Self.summary(.direct("bob"), "Bob", sequence: 3),
        ])
        _ = self.talk.history(.group("g"), [], hasMore: false, at: self.noon)
        _ = self.talk.happened(.ready, at: self.noon)
    }

    private static func summary(
        _ conversation: Conversation, _ name: String, unread: Int = 0, sequence: Int64
    ) -> ConversationSummary {
        ConversationSummary(
            conversation: conversation, name: name, sequence: sequence, activeAt: nil, unread: unread,
            mentionSequence: nil, readSequence: 0, clearedSequence: 0, pinnedAt: nil, isMuted: false,
            peerReadSequence: nil, last: nil)
    }

    private func message(
        _ sequence: Int64, _ text: String, in conversation: Conversation = .group("g"), from: UserID = "bob"
    ) -> Message {
        Message(
            conversation: conversation, sequence: sequence, id: MessageID("\(sequence)"), sentAt: self.noon, from: from,
            content: .text(text))
    }

    private func shown(_ effects: [Talk.Effect]) -> [String] {
        effects.flatMap { if case .show(let lines) = $0 { lines.map(\.plain) } else { [String]() } }
    }

    @Test mutating func theFirstScreenIsTheListAndTheFirstConversation() {
        _ = self.talk.happened(
            .connected(.init(app: "demo", user: "alice", device: "d", session: "s", now: self.noon)), at: self.noon)
        let effects = self.talk.listed([
            Self.summary(.group("g"), "Friends", unread: 2, sequence: 5),
            Self.summary(.direct("bob"), "Bob", sequence: 3),
        ])
        #expect(self.shown(effects) == ["  1 Friends  2 unread", "  2 Bob", "—— Friends (group:g) ——"])
        #expect(effects.last == .history(.group("g"), before: nil, limit: 20))
        #expect(self.talk.prompt(at: self.noon).plain == "Friends> ")
    }

    @Test mutating func whatComesBeforeHistoryIsShownAfterItAndOnce() {
        self.online()
        _ = self.talk.typed("/2", at: self.noon)
        let bob = Conversation.direct("bob")
        #expect(self.talk.happened(.message(self.message(4, "new", in: bob)), at: self.noon).isEmpty)
        let past = (1...3).map { self.message($0, "old", in: bob) }
        let effects = self.talk.history(bob, past, hasMore: false, at: self.noon)
        #expect(
            self.shown(effects) == [
                "12:00 bob #1: old", "12:00 bob #2: old", "12:00 bob #3: old", "12:00 bob #4: new",
            ])
        // It was missed too, and comes again from there.
        #expect(self.talk.happened(.message(self.message(3, "old", in: bob)), at: self.noon).isEmpty)
    }

    @Test mutating func whatIsSaidInTheOpenConversationIsShownAndRead() {
        self.online()
        let effects = self.talk.happened(.message(self.message(6, "hello")), at: self.noon)
        #expect(self.shown(effects) == ["12:00 bob #6: hello"])
        #expect(effects.last == .markRead(.group("g"), upTo: 6))
    }

    @Test mutating func whatIsSaidElsewhereIsCountedInThePromptUntilThatIsOpened() {
        self.online()
        let effects = self.talk.happened(.message(self.message(4, "psst", in: .direct("bob"))), at: self.noon)
        #expect(self.shown(effects) == ["12:00 [Bob] bob #4: psst"])
        #expect(self.talk.prompt(at: self.noon).plain == "(2:Bob 1) Friends> ")
        #expect(self.talk.typed("/2", at: self.noon).last == .history(.direct("bob"), before: nil, limit: 20))
        let read = self.talk.history(
            .direct("bob"), [self.message(4, "psst", in: .direct("bob"))], hasMore: false, at: self.noon)
        #expect(read.last == .markRead(.direct("bob"), upTo: 4))
        // What was unread in the group is so still: its history was never shown.
        #expect(self.talk.prompt(at: self.noon).plain == "(1:Friends 2) Bob> ")
    }

    @Test mutating func whatIsTakenBackBeforeItIsReadIsUnreadNoMore() {
        self.online()
        let bob = Conversation.direct("bob")
        for number in 4...5 {
            _ = self.talk.happened(.message(self.message(Int64(number), "x", in: bob)), at: self.noon)
        }
        #expect(self.talk.room(bob).unread == 2)
        let recall = Recall(
            conversation: bob, sequence: 6, id: "6", at: self.noon, target: "5", targetSequence: 5, by: "bob",
            byAdministrator: false, leavesNoTrace: false, reason: nil, attachment: nil)
        #expect(self.shown(self.talk.happened(.recall(recall), at: self.noon)) == ["- [Bob] bob recalled #5: x"])
        #expect(self.talk.room(bob).unread == 1)
    }

    @Test mutating func whatTheListHasCountedIsNotCountedAgainWhenItComes() {
        self.online()
        _ = self.talk.typed("/2", at: self.noon)
        _ = self.talk.happened(.message(self.message(5, "old")), at: self.noon)
        #expect(self.talk.room(.group("g")).unread == 2)
    }

    @Test mutating func whatIsTypedGoesToTheOpenConversation() {
        self.online()
        #expect(self.talk.typed("hello", at: self.noon) == [.send(.group("g"), .text("hello"))])
        #expect(self.talk.typed("//shrug", at: self.noon) == [.send(.group("g"), .text("/shrug"))])
        _ = self.talk.typed("/to carol", at: self.noon)
        #expect(self.talk.typed("hi", at: self.noon) == [.send(.direct("carol"), .text("hi"))])
        _ = self.talk.typed("/to friends", at: self.noon)
        #expect(self.talk.open == .group("g"))
    }

    @Test mutating func whatIsTypedWhileTheServerIsGoneIsSeenToWait() {
        self.online()
        _ = self.talk.happened(.disconnected(.goingAway, retryIn: .seconds(1)), at: self.noon)
        let effects = self.talk.typed("hello", at: self.noon)
        #expect(self.shown(effects) == ["  … hello  (will be sent)"])
        #expect(effects.last == .send(.group("g"), .text("hello")))
        #expect(self.talk.prompt(at: self.noon).plain == "reconnecting… 1 unsent Friends> ")
        let again = self.talk.happened(.disconnected(.network("x"), retryIn: .seconds(1)), at: self.noon)
        #expect(self.shown(again) == [])
        self.talk.sent()
        _ = self.talk.happened(
            .connected(.init(app: "demo", user: "alice", device: "d", session: "s", now: self.noon)), at: self.noon)
        #expect(self.talk.prompt(at: self.noon).plain == "Friends> ")
    }

    @Test mutating func whatIsTypedBeforeThereIsAnybodyToHearItWaits() {
        #expect(self.talk.typed("early", at: self.noon) == [])
        let effects = self.talk.listed([Self.summary(.group("g"), "Friends", sequence: 0)])
        #expect(effects.contains(.send(.group("g"), .text("early"))))
        #expect(!self.talk.listed([]).contains(.send(.group("g"), .text("early"))))
    }

    @Test mutating func commandsAreAboutMessagesByTheirNumber() {
        self.online()
        let own = self.message(6, "mine", from: "alice")
        let other = self.message(7, "yours")
        for message in [own, other] { _ = self.talk.happened(.message(message), at: self.noon) }
        #expect(self.talk.typed("/recall", at: self.noon) == [.recall(own)])
        #expect(self.talk.typed("/recall #7", at: self.noon) == [.recall(other)])
        #expect(self.talk.typed("/edit #6 ours now", at: self.noon) == [.edit(own, to: "ours now")])
        #expect(self.talk.typed("/delete 7", at: self.noon) == [.delete(other)])
        #expect(self.talk.typed("/pin", at: self.noon) == [.change(.group("g"), .pin)])
        #expect(self.talk.typed("/watch bob", at: self.noon) == [.watch("bob", true)])
        #expect(
            self.talk.typed("/file \"a b.txt\" look", at: self.noon) == [
                .sendFile(.group("g"), path: "a b.txt", caption: "look")
            ])
        #expect(self.talk.unsent == 1)
        #expect(self.talk.typed("/quit", at: self.noon) == [.quit])
        #expect(
            self.shown(self.talk.typed("/recall #99", at: self.noon)) == [
                "- #99 is not among what was shown; /history shows more"
            ])
        #expect(
            self.shown(self.talk.typed("/dance", at: self.noon)) == ["- there is no /dance; /help lists what there is"])
    }

    @Test mutating func typingIsShownForAWhile() {
        self.online()
        _ = self.talk.happened(.typing(.group("g"), "bob", isTyping: true), at: self.noon)
        #expect(self.talk.prompt(at: self.noon).plain == "Friends bob is typing…> ")
        #expect(self.talk.prompt(at: self.noon.addingTimeInterval(7)).plain == "Friends> ")
    }

    @Test mutating func anotherDayIsSaid() {
        self.online()
        _ = self.talk.happened(.message(self.message(6, "today")), at: self.noon)
        var tomorrow = self.message(7, "tomorrow")
        tomorrow.sentAt = self.noon.addingTimeInterval(86400)
        #expect(
            self.shown(self.talk.happened(.message(tomorrow), at: self.noon)) == [
                "—— 1970-01-02 ——", "12:00 bob #7: tomorrow",
            ])
    }

    @Test mutating func groupsInWhichNothingWasSaidAreInTheFirstScreen() {
        let groups = [("g", "Friends"), ("quiet", "Quiet")].map { id, name in
            Group(conversation: .group(id), name: name, owner: nil, role: "member", joinedAt: nil)
        }
        let first = self.talk.listed([], groups: groups)
        #expect(self.shown(first).prefix(2) == ["  1 Friends  nothing said yet", "  2 Quiet  nothing said yet"])
        #expect(self.talk.open == .group("g"))
        let list = self.talk.listed([Self.summary(.group("quiet"), "Quiet", sequence: 1)], groups: groups)
        #expect(self.shown(list) == ["  1 Quiet", "  2 Friends  nothing said yet"])
    }

    @Test mutating func hostileTextIsHarmlessWhereverItStands() {
        self.online()
        let message = self.message(6, "\u{1B}]0;pwned\u{7}\nnext\u{202E}", from: "mal\u{1B}[2Jlory")
        let lines = self.shown(self.talk.happened(.message(message), at: self.noon))
        #expect(lines == ["12:00 mal␛[2Jlory #6: ␛]0;pwned␇", "      next"])
        let list = self.talk.listed([Self.summary(.group("g"), "\u{1B}[31mevil", sequence: 6)])
        #expect(!self.shown(list).joined().unicodeScalars.contains("\u{1B}"))
    }

    @Test func aPipeGetsOneLineForEachMessageWithAllThatIsKnown() {
        var talk = Talk(format: Format(isPlain: true))
        _ = talk.happened(
            .connected(.init(app: "demo", user: "alice", device: "d", session: "s", now: self.noon)), at: self.noon)
        let effects = talk.happened(.message(self.message(1, "two\nlines")), at: self.noon)
        #expect(self.shown(effects) == ["[group:g #1] bob: two⏎lines  (text, parley)"])
        #expect(effects.count == 1)
    }
}
