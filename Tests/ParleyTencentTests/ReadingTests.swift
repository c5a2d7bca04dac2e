import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyTencent

/// What reading, receipts and changes through the server API leave behind, and who is told.
@Suite struct ReadingTests {
    private static let alice = UserID("alice")
    private static let bob = UserID("bob")

    private func say(_ stage: Stage, _ fields: String = "", random: Int = 1) async throws -> String {
        let answer = try await stage.call(
            "openim/sendmsg",
            #"{"From_Account":"alice","To_Account":"bob","MsgRandom":\#(random),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}]\#(fields)}"#
        )
        return try #require(answer["MsgKey"]?.string)
    }

    @Test func theOtherOfADirectConversationIsToldHowFarItWasRead() async throws {
        let stage = try await Stage.make()
        _ = try await self.say(stage)
        try await stage.call("openim/admin_set_msg_read", #"{"Report_Account":"bob","Peer_Account":"alice"}"#)
        let read = Event.read(.direct(Self.alice, Self.bob), by: Self.bob, through: 1, at: stage.bench.clock.now())
        #expect(
            stage.bench.signals.announcements.contains(
                Announcement(app: stage.bench.app.id, event: read, recipients: .users([Self.alice]))))
    }

    @Test func theSenderIsToldOfAReceipt() async throws {
        let stage = try await Stage.make()
        let key = try await self.say(stage, #","IsNeedReadReceipt":1"#)
        let info = #"{"From_Account":"alice","To_Account":"bob","MsgKey":"\#(key)"}"#
        try await stage.call(
            "openim/c2c_msg_read_receipt",
            #"{"Operator_Account":"bob","Peer_Account":"alice","C2CMsgInfo":[\#(info)]}"#)
        let entry = try #require(stage.bench.signals.entries.last)
        let given = Acknowledgement(id: entry.id, sequence: 1, sender: Self.alice, readCount: 1)
        #expect(
            stage.bench.signals.announcements.map(\.event) == [
                .acknowledged(.direct(Self.alice, Self.bob), given, by: Self.bob, at: stage.bench.clock.now())
            ])
    }

    @Test func aTargetedMessageIsReadByThoseNamedOnly() async throws {
        let stage = try await Stage.make()
        try await stage.send(#","From_Account":"leckie","NeedReadReceipt":1,"To_Account":["tommy"]"#)
        let answer = try await stage.call(
            "group_open_http_svc/get_group_msg_receipt", #"{"GroupId":"@TGS#2C5SZEAEF","MsgSeqList":[{"MsgSeq":1}]}"#)
        #expect(answer["GroupMsgReceiptList"]?.array?.first?["UnreadNum"]?.int == 1)
    }

    /// What RongCloud's notification/set and clients change too; the member's devices are told.
    @Test func aMembersFlagIsWhetherTheGroupRingsForHim() async throws {
        let stage = try await Stage.make()
        func flag(_ name: String) async throws {
            try await stage.call(
                "group_open_http_svc/modify_group_member_info",
                #"{"GroupId":"@TGS#2C5SZEAEF","Member_Account":"tommy","MsgFlag":"\#(name)"}"#)
        }
        let conversation = ConversationID(app: stage.bench.app.id, .group(Stage.page))
        try await flag("AcceptNotNotify")
        let place = try await stage.bench.core.places.place(of: UserID("tommy"), in: conversation)
        #expect(place.isMuted)
        let change = PlaceChange(place, before: Place(user: UserID("tommy"), conversation: conversation.conversation))
        #expect(
            stage.bench.signals.announcements == [
                Announcement(app: stage.bench.app.id, event: .place(change), recipients: .users([UserID("tommy")]))
            ])
        try await flag("Discard")
        #expect(stage.bench.signals.announcements.count == 1, "it rang no more before either")
        try await flag("AcceptAndNotify")
        #expect(stage.bench.signals.announcements.count == 2)
    }

    // MARK: Changes

    @Test func whatIsNotGivenStaysAsItWas() async throws {
        let stage = try await Stage.make()
        try await stage.send(#","CloudCustomData":"old""#)
        try await stage.call(
            "openim/modify_group_msg", #"{"GroupId":"@TGS#2C5SZEAEF","MsgSeq":1,"CloudCustomData":"new"}"#)
        let conversation = ConversationID(app: stage.bench.app.id, .group(Stage.page))
        let message = try #require(try await stage.bench.core.log.entry(1, of: conversation)?.message)
        #expect(message.content == .text("hi"))
        #expect(message.options.attachment == "new")
        #expect(
            String(decoding: message.native.payload, as: UTF8.self)
                == #"{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}],"CloudCustomData":"new"}"#)
        guard case .edit(let edit)? = stage.bench.signals.entries.last?.body else {
            Issue.record("nobody is told")
            return
        }
        #expect(edit.targetSequence == 1 && edit.byAdministrator && edit.message == message)
    }

    @Test func anotherDialectsOriginalIsKeptUntilItsElementsChange() async throws {
        let stage = try await Stage.make()
        let native = Native(dialect: DialectName("easemob"), payload: Array(#"{"type":"txt"}"#.utf8))
        _ = try await stage.bench.core.send(
            Send(
                app: stage.bench.app.id, conversation: .group(Stage.page),
                message: Message(sender: UserID("tommy"), content: .text("helo"), native: native)))
        let conversation = ConversationID(app: stage.bench.app.id, .group(Stage.page))
        try await stage.call(
            "openim/modify_group_msg", #"{"GroupId":"@TGS#2C5SZEAEF","MsgSeq":1,"CloudCustomData":"d"}"#)
        let attached = try await stage.bench.core.log.entry(1, of: conversation)?.message
        #expect(attached?.native == native && attached?.options.attachment == "d")
        try await stage.call(
            "openim/modify_group_msg",
            #"{"GroupId":"@TGS#2C5SZEAEF","MsgSeq":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}]}"#
        )
        let changed = try await stage.bench.core.log.entry(1, of: conversation)?.message
        #expect(changed?.native.dialect == Tencent.name && changed?.content == .text("hello"))
        #expect(changed?.options.attachment == "d")
    }

    @Test func recallingAllOfASenderLeavesNoLine() async throws {
        let stage = try await Stage.make()
        for number in 1...3 { try await stage.send(#","From_Account":"tommy""#, random: number) }
        try await stage.call(
            "group_open_http_svc/delete_group_msg_by_sender",
            #"{"GroupId":"@TGS#2C5SZEAEF","Sender_Account":"tommy"}"#)
        let recalls = stage.bench.signals.entries.compactMap { entry -> Recall? in
            if case .recall(let recall) = entry.body { recall } else { nil }
        }
        #expect(recalls.count == 3)
        #expect(recalls.allSatisfy { $0.leavesNoTrace && $0.byAdministrator })
    }

    // MARK: The list

    @Test func theListGoesOnWhereThePageEnded() async throws {
        let stage = try await Stage.make()
        for number in 0..<130 {
            try await stage.bench.core.importUser(UserID("u\(number)"), in: stage.bench.app.id)
            stage.bench.clock.advance(milliseconds: 7)
            _ = try await stage.bench.core.send(
                Send(
                    app: stage.bench.app.id, conversation: .direct(UserID("u\(number)"), Self.bob),
                    message: Message(
                        sender: UserID("u\(number)"), content: .text("hi"),
                        native: Native(dialect: .parley, payload: Array("{}".utf8)))))
            guard number.isMultiple(of: 13) else { continue }
            try await stage.bench.core.changePlace(
                in: .direct(UserID("u\(number)"), Self.bob), of: Self.bob, in: stage.bench.app.id
            ) { $0.pinnedAt = $2 }
        }
        func page(_ cursors: String) async throws -> JSON {
            try await stage.call("recentcontact/get_list", #"{"From_Account":"bob"\#(cursors)}"#)
        }
        let first = try await page("")
        #expect(first["CompleteFlag"]?.int == 0)
        let (time, index) = (try #require(first["TimeStamp"]?.int), try #require(first["StartIndex"]?.int))
        let second = try await page(#","TimeStamp":\#(time),"StartIndex":\#(index)"#)
        #expect(second["CompleteFlag"]?.int == 1)
        let items = (first["SessionItem"]?.array ?? []) + (second["SessionItem"]?.array ?? [])
        #expect(items.prefix(10).allSatisfy { $0["TopFlag"]?.int == 1 })
        #expect(items.dropFirst(10).allSatisfy { $0["TopFlag"]?.int == 0 })
        #expect(Set(items.compactMap { $0["To_Account"]?.string }).count == 130)
        #expect(items.count == 130)
    }

    @Test func deletingAccountsClosesTheirConnections() async throws {
        let stage = try await Stage.make()
        try await stage.call(
            "im_open_login_svc/account_delete", #"{"DeleteItem":[{"UserID":"alice"},{"UserID":"nobody"}]}"#)
        #expect(
            stage.bench.signals.disconnects == [
                Disconnect(Self.alice, in: stage.bench.app.id, because: .userInactive)
            ])
    }
}
