import Foundation
import NIOCore
import ParleyCore
import ParleyRongCloud
import Testing

@testable import parley

/// The generator's RongCloud client, told what the server's own code writes.
@Suite struct RongCloudMemberTests {
    private static let due = "000000000000002a"
    private static let begin: Int64 = 1_795_000_000_000

    private func message(_ number: Int, at time: Int64? = nil, isOwn: Bool = false) -> WireDownStreamMessage {
        let sentAt = Self.begin + Int64(number)
        return .with {
            $0.fromUserID = "bob"
            $0.type = 3
            $0.groupID = "g"
            $0.classname = "RC:TxtMsg"
            $0.content = Data(#"{"content":"\#(Self.due)xxx"}"#.utf8)
            $0.dataTime = time ?? sentAt
            $0.status = 48
            $0.msgID = self.name(number)
            if isOwn { $0.direction = 1 }
        }
    }

    private func name(_ number: Int) -> String {
        MessageUID(milliseconds: UInt64(Self.begin) + UInt64(number), slot: 0, type: 3, targetHash: 7).description
    }

    private func say(_ frame: ParleyRongCloud.ServerFrame, on server: FakeServer) {
        var bytes = ByteBuffer()
        frame.write(into: &bytes)
        server.say(Array(bytes.readableBytesView))
    }

    private func push(_ topic: String, _ payload: [UInt8], id: UInt16, isSync: Bool = false, on server: FakeServer) {
        self.say(
            .publish(seconds: 1, topic: topic, target: "alice", id: id, payload: payload, qos: 1, isSync: isSync),
            on: server)
    }

    private func next(_ server: FakeServer) throws -> ParleyRongCloud.ClientFrame {
        try ParleyRongCloud.ClientFrame(parsing: try server.next())
    }

    /// - Returns: the question's number.
    private func pull(_ server: FakeServer) throws -> (id: UInt16, request: WireSyncRequestMsg) {
        while true {
            guard case .query(let topic, let target, let id, let payload, _) = try self.next(server) else { continue }
            #expect(target == "alice")
            guard topic == "pullMsg" else { continue }
            return (id, try #require(WireSyncRequestMsg.parse(payload)))
        }
    }

    private func answer(
        _ id: UInt16, _ messages: [WireDownStreamMessage], through time: Int64, isFinished: Bool = true,
        on server: FakeServer
    ) {
        var page = WireDownStreamMessages()
        page.list = messages
        page.syncTime = time
        page.finished = isFinished
        self.say(.queryAck(id: id, seconds: 1, status: 0, payload: page.wireBytes, qos: 0), on: server)
    }

    private func connected(_ login: Login = Login("alice", by: .rongcloud)) throws -> FakeServer {
        let server = try FakeServer(login)
        self.say(.connAck(user: "alice", session: "s", nowMilliseconds: Self.begin), on: server)
        #expect(try self.next(server) == .ping)
        return server
    }

    private func ready() throws -> FakeServer {
        let server = try self.connected()
        self.answer(try self.pull(server).id, [], through: 0, on: server)
        try server.wait { server.isReady }
        guard case .query("reportsdk", _, _, _, _) = try self.next(server) else {
            Issue.record("the SDK reports what it is")
            return server
        }
        return server
    }

    @Test func itsTokenIsInItsAddress() throws {
        let server = try self.connected()
        #expect(server.request.hasPrefix("GET /websocket?appId=parley-demo&token=RC1_"))
    }

    @Test func whatItMissedItAsksForPageByPage() throws {
        var login = Login("alice", by: .rongcloud)
        login.received = Self.begin
        login.sent = Self.begin - 1
        let server = try self.connected(login)
        let first = try self.pull(server)
        #expect(first.request.syncTime == Self.begin && first.request.sendBoxSyncTime == Self.begin - 1)
        #expect(first.request.isPullSend)
        self.answer(
            first.id, [self.message(1), self.message(2)], through: Self.begin + 2, isFinished: false, on: server)
        let second = try self.pull(server)
        #expect(second.request.syncTime == Self.begin + 2)
        #expect(!server.isReady)
        self.answer(second.id, [self.message(3)], through: Self.begin + 3, on: server)
        try server.wait { server.isReady }
        #expect(server.check.count == 3 && server.check.missing(of: 3) == 0)
        #expect(server.member.login.received == Self.begin + 3)
    }

    @Test func whatItIsHandedItAcknowledgesAndCounts() throws {
        let server = try self.ready()
        for number in [1, 2, 2, 4, 3] {
            self.push("s_msg", self.message(number).wireBytes, id: 0x8000 | UInt16(number), on: server)
            #expect(try self.next(server) == .pubAck(id: 0x8000 | UInt16(number)))
        }
        let check = server.check
        #expect((check.count, check.repeated, check.outOfOrder, check.missing(of: 5)) == (5, 1, 1, 1))
        #expect(server.crowd.deliveries == 5)
    }

    @Test func aMessageWithATimeThatIsNoLaterThanTheLastIsOutOfOrder() throws {
        let server = try self.ready()
        self.push("s_msg", self.message(1).wireBytes, id: 0x8001, on: server)
        self.push("s_msg", self.message(2, at: Self.begin + 1).wireBytes, id: 0x8002, on: server)
        try server.wait { server.check.count == 2 }
        #expect(server.check.outOfOrder == 1)
    }

    @Test func whatIsPushedWhileItAsksItThrowsAway() throws {
        let server = try self.ready()
        let notice = WireNotifyMsg.with {
            $0.type = 1
            $0.time = Self.begin + 9
        }
        self.push("s_ntf", notice.wireBytes, id: 0x8001, on: server)
        let id = try self.pull(server).id
        self.push("s_msg", self.message(1).wireBytes, id: 0x8002, on: server)
        #expect(try self.next(server) == .pubAck(id: 0x8002))
        #expect(server.check.count == 0)
        self.answer(id, [self.message(1), self.message(2)], through: Self.begin + 2, on: server)
        try server.wait { server.check.count == 2 }
        #expect(server.check.repeated == 0)
    }

    @Test func aNoticeOfWhatItHasIsNoneAndOneWhileItAsksLeadsToAnotherQuestion() throws {
        let server = try self.ready()
        func notice(_ time: Int64) -> [UInt8] {
            WireNotifyMsg.with {
                $0.type = 1
                $0.time = time
            }.wireBytes
        }
        self.push("s_msg", self.message(5).wireBytes, id: 0x8001, on: server)
        self.push("s_ntf", notice(Self.begin + 5), id: 0x8002, on: server)
        self.push("s_ntf", notice(Self.begin + 6), id: 0x8003, on: server)
        self.push("s_ntf", notice(Self.begin + 7), id: 0x8004, on: server)
        let first = try self.pull(server)
        #expect(first.request.syncTime == Self.begin + 5)
        self.answer(first.id, [self.message(6)], through: Self.begin + 6, on: server)
        #expect(try self.pull(server).request.syncTime == Self.begin + 6)
    }

    @Test func ofItsUsersOwnMessagesItCountsThoseThatHaveAName() throws {
        let server = try self.ready()
        let own = WireUpStreamMessage.with {
            $0.sessionID = 3
            $0.classname = "RC:TxtMsg"
            $0.content = Data(#"{"content":"\#(Self.due)xxx"}"#.utf8)
        }
        self.push("pgMsgP", own.wireBytes, id: 0x8009, isSync: true, on: server)
        let time = Self.begin + 4
        self.say(
            .pubAck(
                id: 0x8009, seconds: UInt32(time / 1000), status: 0, milliseconds: UInt16(time % 1000),
                uid: self.name(4)), on: server)
        try server.wait { server.check.count == 1 }
        #expect(server.member.login.sent == time)
        #expect(server.member.login.received == 0)
    }

    @Test func theSameMessageIsTheSameWhicheverWayItCame() throws {
        let pushed = try self.ready()
        self.push("s_msg", self.message(1).wireBytes, id: 0x8001, on: pushed)
        try pushed.wait { pushed.check.count == 1 }
        let pulled = try self.connected()
        self.answer(
            try self.pull(pulled).id, [self.message(1, isOwn: true)], through: Self.begin + 1, on: pulled)
        try pulled.wait { pulled.isReady }
        #expect(pushed.check.digest == pulled.check.digest)
    }

    @Test func whoIsNotLetInIsLost() throws {
        let server = try FakeServer(Login("alice", by: .rongcloud))
        self.say(.connAckRefused(status: 4), on: server)
        try server.wait { !server.crowd.losses.isEmpty }
        #expect(server.crowd.losses == ["it is not let in: status 4"])
    }
}
