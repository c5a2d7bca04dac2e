import NIOCore
import ParleyCore
import ParleyEasemob
import ParleyHub

/// Clients are told which conversation something was said in, and fetch it: a notice is the same for all members of a group, and is made once.
final class NoticeWire: WireProtocol {
    private let framing: Framing

    private init(_ framing: Framing) { self.framing = framing }

    private static let binary = NoticeWire(.binary)
    private static let base64 = NoticeWire(.base64)
    private static let sockJS = NoticeWire(.sockJS)

    static func of(_ framing: Framing) -> NoticeWire {
        switch framing {
        case .binary: self.binary
        case .base64: self.base64
        case .sockJS: self.sockJS
        }
    }

    var handsNewsOver: Bool { true }
    var tellsOfGroups: Bool { true }
    var readsKeptEvents: Bool { true }

    func write(_ entry: Entry, for end: UserID?, into frames: inout ByteBuffer) {
        let conversation = entry.conversation.conversation
        let reader: UserID
        switch (conversation, end) {
        case (_, let end?): reader = end
        case (.system(let user), nil): reader = user
        // Whose name nobody needs: a group has the same for all.
        case (.group, nil), (.room, nil), (.direct, nil): reader = UserID("")
        }
        frames.writeImmutableBuffer(self.framing.pack(ServerFrame.notice(ClientQueue(conversation, of: reader))))
    }

    /// Handed over instead.
    func write(_ event: Event, for end: UserID?, into frames: inout ByteBuffer) {}
}
