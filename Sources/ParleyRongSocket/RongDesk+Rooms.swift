import ParleyCore
import ParleyHub
import ParleyRongCloud

/// What is said in chat rooms clients fetch by queries of their own (chrmPull): they are only told that there is something (facts/rongcloud-client.md, 5.2).
extension RongDesk {
    /// - Returns: false when it was not said in a chat room.
    func noteRoom(of item: Mail.Item, isSaidHere: Bool) -> Bool {
        guard let room = item.entry.conversation.conversation.chatRoom else { return false }
        // Whoever connects comes into his rooms again, and asks then.
        let isNews = item.isVisible && !isSaidHere && item.entry.sentAt >= self.reader.connectedAt
        self.rooms.said(item.entry.id, in: room, isNews: isNews)
        return true
    }

    func ringForRooms() {
        for (room, time) in self.rooms.takeNews() { self.notify(.news, 2, time, room: room) }
    }
}

/// What was said in a user's chat rooms that a client has not been told of, and the times by which it counts there. A value without I/O.
///
/// A client that has a later time than it is told of does not ask. Its time is that of the last message that it has pulled, as chrmPull counts it: that at
/// which it was sent, made different from the one before (``Stamps``). Here the same is counted, but not from the same message on; so what it has pulled is
/// looked at.
struct RoomNews: Sendable {
    private struct Room {
        var stamps = Stamps()
        /// Whatever is not later is known.
        var newest = MessageID(rawValue: 0)
        var isDue = false
    }

    private var rooms: [String: Room] = [:]

    /// - Parameter isNews: the client is to be told.
    mutating func said(_ id: MessageID, in name: String, isNews: Bool) {
        var room = self.rooms[name] ?? Room()
        guard id > room.newest else { return }
        room.newest = id
        _ = room.stamps.next(id)
        room.isDue = room.isDue || isNews
        self.rooms[name] = room
    }

    /// The client has been answered, and has what was in the answer.
    mutating func pulled(_ name: String, _ answer: [UInt8]) {
        guard let answer = WireDownStreamMessages.parse(answer) else { return }
        let last = answer.list.last.flatMap { MessageUID($0.msgID)?.messageID }
        self.pulled(name, upTo: answer.syncTime, last)
    }

    mutating func pulled(_ name: String, upTo time: Int64, _ last: MessageID?) {
        var room = self.rooms[name] ?? Room()
        room.stamps.pass(time)
        if let last, last >= room.newest {
            room.newest = last
            room.isDue = false
        }
        self.rooms[name] = room
    }

    mutating func left(_ name: String) { self.rooms[name] = nil }

    /// - Returns: each with a time that is later than any that the client has of the room.
    mutating func takeNews() -> [(room: String, time: Int64)] {
        var news: [(room: String, time: Int64)] = []
        for (name, room) in self.rooms where room.isDue {
            news.append((name, room.stamps.last))
            self.rooms[name]?.isDue = false
        }
        return news
    }
}
