import Foundation
import ParleyCore
import ParleyEasemob
import Testing

@testable import parley

/// The generator's Easemob client, told what the server's own code writes.
@Suite struct EasemobMemberTests {
    private static let group = ClientQueue.conference("g")
    private static let now = Timestamp(milliseconds: 1_795_000_000_000)

    private func meta(_ id: UInt64) -> WireMeta {
        var content = WireContent()
        content.type = 0
        content.text = "000000000000002axxx"
        var body = WireMessageBody()
        body.type = 2
        body.from.name = "bob"
        body.to.name = "g"
        body.contents = [content]
        var meta = WireMeta()
        meta.id = id
        meta.from.name = "bob"
        meta.to.name = "g"
        meta.timestamp = 1
        meta.ns = 1
        meta.payload = Data(body.wireBytes)
        return meta
    }

    private func page(_ ids: UInt64..., of queue: ClientQueue = Self.group, key: UInt64? = nil) -> [UInt8] {
        ServerFrame.page(ids.map(self.meta), key: key ?? ids.last!, of: queue, at: Self.now)
    }

    private func end(_ queue: ClientQueue = Self.group) -> [UInt8] { ServerFrame.end(of: queue, at: Self.now) }

    private typealias ServerFrame = ParleyEasemob.ServerFrame

    /// Which queue it asks for next, and what it says that it has.
    private func sync(_ server: FakeServer) throws -> (queue: ClientQueue, key: UInt64?) {
        guard case .sync(let queue, let key)? = ClientFrame(try server.next()) else {
            throw BenchFailure("it asks for something else")
        }
        return (queue, key)
    }

    private func letIn() throws -> FakeServer {
        let server = try FakeServer(Login("alice", by: .easemob))
        guard case .provision(let provision)? = ClientFrame(try server.next()) else {
            throw BenchFailure("it does not say who it is")
        }
        #expect(provision.user == "alice" && provision.appKey == "parley#demo" && !provision.resource.isEmpty)
        server.say(ServerFrame.welcome(resource: provision.resource, session: "s"))
        server.say(self.end(.events))
        guard case .unread? = ClientFrame(try server.next()), case .uplink(let meta)? = ClientFrame(try server.next())
        else { throw BenchFailure("it does not ask what is there") }
        #expect(meta.ns == 0)
        return server
    }

    private func ready() throws -> FakeServer {
        let server = try self.letIn()
        server.say(ServerFrame.unread([], at: Self.now))
        try server.wait { server.isReady }
        return server
    }

    @Test func whatItMissedItFetchesOfAllQueuesAtOnce() throws {
        let server = try self.letIn()
        server.say(ServerFrame.unread([(Self.group, 3), (.user("carol"), 1)], at: Self.now))
        #expect(try [self.sync(server).queue, self.sync(server).queue] == [Self.group, .user("carol")])
        server.say(self.page(1, 2))
        #expect(try self.sync(server) == (Self.group, 2))
        server.say(self.page(4, of: .user("carol")))
        #expect(try self.sync(server) == (.user("carol"), 4))
        server.say(self.end(.user("carol")))
        server.say(self.page(5))
        #expect(try self.sync(server) == (Self.group, 5))
        #expect(!server.isReady)
        server.say(self.end())
        try server.wait { server.isReady }
        #expect(server.check.count == 4 && server.check.missing(of: 4) == 0)
    }

    @Test func aNoticeLeadsToOneQuestionUntilTheQueueHasEnded() throws {
        let server = try self.ready()
        server.say(ServerFrame.notice(Self.group))
        #expect(try self.sync(server) == (Self.group, nil))
        server.say(ServerFrame.notice(Self.group))
        server.say(self.page(1))
        #expect(try self.sync(server) == (Self.group, 1))
        server.say(self.end())
        server.say(ServerFrame.notice(Self.group))
        #expect(try self.sync(server) == (Self.group, nil))
    }

    @Test func whatIsNoticedIsFetchedOneQueueAfterTheOther() throws {
        let server = try self.ready()
        server.say(ServerFrame.notice(Self.group))
        server.say(ServerFrame.notice(.user("carol")))
        #expect(try self.sync(server) == (Self.group, nil))
        server.say(self.end())
        #expect(try self.sync(server) == (.user("carol"), nil))
    }

    @Test func everyFaultIsCounted() throws {
        let server = try self.ready()
        server.say(ServerFrame.notice(Self.group))
        _ = try self.sync(server)
        server.say(self.page(10, 20, 20, 15))
        #expect(try self.sync(server) == (Self.group, 15))
        let check = server.check
        #expect((check.count, check.repeated, check.outOfOrder, check.missing(of: 4)) == (4, 1, 1, 1))
        #expect(server.crowd.deliveries == 4)
    }

    /// As the SDK: it would have to be told again by somebody who looks why nothing comes.
    @Test func aPageWithTheKeyOfTheOneBeforeMakesItDeaf() throws {
        let server = try self.ready()
        server.say(ServerFrame.notice(Self.group))
        _ = try self.sync(server)
        server.say(self.page(1, key: 7))
        #expect(try self.sync(server) == (Self.group, 7))
        server.say(self.page(2, key: 7))
        server.say(ServerFrame.notice(.user("carol")))
        server.say(self.page(3, key: 8))
        #expect(try self.sync(server) == (Self.group, 8))
        #expect(server.check.count == 3)
    }

    @Test func aPageWithoutAStatusIsLost() throws {
        let server = try self.ready()
        server.say(ServerFrame.notice(Self.group))
        _ = try self.sync(server)
        var page = WireCommSyncDL()
        page.metas = [self.meta(1)]
        page.nextKey = 1
        page.queue = Self.group.jid
        var envelope = WireMSync()
        envelope.command = 0
        envelope.payload = Data(page.wireBytes)
        server.say(envelope.wireBytes)
        #expect(try self.sync(server) == (Self.group, 1))
        #expect(server.check.missing(of: 1) == 1)
    }

    @Test func whoIsNotLetInIsLost() throws {
        let server = try FakeServer(Login("alice", by: .easemob))
        _ = try server.next()
        server.say(ServerFrame.refused(.tokenWrong))
        try server.wait { !server.crowd.losses.isEmpty }
        #expect(server.crowd.losses == ["it is not let in: 1"])
    }
}
