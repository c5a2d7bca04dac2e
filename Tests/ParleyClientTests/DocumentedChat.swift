import Foundation
import ParleyClient

// What docs/clients.md shows, from the next line on; a test compares the two.
/// Lists the user's conversations, says hello in the first, and then prints what comes, marking it read.
func chat(with server: URL, token: @escaping @Sendable () async throws -> String) async throws {
    let chat = try Chat(.init(server: server, device: "swift-sample", token: token))
    var hasGreeted = false
    for await event in chat.events {
        switch event {
        case .connected(let greeting):
            print("connected as \(greeting.user)")
            for line in try await chat.conversations().conversations {
                print(line.name ?? line.conversation.name, "unread:", line.unread, line.last?.content?.summary ?? "")
            }
        case .ready where !hasGreeted:
            hasGreeted = true
            guard let first = try await chat.conversations(limit: 1).conversations.first else { break }
            let sent = try await chat.send("hello from Swift", to: first.conversation)
            print("sent as #\(sent.sequence ?? 0)")
        case .message(let message):
            print("\(message.from): \(message.content?.summary ?? "")")
            try await chat.markRead(message.conversation, upTo: message.sequence)
        case .disconnected(let reason, let delay):
            print(delay == nil ? "over: \(reason)" : "lost: \(reason); trying again")
        default: break
        }
    }
}
