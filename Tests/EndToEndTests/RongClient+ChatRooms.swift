import Foundation
import ParleyJSON
import ParleyRongCloud
import Testing

/// What SDKs do in chat rooms: each has a cursor of its own for what is said, and one for what is shared.
extension RongClient {
    struct Room: Sendable {
        var cursor: Int64 = 0
        var messages: [WireDownStreamMessage] = []
        var attributesCursor: Int64 = 0
        var attributes: [String: String] = [:]
        var pullCount = 0
        var isPulling = false
        var wantsPull = false

        var texts: [String] { self.messages.compactMap { (try? JSON(parsing: Array($0.content)))?["content"]?.string } }
    }

    /// With what SDKs do then: ask for what was said last, and for what is shared.
    ///
    /// - Parameter cursor: how far an earlier connection had got: the client only comes back.
    /// - Returns: the status.
    func join(_ room: String, count: Int32 = 10, backFrom cursor: Int64? = nil) async -> UInt16? {
        let topic = cursor == nil ? "joinChrm" : "joinChrmR"
        let answer = await self.query(topic, target: room, WireChrmInput.with { $0.nothing = 0 }.wireBytes)
        guard answer?.status == 0 else { return answer?.status }
        #expect(WireChrmOutput.parse(answer?.payload ?? [])?.isComplete == true)
        self.rooms[room] = Room(cursor: cursor ?? 0)
        await self.pullRoom(room, count: count)
        await self.pullAttributes(of: room)
        return 0
    }

    func leave(_ room: String) async -> UInt16? {
        let status = await self.query("exitChrm", target: room, WireChrmInput.with { $0.nothing = 0 }.wireBytes)?.status
        if status == 0 { self.rooms[room] = nil }
        return status
    }

    func say(_ text: String, inRoom room: String) async -> Acknowledgement? {
        await self.publish("chatMsg", to: room, .text(text))
    }

    func pullRoom(_ name: String, count: Int32 = 0) async {
        guard self.rooms[name]?.isPulling == false else {
            self.rooms[name]?.wantsPull = true
            return
        }
        self.rooms[name]?.isPulling = true
        repeat {
            self.rooms[name]?.wantsPull = false
            var request = WireChrmPullMsg()
            request.syncTime = self.rooms[name]?.cursor ?? 0
            request.count = count
            guard let answer = await self.query("chrmPull", target: name, request.wireBytes), answer.status == 0,
                let page = WireDownStreamMessages.parse(answer.payload), page.isComplete
            else { break }
            for message in page.list {
                #expect(message.type == 4 && message.groupID == name)
                #expect(message.dataTime > self.rooms[name]?.cursor ?? 0)
                self.rooms[name]?.messages.append(message)
                self.rooms[name]?.cursor = message.dataTime
            }
            #expect(page.syncTime > 0 && page.syncTime >= self.rooms[name]?.cursor ?? 0)
            self.rooms[name]?.cursor = page.syncTime
            self.rooms[name]?.pullCount += 1
        } while self.rooms[name]?.wantsPull == true && !self.hasEnded
        self.rooms[name]?.isPulling = false
        self.wake()
    }

    /// - Returns: how many there are, and who came first.
    func members(of room: String) async -> (count: Int32, users: [String])? {
        let request = WireQueryChatroomInfoInput.with {
            $0.count = 20
            $0.order = 1
        }
        guard let answer = await self.query("queryChrmI", target: room, request.wireBytes), answer.status == 0,
            let info = WireQueryChatroomInfoOutput.parse(answer.payload)
        else { return nil }
        return (info.userTotalNums, info.userInfos.map(\.id))
    }

    /// - Parameter value: nil removes it.
    func set(
        _ key: String, to value: String?, in room: String, replacing: Bool = false, leavesWithSetter: Bool = false,
        announcing notice: WireUpStreamMessage? = nil
    ) async -> UInt16? {
        let request = WireSetChrmKV.with {
            $0.entry = .with {
                $0.key = key
                $0.value = value ?? ""
                $0.status = (leavesWithSetter ? 1 : 0) | (replacing ? 2 : 0)
            }
            if let notice {
                $0.bNotify = true
                $0.notification = notice
            }
        }
        return await self.query(value == nil ? "delKV" : "setKV", target: room, request.wireBytes)?.status
    }

    func pullAttributes(of name: String) async {
        let request = WireQueryChrmKV.with { $0.timestamp = self.rooms[name]?.attributesCursor ?? 0 }
        guard let answer = await self.query("pullKV", target: name, request.wireBytes), answer.status == 0,
            let output = WireChrmKVOutput.parse(answer.payload)
        else { return }
        guard var room = self.rooms[name] else { return }
        if output.bFullUpdate { room.attributes = [:] }
        for entry in output.entries { room.attributes[entry.key] = entry.status & 4 == 0 ? entry.value : nil }
        room.attributesCursor = max(room.attributesCursor, output.syncTime)
        self.rooms[name] = room
        self.wake()
    }

    func texts(_ count: Int, in room: String) async -> [String] {
        await self.until { $0.rooms[room]?.texts.count ?? 0 >= count }
        return self.rooms[room]?.texts ?? []
    }
}
