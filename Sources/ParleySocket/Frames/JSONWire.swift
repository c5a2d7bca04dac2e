import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyHub
import ParleyJSON

/// Entries and events as text frames, one JSON object each (docs/protocol.md).
final class JSONWire: WireProtocol {
    static let shared = JSONWire()

    private init() {}

    func write(_ entry: Entry, for end: UserID?, into frames: inout ByteBuffer) {
        var json = JSONWriter(capacity: 512)
        json.object { $0.members(of: entry, for: end) }
        frames.writeFrame(.text, json.bytes)
    }

    func write(_ event: Event, for end: UserID?, into frames: inout ByteBuffer) {
        switch event {
        case .delivered, .status, .subscriptions, .contact, .attributes, .pinned, .group, .reacted, .thread, .ended:
            return
        case .place, .membership, .deleted, .read, .acknowledged, .typing, .presence: break
        }
        frames.writeFrame(.text, JSONWriter.object { $0.members(of: event, for: end) })
    }
}
