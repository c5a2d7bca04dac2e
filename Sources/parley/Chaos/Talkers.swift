import Foundation
import ParleyClient
import Synchronization

/// Told once, seen by all.
final class Latch: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { self.state.withLock { $0 } }
    func set() { self.state.withLock { $0 = true } }
}

/// One lane of a backend: says something, waits for the answer, says the next; when the server is gone, connects again until it is back.
struct VendorTalker: Sendable {
    let name: String
    let vendor: Vendor
    let port: Int
    let destinations: [Letter.Destination]
    let journal: Journal
    let dice: Dice
    let stop: Latch
    /// Between an answer and the next message.
    var pause: ClosedRange<Int> = 0...4

    func run() async {
        var number = 0
        var unanswered: Letter?
        while !self.stop.isSet {
            guard let link = try? await VendorLink.connect(self.vendor, port: self.port) else {
                try? await Task.sleep(for: .milliseconds(20))
                continue
            }
            do {
                while !self.stop.isSet {
                    let letter = unanswered ?? self.letter(number)
                    if unanswered == nil { number += 1 }
                    unanswered = self.vendor.tellsRepetitions ? letter : nil
                    if try await self.say(letter, on: link) { unanswered = nil }
                    try? await Task.sleep(for: self.dice.milliseconds(self.pause))
                }
            } catch { self.journal.lost() }
            await link.close()
        }
    }

    private func letter(_ number: Int) -> Letter {
        Letter(
            text: "\(self.name)-\(number)", from: "bob", to: self.destinations[number % self.destinations.count],
            random: self.dice.number())
    }

    /// - Returns: whether it was taken.
    private func say(_ letter: Letter, on link: VendorLink) async throws -> Bool {
        switch try await link.send(letter) {
        case .taken(let sequence):
            self.journal.took(letter.text, in: letter.place, sequence: sequence)
            return true
        case .refused(let status, let body):
            self.journal.refused(self.vendor.rawValue, status: status, body)
            return false
        }
    }
}

extension Letter {
    var place: Place {
        switch self.to {
        case .group(let id): .group(id)
        case .user(let id): .direct(self.from, id)
        }
    }
}

/// One lane of an app on the client library, which itself sends again what was not answered.
struct ChatTalker: Sendable {
    let name: String
    let chat: Chat
    let user: String
    let destinations: [Conversation]
    let journal: Journal
    let dice: Dice
    let stop: Latch
    var pause: ClosedRange<Int> = 0...4

    func run() async {
        var number = 0
        while !self.stop.isSet {
            let text = "\(self.name)-\(number)"
            let destination = self.destinations[number % self.destinations.count]
            do {
                let sent = try await self.chat.send(text, to: destination, id: text)
                self.journal.took(text, in: .named(destination.name, by: self.user), sequence: sent.sequence)
                number += 1
            } catch {
                self.journal.refused("ParleySocket", status: 0, Self.text(of: error))
                if case .ended = error { return }
            }
            try? await Task.sleep(for: self.dice.milliseconds(self.pause))
        }
    }

    private static func text(of error: ChatError) -> String {
        if case .refused(let refusal) = error { refusal.code.rawValue } else { error.description }
    }
}
