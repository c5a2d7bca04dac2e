import NIOCore
import NIOEmbedded
import ParleyCore
import Testing

@testable import ParleyHub

/// A message that is treated otherwise after it was sent.
struct AmendmentTests {
    @Test func whoReadsTheMessageFromMemoryLaterFindsItAsItIsNow() throws {
        let stage = Stage(HubConfiguration())
        defer { stage.close() }
        stage.join("alice", "bob")
        _ = stage.connect("bob")
        let entry = stage.say("vote", in: .g)
        stage.commit([stage.library.edit(entry, to: "vote!")])
        stage.run()
        var options = MessageOptions()
        options.expansion = ["k": "v"]
        // With the news of it, and with other news, in one commit.
        var commit = Commit()
        commit.entries = [stage.record("changed", in: .g)]
        commit.amendments = [Amendment(entry.conversation, try #require(entry.sequence), options)]
        stage.shard.post(.commit(commit))
        stage.run()
        let tail = try #require(stage.shard.feeds[entry.conversation]).tail
        #expect(tail.entry(1).message?.options == options && tail.entry(1).edit != nil)
        guard case .edit(let edit) = tail.entry(2).body else {
            Issue.record("no edit")
            return
        }
        #expect(edit.message.options == options)
        #expect(tail.entry(3).message?.options == MessageOptions())
        #expect(tail.bytes == stage.shard.tailBytes)
        #expect(tail.frames(1, form: 0) == nil && tail.frames(3, form: 0) != nil)
    }
}
