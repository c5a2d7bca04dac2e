import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

extension Scene {
    func mail(
        _ user: UserID = "alice", in app: AppID = Scene.app, after: MessageID = .none, limit: Int = 1000
    ) async throws -> Mail {
        try await self.store.mail(of: user, in: app, after: after, limit: limit)
    }

    /// Page by page.
    func wholeMail(_ user: UserID = "alice", after: MessageID = .none, limit: Int) async throws -> [Mail.Item] {
        var (items, after) = ([] as [Mail.Item], after)
        while true {
            let mail = try await self.mail(user, after: after, limit: limit)
            #expect(mail.items.count <= limit && mail.through >= after)
            items += mail.items
            guard mail.hasMore else { return items }
            #expect(mail.items.count == limit && mail.through == mail.items.last?.entry.id)
            after = mail.through
        }
    }

    @discardableResult
    func say(
        _ text: String, in conversation: Conversation = .group(GroupID("g")), from sender: UserID = "bob",
        app: AppID = Scene.app, _ change: (inout Message) -> Void = { _ in }
    ) async throws -> Receipt {
        var message = Message(
            sender: sender, content: .text(text), native: Native(dialect: .parley, payload: Array("{}".utf8)))
        change(&message)
        return try await self.store.append(
            Draft(conversation: ConversationID(app: app, conversation), body: .message(message)))
    }

    fileprivate func member(
        _ user: UserID = "alice", of group: String = "g", _ change: @escaping @Sendable (inout Member) -> Void
    ) async throws {
        try await self.store.write(in: Self.app) { transaction in
            var member = try transaction.member(user, of: GroupID(group))
            if member != nil { change(&member!) }
            try transaction.save(member ?? Member(user: user, joinedAt: transaction.now), of: GroupID(group))
        }
    }

    fileprivate func leave(_ group: String = "g", _ user: UserID = "alice") async throws {
        try await self.store.write(in: Self.app) { try $0.remove(user, from: GroupID(group)) }
    }

    fileprivate func edit(_ receipt: Receipt, to text: String) async throws {
        try await self.store.write(in: Self.app) { transaction in
            let entry = try transaction.entry(receipt.id)
            guard var message = entry?.message, let conversation = entry?.conversation.conversation else { return }
            message.content = .text(text)
            let mark = EditMark(by: message.sender, at: transaction.now, count: 1)
            try transaction.replace(receipt.id, with: message, mark)
            let edit = Edit(target: receipt.id, targetSequence: receipt.sequence, message: message, mark: mark)
            _ = try transaction.append(.edit(edit), to: conversation)
        }
    }

    fileprivate func recall(_ receipt: Receipt) async throws {
        try await self.store.write(in: Self.app) { transaction in
            try transaction.markRecalled(receipt.id, leavesNoTrace: false)
            let recall = Recall(target: receipt.id, targetSequence: receipt.sequence, by: "bob")
            _ = try transaction.append(.recall(recall), to: .group(GroupID("g")))
        }
    }

    /// So that the next reads are not of the log's end.
    fileprivate func sayMuchElsewhere() async throws {
        _ = try await self.store.append((1...40).map { self.draft("\($0)", to: "elsewhere") })
    }
}

extension MessageID {
    fileprivate static let none = MessageID(rawValue: 0)
}

extension [Mail.Item] {
    fileprivate var texts: [String] { self.map(\.entry.text) }
    /// Those that are not to be shown in brackets.
    fileprivate var marked: [String] {
        self.map { item in
            let word =
                switch item.entry.body {
                case .message: item.entry.text
                case .recall: "recall"
                case .edit: "edit"
                case .notice: "notice"
                }
            return item.isVisible ? word : "(\(word))"
        }
    }
}

/// Each rule is looked at twice: among the newest few entries, and with others after them, which the store reads in another way.
@Suite struct MailTests {
    private func expect(
        _ expected: [String], _ scene: Scene, _ user: UserID = "alice", after: MessageID = .none,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(try await scene.mail(user, after: after).items.marked == expected, sourceLocation: location)
        try await scene.sayMuchElsewhere()
        #expect(try await scene.mail(user, after: after).items.marked == expected, sourceLocation: location)
    }

    // MARK: Order, pages

    private static let conversations: [Conversation] = [
        .group(GroupID("mine")), .group(GroupID("theirs")), .group(GroupID("late")), .direct("alice", "bob"),
        .direct("zoe", "alice"), .direct("alice", "alice"), .direct("bob", "zoe"), .system("alice"), .system("bob"),
        .room(RoomID("alice")),
    ]

    private static func isAlices(_ entry: Entry) -> Bool {
        guard entry.conversation.app == Scene.app else { return false }
        return switch entry.conversation.conversation {
        case .direct(let pair): pair.lesser == "alice" || pair.greater == "alice"
        case .group(let group): group == GroupID("mine") || group == GroupID("late") && entry.sequence! > 5
        case .system(let user): user == "alice"
        case .room: false
        }
    }

    /// Whatever it begins after and however long the pages are.
    @Test(arguments: Place.allCases)
    func mailIsWhatWasSaidInAllOfTheUsersConversationsInTheOrderOfIDs(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup("mine", members: ["alice", "bob"])
        try await scene.makeGroup("theirs", members: ["bob"])
        try await scene.makeGroup("late", members: ["bob"])
        for number in 1...5 { try await scene.say("before \(number)", in: .group(GroupID("late"))) }
        try await scene.member("alice", of: "late") { _ in }
        var generator = SystemRandomNumberGenerator()
        for batch in 1...30 {
            if batch % 3 == 0 { scene.clock.advance(milliseconds: 1) }
            let drafts = (1...10).map { number in
                // Some say much more than others.
                let conversation = Self.conversations[
                    min(.random(in: 0..<10, using: &generator), .random(in: 0..<10, using: &generator))]
                let app = number == 7 ? AppID("other") : Scene.app
                return Draft(conversation: ConversationID(app: app, conversation), body: .text("\(batch).\(number)"))
            }
            _ = try await scene.store.append(drafts)
        }
        let log = scene.signals.entries
        let alices = log.filter(Self.isAlices)
        for limit in [1, 2, 7, 50, 1000] {
            let items = try await scene.wholeMail(limit: limit)
            #expect(items.map(\.entry.id) == alices.map(\.id))
            #expect(items.texts == alices.map(\.text) && items.allSatisfy(\.isVisible))
            #expect(items.map(\.entry.conversation) == alices.map(\.conversation))
        }
        for entry in log {
            let mail = try await scene.mail(after: entry.id, limit: 12)
            let rest = alices.filter { $0.id > entry.id }
            #expect(mail.items.map(\.entry.id) == rest.prefix(12).map(\.id))
            #expect(mail.hasMore == (rest.count > 12))
            #expect(mail.through == (rest.count > 12 ? mail.items.last?.entry.id : log.last?.id))
        }
    }

    @Test(arguments: Place.allCases)
    func oneConversationMayBeMostOfTheMail(_ place: Place) async throws {
        let scene = try Scene(place)
        for group in 0..<40 {
            try await scene.makeGroup("g\(group)", members: ["alice"])
            _ = try await scene.store.append(scene.draft("one", to: "g\(group)"))
        }
        for _ in 0..<5 { _ = try await scene.store.append((1...100).map { scene.draft("\($0)", to: "g7") }) }
        for group in 0..<40 { _ = try await scene.store.append(scene.draft("last", to: "g\(group)")) }
        let ids = scene.signals.entries.map(\.id)
        for limit in [1, 30, 45, 300, 539, 540, 541] {
            #expect(try await scene.wholeMail(limit: limit).map(\.entry.id) == ids)
        }
    }

    @Test(arguments: Place.allCases)
    func pagesHaveNeitherGapsNorRepeatsWhileOthersWrite(_ place: Place) async throws {
        let scene = try Scene(place)
        for group in 0..<5 { try await scene.makeGroup("g\(group)", members: group < 3 ? ["alice"] : []) }
        let writing = Task {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for writer in 0..<5 {
                    tasks.addTask {
                        for number in 1...60 {
                            try await scene.say("\(number)", in: .group(GroupID("g\(writer)")))
                            try await scene.say("\(number)", in: .direct("alice", UserID("u\(writer)")))
                        }
                    }
                }
                try await tasks.waitForAll()
            }
        }
        var (ids, after, limit) = ([] as [MessageID], MessageID.none, 1)
        while ids.count < 480 {
            let mail = try await scene.mail(after: after, limit: limit)
            #expect(mail.through >= after)
            ids += mail.items.map(\.entry.id)
            after = mail.through
            limit = limit % 23 + 1
        }
        try await writing.value
        let theirs = ["g3", "g4"].map { Conversation.group(GroupID($0)) }
        let all = scene.signals.entries.filter { !theirs.contains($0.conversation.conversation) }
        #expect(ids == all.map(\.id))
        #expect(try await scene.mail(after: after).items.isEmpty)
    }

    @Test(arguments: Place.allCases)
    func anAnswerHasAtMostAThousandAndAtLeastOne(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        for _ in 1...11 { _ = try await scene.store.append((1...100).map { scene.draft("\($0)") }) }
        let mail = try await scene.mail(limit: .max)
        #expect(mail.items.count == Mail.limit && mail.hasMore && mail.through == mail.items.last?.entry.id)
        #expect(try await scene.mail(limit: 0).items.count == 1)
        #expect(try await scene.mail(after: mail.through, limit: -1).items.count == 1)
        #expect(try await scene.wholeMail(limit: 1000).count == 1100)
    }

    /// Whoever hands it over could not write more at once.
    @Test(arguments: Place.allCases)
    func anAnswerEndsWhereThereIsEnoughOfIt(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        let long = Array("\"\(String(repeating: "x", count: Mail.byteLimit * 2 / 5))\"".utf8)
        for number in 1...40 {
            try await scene.say("\(number)") { if number % 10 < 5 { $0.native.payload = long } }
        }
        let ids = scene.signals.entries.map(\.id)
        for start in [0, 30] {
            var (read, after, answers) = ([] as [MessageID], start == 0 ? .none : ids[start - 1], 0)
            while true {
                let mail = try await scene.mail(after: after)
                read += mail.items.map(\.entry.id)
                #expect(mail.items.count { $0.entry.message?.native.payload == long } <= 3)
                #expect(mail.through == read.last && (!mail.hasMore || !mail.items.isEmpty))
                (after, answers) = (mail.through, answers + 1)
                guard mail.hasMore else { break }
            }
            #expect(read == Array(ids[start...]) && answers == (start == 0 ? 7 : 2))
        }
    }

    // MARK: How far it has been looked at

    @Test(arguments: Place.allCases)
    func whoHasNoMailIsDoneWithAllThatOthersHave(_ place: Place) async throws {
        let scene = try Scene(place)
        #expect(try await scene.mail("nobody").through == .none)
        try await scene.makeGroup(members: ["alice"])
        for count in [3, 40] {
            _ = try await scene.store.append((1...count).map { scene.draft("\($0)") })
            let newest = try #require(scene.signals.entries.last?.id)
            for user in ["nobody", "", "ali", "alice "] as [UserID] {
                let mail = try await scene.mail(user)
                #expect(mail.items.isEmpty && mail.through == newest && !mail.hasMore)
            }
            let mail = try await scene.mail(in: AppID("other"))
            #expect(mail.items.isEmpty && !mail.hasMore)
        }
    }

    @Test(arguments: Place.allCases)
    func whoAsksForWhatIsToComeIsNotSentBack(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        let receipt = try await scene.say("1")
        let future = [receipt.id.rawValue, receipt.id.rawValue + 1, 1 << 53, .max].map(MessageID.init(rawValue:))
        for after in future {
            let mail = try await scene.mail(after: after)
            #expect(mail.items.isEmpty && mail.through == after && !mail.hasMore)
        }
    }

    // MARK: Whose it is

    @Test(arguments: Place.allCases)
    func whatWasSaidBeforeJoiningOrInAGroupThatWasLeftIsNotMail(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["bob"])
        try await scene.say("before")
        try await scene.member { _ in }
        try await scene.say("since")
        try await self.expect(["since"], scene)
        try await scene.leave()
        try await scene.say("meanwhile")
        try await self.expect([], scene)
        try await scene.member { _ in }
        try await scene.say("again")
        try await self.expect(["again"], scene)
        try await self.expect(["before", "since", "meanwhile", "again"], scene, "bob")
    }

    @Test(arguments: Place.allCases)
    func aGroupThatIsGoneIsNotMailAndItsSuccessorIs(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        try await scene.say("old")
        try await scene.store.write(in: Scene.app) { try $0.delete(GroupID("g")) }
        try await self.expect([], scene)
        try await scene.makeGroup(members: ["alice"])
        try await scene.say("new")
        try await self.expect(["new"], scene)
    }

    // MARK: What is shown

    @Test(arguments: Place.allCases)
    func whatWasClearedOrDeletedHoldsItsPlace(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        for number in 1...5 {
            try await scene.say("\(number)")
            try await scene.say("d\(number)", in: .direct("alice", "bob"))
        }
        try await scene.save("alice") { $0.clearedThrough = 2 }
        try await scene.hide([4], from: "alice")
        try await scene.hide([3], from: "bob")
        try await self.expect(["(1)", "d1", "(2)", "d2", "3", "d3", "(4)", "d4", "5", "d5"], scene)
        try await self.expect(["1", "d1", "2", "d2", "(3)", "d3", "4", "d4", "5", "d5"], scene, "bob")
    }

    @Test(arguments: Place.allCases)
    func whatWasTakenBackHoldsItsPlaceAndTheRecallIsTold(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        let first = try await scene.say("first")
        try await scene.say("second")
        try await scene.recall(first)
        try await self.expect(["(first)", "second", "recall"], scene)
        try await self.expect(["recall"], scene, after: MessageID(rawValue: first.id.rawValue + 16))
    }

    @Test(arguments: Place.allCases)
    func whatWasEditedIsAsItIsNowAndOnlyTheLastEditIsShown(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        let first = try await scene.say("first")
        try await scene.edit(first, to: "second")
        try await scene.edit(first, to: "third")
        try await self.expect(["third", "(edit)", "edit"], scene)
        // Of what he has deleted he hears no more, also where only the edit is asked for.
        try await scene.hide([1], from: "alice")
        try await self.expect(["(third)", "(edit)", "(edit)"], scene)
        try await self.expect(["(edit)", "(edit)"], scene, after: first.id)
        try await self.expect(["edit"], scene, "bob", after: try await scene.mail(limit: 2).through)
    }

    @Test(arguments: Place.allCases)
    func whatIsForOthersOrNotForItsSenderHoldsItsPlace(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob", "carol"])
        try await scene.say("for alice") { $0.audience = .only(["alice"]) }
        try await scene.say("for carol") { $0.audience = .only(["carol"]) }
        try await scene.say("not for bob") { $0.options.reachesSender = false }
        try await scene.say("live") { $0.options.isLiveOnly = true }
        try await scene.say("unkept") { $0.options.keptInHistory = false }
        let rest = ["live", "unkept"]
        try await self.expect(["for alice", "(for carol)", "not for bob"] + rest, scene)
        try await self.expect(["for alice", "for carol", "(not for bob)"] + rest, scene, "bob")
        try await self.expect(["(for alice)", "for carol", "not for bob"] + rest, scene, "carol")
    }

    @Test(arguments: Place.allCases)
    func whatDoesNotReachAMemberHoldsItsPlace(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        try await scene.say("1")
        try await scene.member { $0.delivery = .discard }
        try await scene.say("2", in: .direct("alice", "bob"))
        try await self.expect(["(1)", "2"], scene)
        try await self.expect(["1", "2"], scene, "bob")
        try await scene.member { $0.delivery = .silent }
        try await self.expect(["1", "2"], scene)
    }

    // MARK: What is lost

    @Test(arguments: Place.allCases)
    func whatIsNoLongerKeptIsPassedOver(_ place: Place) async throws {
        let scene = try Scene(place) { $0.historyRetentionSeconds = 3600 }
        try await scene.makeGroup(members: ["alice"])
        try await scene.makeGroup("h", members: ["alice"])
        _ = try await scene.store.append((1...30).flatMap { [scene.draft("\($0)"), scene.draft("\($0)", to: "h")] })
        scene.clock.advance(seconds: 3601)
        _ = try await scene.store.append((31...60).map { scene.draft("\($0)") })
        try await scene.store.maintain()
        #expect(try await scene.wholeMail(limit: 7).texts == (31...60).map { "\($0)" })
        #expect(try await scene.mail(after: scene.signals.entries[10].id).items.count == 30)
        scene.clock.advance(seconds: 3601)
        try await scene.store.maintain()
        let mail = try await scene.mail()
        #expect(mail.items.isEmpty && !mail.hasMore)
    }

    @Test func anEntryThatCannotBeReadDoesNotHoldUpTheRest() async throws {
        let scene = try Scene(.folder)
        try await scene.makeGroup(members: ["alice"])
        for number in 1...4 { try await scene.say("\(number)") }
        try scene.execute("UPDATE entries SET kind = 'strange' WHERE sequence IN (2, 4)")
        try await self.expect(["1", "3"], scene)
        let ids = scene.signals.entries.map(\.id)
        let mail = try await scene.mail(after: ids[0], limit: 1)
        #expect(mail.items.isEmpty && mail.hasMore && mail.through == ids[1])
    }
}
