import ParleyCore
import ParleyRongCloud
import ParleyTesting
import Testing

@Suite struct StatusMessageTests {
    @Test(arguments: [
        ("/statusmessage/group/publish.json", "toGroupId=demo-group&toGroupId=b"),
        ("/statusmessage/private/publish.json", "toUserId=bob&toUserId=carol"),
    ])
    func leavesNoTrace(path: String, target: String) async throws {
        let backend = try await Backend()
        let answer = await backend.post(path, "\(PublishTests.text)&\(target)&isPersisted=1&isCounted=1&msgRandom=1")
        let again = await backend.post(path, "\(PublishTests.text)&\(target)&msgRandom=1&isIncludeSender=1")
        #expect(Set(answer.uids + again.uids).count == 4)
        #expect(backend.bench.signals.entries.isEmpty)
        let entries = backend.bench.signals.ephemerals.map(\.entry)
        #expect(entries.count == 4)
        #expect(entries.allSatisfy { $0.sequence == nil })
        #expect(entries.map { $0.message?.options.reachesSender } == [false, false, true, true])
        #expect(entries.allSatisfy { $0.message?.content == .text("hi") && $0.message?.options.attachment == "e" })
        for entry in entries {
            #expect(try await backend.bench.core.log.lastSequence(of: entry.conversation) == 0)
        }
    }

    @Test func theIdAnsweredIsTheOneDelivered() async throws {
        let backend = try await Backend()
        let group = await backend.post("/statusmessage/group/publish.json", PublishTests.toGroup)
        let direct = await backend.post("/statusmessage/private/publish.json", PublishTests.text + "&toUserId=bob")
        let ids = backend.bench.signals.ephemerals.map(\.entry.id)
        #expect(group.uids == [MessageUID(ids[0], in: .group, target: "demo-group").description])
        #expect(direct.uids == [MessageUID(ids[1], in: .direct, target: "bob").description])
    }

    @Test func aThousandRecipientsAreTheMost() async throws {
        let backend = try await Backend()
        let users = (0..<1000).map { "toUserId=u\($0)" }.joined(separator: "&")
        let most = await backend.post("/statusmessage/private/publish.json", "\(PublishTests.text)&\(users)")
        #expect(Set(most.uids).count == 1000)
        #expect(backend.bench.signals.ephemerals.count == 1000)
        let more = await backend.post("/statusmessage/private/publish.json", "\(PublishTests.text)&\(users)&toUserId=x")
        #expect((more.status, more.code) == (400, 1002))
        #expect(more.text == "the number of toUserId should less than 1000.")
    }

    /// 6000 a minute, counted by recipient; what cannot be read counts as one.
    @Test(arguments: ["/statusmessage/private/publish.json", "/message/private/publish.json"])
    func privateMessagesAreCountedByRecipient(_ path: String) async throws {
        let backend = try await Backend(rates: true)
        let users = (0..<1000).map { "toUserId=u\($0)" }.joined(separator: "&")
        for _ in 0..<5 { #expect(await backend.post(path, "\(PublishTests.text)&\(users)").status == 200) }
        #expect(await backend.post(path, "\(PublishTests.text)&\(users)&toUserId=x").code == 1002)
        let tooMany = await backend.post(path, "\(PublishTests.text)&\(users)")
        #expect((tooMany.status, tooMany.code) == (429, 1008))
        backend.bench.clock.advance(seconds: 60)
        #expect(await backend.post(path, "\(PublishTests.text)&\(users)").status == 200)
    }
}
