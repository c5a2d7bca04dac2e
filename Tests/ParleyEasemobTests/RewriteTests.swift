import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// What a message becomes, and who learns of it.
struct RewriteTests {
    private func rewrite(_ calls: Calls, _ id: MessageID, _ body: String) async throws -> Entry {
        let response = await calls.call(.PUT, "/messages/rewrite/\(id.easemob)", body)
        try #require(response.status == .ok, "\(response.text)")
        return try #require(try await calls.bench.core.log.entry(id, in: AppID("demo")))
    }

    @Test func theMessageIsReplacedWhereItIsKeptAndTheChangeIsTold() async throws {
        let calls = try await Calls.make()
        let sent = try await calls.send(
            #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"helo"},"ext":{"a":1,"b":1},"env":"e"}"#)
        let entry = try await self.rewrite(
            calls, sent.id, #"{"user":"bob","new_msg":{"type":"txt","msg":"hello"},"new_ext":{"b":2,"c":3}}"#)
        let message = try #require(entry.message)
        #expect(message.content == .text("hello"))
        #expect(
            String(decoding: message.native.payload, as: UTF8.self)
                == #"{"type":"txt","body":{"msg":"hello"},"ext":{"a":1,"b":2,"c":3},"env":"e"}"#)
        #expect(message.options.attachment == #"{"a":1,"b":2,"c":3}"#)
        #expect((entry.edit?.by, entry.edit?.count) == (UserID("bob"), 1))
        guard case .edit(let edit)? = calls.bench.signals.entries.last?.body else {
            Issue.record("nobody is told")
            return
        }
        #expect(edit.target == sent.id && edit.targetSequence == 1 && !edit.byAdministrator)
        #expect(edit.message == message)
    }

    @Test func extIsReplacedWholeWhereTheCallSaysSo() async throws {
        let calls = try await Calls.make()
        let sent = try await calls.send(
            #"{"from":"bob","to":["demo-group"],"type":"file","body":{"url":"u"},"ext":{"a":1}}"#)
        let entry = try await self.rewrite(
            calls, sent.id, #"{"new_msg":{"type":"file"},"new_ext":{"b":2},"is_combine_ext":false}"#)
        #expect(entry.message?.options.attachment == #"{"b":2}"#)
        #expect(
            String(decoding: entry.message?.native.payload ?? [], as: UTF8.self)
                == #"{"type":"file","body":{"url":"u"},"ext":{"b":2}}"#)
        #expect(entry.message?.content == sent.message?.content)
    }

    /// Its text is this vendor's from then on; of its picture only what is attached changes.
    @Test func anotherDialectsMessageIsChangedToo() async throws {
        let calls = try await Calls.make()
        let native = Native(dialect: DialectName("tencent"), payload: Array(#"{"MsgBody":[]}"#.utf8))
        func said(_ content: Content) async throws -> MessageID {
            let message = Message(sender: UserID("bob"), content: content, native: native)
            let send = Send(app: AppID("demo"), conversation: .group(GroupID("demo-group")), message: message)
            return try await calls.bench.core.send(send).id
        }
        let text = try await self.rewrite(
            calls, try await said(.text("helo")), #"{"new_msg":{"type":"txt","msg":"hello"}}"#)
        #expect(text.message?.content == .text("hello"))
        #expect(text.message?.native.dialect == Easemob.name)
        #expect(
            String(decoding: text.message?.native.payload ?? [], as: UTF8.self)
                == #"{"type":"txt","body":{"msg":"hello"}}"#)
        let picture = try await self.rewrite(
            calls, try await said(.image(Media(url: "u"))), #"{"new_msg":{"type":"img"},"new_ext":{"k":"v"}}"#)
        #expect(picture.message?.native == native)
        #expect(picture.message?.content == .image(Media(url: "u")))
        #expect(picture.message?.options.attachment == #"{"k":"v"}"#)
    }

    // MARK: What one user no longer wants to see

    @Test func whatIsDeletedIsHiddenFromOneUserWhoseDevicesAreTold() async throws {
        let calls = try await Calls.make()
        let sent = try await calls.send(
            #"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"hi"}}"#)
        _ = await calls.call(
            .DELETE, "/rest/message/roaming/group/user/bob?groupId=demo-group&msgIdList=\(sent.id.easemob)")
        #expect(try await self.history(calls, "bob").isEmpty)
        #expect(try await self.history(calls, "carol") == [sent.id])
        #expect(
            calls.bench.signals.announcements == [
                Announcement(
                    app: AppID("demo"), event: .deleted(.group(GroupID("demo-group")), [sent.id]),
                    recipients: .users([UserID("bob")]))
            ])
    }

    @Test func whatWasSaidUpToAMomentIsCleared() async throws {
        let calls = try await Calls.make()
        let body = #"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"hi"}}"#
        let old = try await calls.send(body)
        calls.bench.clock.advance(seconds: 1)
        let new = try await calls.send(body)
        let moment = new.sentAt.milliseconds - 1
        _ = await calls.call(
            .DELETE, "/rest/message/roaming/group/user/bob/time?groupId=demo-group&delTime=\(moment)")
        #expect(try await self.history(calls, "bob") == [new.id])
        #expect(try await self.history(calls, "carol") == [new.id, old.id])
        _ = await calls.call(.POST, "/rest/message/roaming/user/bob/delete/all")
        #expect(try await self.history(calls, "bob").isEmpty)
    }

    @Test func aConversationLeavesTheListWithOrWithoutWhatWasSaid() async throws {
        let calls = try await Calls.make(rates: false) { app in
            app.credentials = app.credentials.map { credential in
                var credential = credential
                if credential.dialect == Easemob.name { credential.details[CredentialDetail.conversationList] = "true" }
                return credential
            }
        }
        let sent = try await calls.send(#"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"hi"}}"#)
        func listed() async throws -> Int {
            let page = try await calls.bench.core.places.conversations(
                of: UserID("bob"), in: AppID("demo"), from: nil, limit: 10)
            return page.summaries.count
        }
        #expect(try await listed() == 1)
        let body = #"{"channel":"demo-group","type":"groupchat","delete_roam":false}"#
        _ = await calls.call(.DELETE, "/users/bob/user_channel", body)
        #expect(try await listed() == 0)
        #expect(try await self.history(calls, "bob") == [sent.id])
        _ = await calls.call(.DELETE, "/users/bob/user_channel", body.replacing("false", with: "true"))
        #expect(try await self.history(calls, "bob").isEmpty)
    }

    private func history(_ calls: Calls, _ user: String) async throws -> [MessageID] {
        let page = try await calls.bench.core.history(
            HistoryQuery(
                app: AppID("demo"), conversation: .group(GroupID("demo-group")), user: UserID(user), limit: 10))
        return page.entries.map(\.id)
    }

    // MARK: What a device has got

    @Test func whatADeviceHasConfirmedIsDelivered() async throws {
        let calls = try await Calls.make()
        let body = #"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"hi"}}"#
        let first = try await calls.send(body)
        let second = try await calls.send(body)
        try await calls.bench.core.log.confirm([
            Cursor(conversation: first.conversation, user: UserID("bob"), device: DeviceID("phone"), sequence: 1)
        ])
        func status(_ id: MessageID) async -> String? {
            let response = await calls.call(.GET, "/users/bob/offline_msg_status/\(id.easemob)")
            return response.json?["data"]?[id.easemob]?.string
        }
        #expect(await status(first.id) == "delivered")
        #expect(await status(second.id) == "undelivered")
        let count = await calls.call(.GET, "/users/bob/offline_msg_count")
        #expect(count.json?["data"]?["bob"]?.int == 1)
    }
}
