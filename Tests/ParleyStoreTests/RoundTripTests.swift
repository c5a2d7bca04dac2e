import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct RoundTripTests {
    static let media: Media = {
        var media = Media(url: "https://x/y?a=b&c=\"d\"", name: "n", bytes: .max)
        media.mediaType = "image/png"
        media.width = 640
        media.height = -1
        media.seconds = 1.1
        media.secret = "s"
        media.thumbnailURL = "t"
        media.thumbnailSecret = "ts"
        media.inlineBase64 = "AAA="
        return media
    }()

    static let contents: [Content] = [
        .text(""), .text("héllo \u{0}\u{1}\u{1F}\"\\\n\r\t\u{2028} 👩‍👩‍👧"), .image(media), .voice(media), .video(media),
        .file(Media()), .location(Location(latitude: 0.1 + 0.2, longitude: -179.999999999999, address: nil)),
        .location(Location(latitude: .leastNonzeroMagnitude, longitude: 1e300, address: "a")),
        .face(index: -3, data: "d"),
        .command(name: "c", data: "{}"), .custom(type: "T", data: #"{"a":[1,2,{"b":null}]}"#), .combined([]),
        .combined([.text("a"), .image(media), .combined([.face(index: 1, data: ""), .custom(type: "", data: "")])]),
    ]

    static let options: [MessageOptions] = {
        var changes: [(inout MessageOptions) -> Void] = [
            { $0.reachesSender = false }, { $0.keptInHistory = false }, { $0.isLiveOnly = true },
            { $0.countsAsUnread = false }, { $0.updatesConversation = false },
            { $0.hiddenFromHistoryOf = ["a", "b"] }, { $0.mention = .everyone }, { $0.mention = .users([]) },
            { $0.mention = .users(["a"]) }, { $0.mention = .everyoneAnd(["a", "b"]) },
            { $0.mention = .everyoneAnd([]) },
            { $0.priority = .high }, { $0.priority = .low }, { $0.priority = .lowest }, { $0.isExpandable = true },
            { $0.expansion = ["k": "v", "\"": ""] }, { $0.wantsReadReceipts = true },
            { $0.push.isDisabled = true }, { $0.push.isSilent = true }, { $0.push.title = "" },
            { $0.push.text = "t" }, { $0.push.data = "d" }, { $0.push.native = Array(#"{ "a" : [1.50, null] }"#.utf8) },
            { $0.forbiddenCallbacks = [.beforeSend, .afterSend] }, { $0.attachment = #"{"x":1}"# },
            { $0.random = .max },
        ]
        let each = changes
        changes.append { options in for change in each { change(&options) } }
        return changes.map { change in
            var options = MessageOptions()
            change(&options)
            return options
        }
    }()

    static let bodies: [Entry.Body] =
        contents.map {
            .message(
                Message(sender: "s", content: $0, native: Native(dialect: DialectName("d"), payload: [1, 0, 255])))
        }
        + options.map {
            .message(
                Message(
                    sender: "s", audience: .only(["a", "b"]), content: .text("t"),
                    native: Native(dialect: .parley, payload: []), options: $0))
        }
        + [
            .message(
                Message(
                    sender: "", audience: .only([]), content: .text("t"), native: Native(dialect: .parley, payload: []))
            ),
            .recall(Recall(target: MessageID(rawValue: 1 << 52), by: "u")),
            .recall(
                Recall(
                    target: MessageID(rawValue: 3), targetSequence: 7, by: "u", byAdministrator: true,
                    leavesNoTrace: true, reason: "r", attachment: "a", audience: .only(["x", "y"]), untold: "x")),
            .edit(
                Edit(
                    target: MessageID(rawValue: 3),
                    message: Message(
                        sender: "s", content: .text("new"), native: Native(dialect: .parley, payload: [1, 0])),
                    mark: EditMark(by: "e", at: Timestamp(milliseconds: -1), count: 1))),
            .edit(
                Edit(
                    target: MessageID(rawValue: 1 << 52), targetSequence: 7,
                    message: Message(
                        sender: "s", audience: .only(["a"]), content: .combined([.text("a")]),
                        native: Native(dialect: .parley, payload: []), options: options.last!),
                    mark: EditMark(by: "e", at: .distantFuture, count: 12), byAdministrator: true)),
            .notice(.joined(["a", "b"], by: nil)), .notice(.joined([], by: "c")), .notice(.left(["a"])),
            .notice(.removed(["a"], by: "c")), .notice(.removed(["a"], by: nil)), .notice(.changed(by: "c")),
            .notice(.changed(by: nil)),
        ]

    @Test(arguments: Place.allCases)
    func everyBodyComesBackAsItWas(_ place: Place) async throws {
        let scene = try Scene(place)
        let conversation = scene.conversation()
        _ = try await scene.store.append(Self.bodies.map { Draft(conversation: conversation, body: $0) })
        let stored = try await scene.store.entries(of: conversation, after: 0, limit: 1000).map(\.body)
        try #require(stored.count == Self.bodies.count)
        for (stored, body) in zip(stored, Self.bodies) { #expect(stored == body) }
    }

    @Test(arguments: Place.allCases)
    func everyKindOfConversationComesBackByID(_ place: Place) async throws {
        let scene = try Scene(place)
        let conversations: [Conversation] = [
            .direct("b", "a"), .direct("a", "a"), .direct("", "é"), .group(GroupID("g")), .room(RoomID("r")),
            .system("u"), .group(GroupID("@TGS#\u{0}'x'")),
        ]
        for conversation in conversations {
            let id = ConversationID(app: Scene.app, conversation)
            let receipt = try await scene.store.append(Draft(conversation: id, body: .text("t")))
            #expect(try await scene.store.entry(receipt.id, in: Scene.app)?.conversation == id)
        }
    }

    @Test(arguments: Place.allCases)
    func aRecalledMessageIsMarkedWhereverItIsRead(_ place: Place) async throws {
        let scene = try Scene(place)
        let receipts = try await scene.store.append([scene.draft("one"), scene.draft("two")])
        try await scene.store.write(in: Scene.app) { try $0.markRecalled(receipts[0].id, leavesNoTrace: false) }
        // Another App's messages are out of reach.
        try await scene.store.write(in: AppID("other")) { try $0.markRecalled(receipts[1].id, leavesNoTrace: false) }
        let entries = try await scene.store.entries(of: scene.conversation(), after: 0, limit: 10)
        #expect(entries.map(\.isRecalled) == [true, false])
        #expect(try await scene.store.entry(receipts[0].id, in: Scene.app)?.isRecalled == true)
        #expect(try await scene.store.entry(1, of: scene.conversation())?.isRecalled == true)
    }

    @Test(arguments: Place.allCases)
    func whatBecameOfAMessageIsToldWhereverItIsRead(_ place: Place) async throws {
        let scene = try Scene(place)
        let receipts = try await scene.store.append((1...3).map { scene.draft("\($0)") })
        let mark = EditMark(by: "e", at: Timestamp(milliseconds: 7), count: 3)
        guard case .message(var message) = Entry.Body.text("new") else { return }
        message.content = .custom(type: "T", data: "new")
        message.native = Native(dialect: DialectName("other"), payload: [9])
        let edited = message
        try await scene.store.write(in: AppID("other")) { try $0.replace(receipts[2].id, with: edited, mark) }
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.markRecalled(receipts[0].id, leavesNoTrace: true)
            try transaction.replace(receipts[1].id, with: edited, mark)
            #expect(try transaction.entry(receipts[1].id)?.edit == mark)
        }
        let fates = [Entry.Fate(isRecalled: true, leavesNoTrace: true), Entry.Fate(edit: mark), Entry.Fate()]
        let entries = try await scene.store.entries(of: scene.conversation(), after: 0, limit: 10)
        #expect(entries.map(\.fate) == fates)
        #expect(entries[1].message == edited && entries[2].text == "3")
        #expect(
            try await scene.store.entries(of: scene.conversation(), upTo: nil, limit: 10).map(\.fate)
                == fates.reversed())
        for (index, receipt) in receipts.enumerated() {
            #expect(try await scene.store.entry(receipt.id, in: Scene.app)?.fate == fates[index])
            #expect(try await scene.store.entry(UInt64(index + 1), of: scene.conversation())?.fate == fates[index])
        }
    }

    @Test func whatCouldNotBeReadBackIsRefused() async throws {
        let scene = try Scene(.memory)
        var options = MessageOptions()
        options.push.native = Array("{not json".utf8)
        let message = Message(
            sender: "s", content: .text("t"), native: Native(dialect: .parley, payload: []), options: options)
        await #expect(throws: StoreFault.unwritable("message of kind text")) {
            try await scene.store.append(Draft(conversation: scene.conversation(), body: .message(message)))
        }
        #expect(try await scene.store.lastSequence(of: scene.conversation()) == 0)
        let receipt = try await scene.store.append(scene.draft("old"))
        let mark = EditMark(by: "s", at: .distantPast, count: 1)
        await #expect(throws: StoreFault.unwritable("message of kind text")) {
            try await scene.store.write(in: Scene.app) { try $0.replace(receipt.id, with: message, mark) }
        }
        await #expect(throws: StoreFault.unwritable("edit of kind text")) {
            let edit = Edit(target: receipt.id, message: message, mark: mark)
            return try await scene.store.append(Draft(conversation: scene.conversation(), body: .edit(edit)))
        }
        #expect(try await scene.texts() == ["old"])
    }
}
