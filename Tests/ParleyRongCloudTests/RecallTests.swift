import ParleyCore
import ParleyRongCloud
import ParleyTesting
import Testing

@Suite struct RecallTests {
    @Test func takesBackWhatAnyUIDNames() async throws {
        let backend = try await Backend()
        let sent = await backend.post(PublishTests.group, PublishTests.toGroup)
        let uid = try #require(sent.uids.first)
        let answer = await backend.post(
            "/message/recall.json",
            "fromUserId=alice&conversationType=3&targetId=demo-group&messageUID=\(uid)&isDelete=1&extra=why")
        #expect(answer.body == #"{"code":200}"#)
        let target = try #require(backend.bench.signals.entries.first?.id)
        guard case .recall(let recall) = backend.bench.signals.entries.last?.body else {
            Issue.record("no recall")
            return
        }
        #expect(recall.target == target)
        #expect(recall.by == UserID("alice"))
        #expect(!recall.byAdministrator)
        #expect(recall.leavesNoTrace)
        #expect(recall.attachment == "why")
        #expect(try await backend.bench.core.log.entry(target, in: backend.bench.app.id)?.isRecalled == true)
    }

    @Test func takesBackAPrivateMessageFromEitherSide() async throws {
        let backend = try await Backend()
        let sent = await backend.post("/message/private/publish.json", PublishTests.text + "&toUserId=bob")
        let uid = try #require(sent.uids.first)
        _ = await backend.post(
            "/message/recall.json", "fromUserId=bob&conversationType=1&targetId=alice&messageUID=\(uid)")
        guard case .recall(let recall) = backend.bench.signals.entries.last?.body else {
            Issue.record("no recall")
            return
        }
        // Taken back by another than its sender: an administrator's doing.
        #expect((recall.by, recall.byAdministrator) == (UserID("bob"), true))
    }

    @Test func doesNothingWhereTheMessageIsNot() async throws {
        let backend = try await Backend()
        let sent = await backend.post(PublishTests.group, PublishTests.toGroup)
        let uid = try #require(sent.uids.first)
        for parameters in [
            "conversationType=3&targetId=other&messageUID=\(uid)", "conversationType=1&targetId=bob&messageUID=\(uid)",
            "conversationType=10&targetId=demo-group&messageUID=\(uid)",
            "conversationType=3&targetId=demo-group&messageUID=CBPV-IMG0-002C-035A",
        ] {
            let answer = await backend.post("/message/recall.json", "fromUserId=alice&\(parameters)")
            #expect(answer.body == #"{"code":200}"#)
        }
        #expect(backend.bench.signals.entries.count == 1)
    }
}
