import Foundation
import NIOCore
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyServer
import Synchronization

/// What one reader has been given of one conversation.
struct Track: Sendable {
    /// Of the messages.
    var texts: [String] = []
    var lastID: UInt64 = 0
    /// The last place in the conversation, which recalls and edits have, too.
    var sequence: Int64 = 0
    var count: Int { self.texts.count }
}

/// An app on ParleyClient that only listens. Everything must come to it once and in order, whatever happens to the server.
final class ChatFollower: Sendable {
    let user: String
    let chat: Chat
    private let findings: Findings
    private let tracks = Mutex<[Place: Track]>([:])
    private let ids = Mutex<Set<UInt64>>([])
    private let endings = Mutex<[String: Int]>([:])
    private let isClosing = Latch()

    init(_ user: String, device: String, port: Int, findings: Findings) throws {
        self.user = user
        self.findings = findings
        var configuration = Chat.Configuration(server: URL(string: "ws://127.0.0.1:\(port)")!, device: device) {
            Demo.signature(of: user, now: SystemClock().now())
        }
        configuration.backoff = Chat.Backoff(initial: .milliseconds(20), maximum: .milliseconds(200))
        self.chat = try Chat(configuration)
    }

    func track(of place: Place) -> Track { self.tracks.withLock { $0[place] ?? Track() } }
    /// How its connections ended, and how often.
    var howItEnded: [String: Int] { self.endings.withLock { $0 } }

    func close() async {
        self.isClosing.set()
        await self.chat.close()
    }

    func run() async {
        for await event in self.chat.events {
            switch event {
            case .message(let message): self.received(message)
            // What is taken back before it was given out is not given out any more: here a message, and what it was changed to.
            case .recall(let recall): self.advance(to: recall.sequence, in: recall.conversation, leavingOut: 2)
            case .edit(let edit): self.advance(to: edit.sequence, in: edit.conversation)
            case .gap(let gap):
                self.findings.violation("\(self.user) was told of a gap in \(gap.conversation) after \(gap.after)")
            case .unreadable(let frame): self.findings.violation("\(self.user) cannot read \(frame)")
            case .disconnected(let ending, let retryIn):
                self.endings.withLock { $0[ending.description, default: 0] += 1 }
                if retryIn == nil, !self.isClosing.isSet {
                    self.findings.violation("\(self.user) is not wanted back: \(ending)")
                }
            default: break
            }
        }
    }

    private func received(_ message: Message) {
        let place = self.advance(to: message.sequence, in: message.conversation)
        let id = UInt64(message.id.rawValue) ?? 0
        let ascends = self.tracks.withLock { tracks in
            let lastID = tracks[place]?.lastID ?? 0
            tracks[place]?.texts.append(message.content?.summary ?? "")
            tracks[place]?.lastID = id
            return id > lastID
        }
        self.findings.check(ascends, "\(self.user) got ids that do not ascend in \(place), at \(message.sequence ?? 0)")
        let isNew = self.ids.withLock { $0.insert(id).inserted }
        self.findings.check(isNew, "\(self.user) got the id \(id) twice, now in \(place)")
    }

    /// Everything that has a place comes once, and in its order.
    @discardableResult
    private func advance(to sequence: Int64?, in conversation: Conversation, leavingOut most: Int64 = 0) -> Place {
        let place = Place.named(conversation.name, by: self.user)
        let last = self.tracks.withLock { tracks in
            defer { tracks[place, default: Track()].sequence = sequence ?? 0 }
            return tracks[place]?.sequence ?? 0
        }
        self.findings.check(
            (last + 1...last + 1 + most).contains(sequence ?? 0),
            "\(self.user) got \(sequence ?? 0) of \(place) after \(last)")
        return place
    }
}

/// A client that reads frames and nothing else, and says nothing of what it has read but by answering pings: what it had may come again after a
/// reconnect, and nothing may be left out.
final class RawFollower: Sendable {
    private let user: String
    private let port: Int
    private let findings: Findings
    private let stop: Latch
    private let last = Mutex<[String: Int64]>([:])

    init(_ user: String, port: Int, findings: Findings, stop: Latch) {
        self.user = user
        self.port = port
        self.findings = findings
        self.stop = stop
    }

    /// Until ``Latch/set()`` and the end of its connection.
    func run(current: @escaping @Sendable (SocketClient) -> Void) async {
        while !self.stop.isSet {
            let token = Demo.signature(of: self.user, now: SystemClock().now())
            guard
                let socket = try? await SocketClient.connect(
                    host: "127.0.0.1", port: self.port, target: "/v1/connect?token=\(token)&device=raw",
                    group: .singleton)
            else {
                try? await Task.sleep(for: .milliseconds(20))
                continue
            }
            current(socket)
            var had: [String: Int64] = [:]
            for await frame in socket.frames {
                guard let json = try? JSON(parsing: Array(frame.readableBytesView)),
                    json["type"]?.string == "message", let name = json["conversation"]?.string,
                    let sequence = json["seq"]?.int
                else { continue }
                self.received(sequence, of: name, after: had[name])
                had[name] = sequence
            }
        }
    }

    private func received(_ sequence: Int64, of name: String, after previous: Int64?) {
        let last = self.last.withLock { $0[name] ?? 0 }
        if let previous {
            self.findings.check(
                sequence == previous + 1, "a socket of \(self.user) got \(sequence) of \(name) after \(previous)")
        } else {
            // The first of all: a device that was never here begins where the user's other devices have got to.
            self.findings.check(
                last == 0 || sequence <= last + 1,
                "a new socket of \(self.user) got \(sequence) of \(name) first, after \(last)")
        }
        self.last.withLock { $0[name] = max(last, sequence) }
    }

    func last(of name: String) -> Int64 { self.last.withLock { $0[name] ?? 0 } }
}
