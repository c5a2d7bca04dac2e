internal import ParleyJSON

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension Chat {
    /// Sends a message. When this returns, it is on the server's disk. It waits for a connection, for as long as it takes: until it is
    /// answered, the caller's task is cancelled, or `timeout` has passed.
    ///
    /// - Parameters:
    ///   - members: of the group, whom alone it is for; empty: all.
    ///   - isEphemeral: only for those who are online now; not stored.
    ///   - id: the client's own id, 1 to 128 bytes. For a day, the same id in the same conversation is the same message: to send again what threw
    ///     ``ChatError/timedOut`` or a ``Refusal/Code/fault``, give the same one.
    /// - Throws: ``ChatError``; ``Refusal`` in it says why the server did not take it: `muted`, `notMember`, `tooFast` …
    @discardableResult
    public func send(
        _ content: Content, to conversation: Conversation, options: MessageOptions = MessageOptions(),
        only members: [UserID] = [], isEphemeral: Bool = false, id: String = Chat.newID(), timeout: Duration? = nil
    ) async throws(ChatError) -> Sent {
        let json = try await self.session.request("send", isRepeatable: true, timeout: timeout) { json in
            json.field("conversation", conversation.name)
            json.field("id", id)
            json.members(of: content)
            if options != MessageOptions() { json.field("options") { $0.options(options) } }
            if !members.isEmpty { json.field("to", members.lazy.map(\.rawValue)) }
            if isEphemeral { json.field("ephemeral", true) }
        }
        return try Self.read(json, Sent.init)
    }

    /// Sends text.
    @discardableResult
    public func send(
        _ text: String, to conversation: Conversation, options: MessageOptions = MessageOptions(),
        id: String = Chat.newID(), timeout: Duration? = nil
    ) async throws(ChatError) -> Sent {
        try await self.send(.text(text), to: conversation, options: options, id: id, timeout: timeout)
    }

    /// An id for a message, unlike any other.
    public static func newID() -> String { UUID().uuidString }

    /// Takes a message back: one's own, or in a group, as its owner or an administrator, anybody's.
    @discardableResult
    public func recall(_ message: MessageID, reason: String? = nil) async throws(ChatError) -> Change {
        Change(
            try await self.command("recall", isRepeatable: false) { json in
                json.field("message", message.rawValue)
                json.field("reason", ifAny: reason)
            })
    }

    /// Changes a message's content. Who may recall it may also edit it.
    @discardableResult
    public func edit(_ message: MessageID, to content: Content, attachment: String? = nil) async throws(ChatError)
        -> Change
    {
        Change(
            try await self.command("edit", isRepeatable: false) { json in
                json.field("message", message.rawValue)
                json.members(of: content)
                json.field("attachment", ifAny: attachment)
            })
    }

    /// Hides messages from this user alone, on all devices.
    public func delete(_ messages: [MessageID], in conversation: Conversation) async throws(ChatError) {
        _ = try await self.command("delete") { json in
            json.field("conversation", conversation.name)
            json.field("messages", messages.lazy.map(\.rawValue))
        }
    }

    /// Tells the other (or the group) that this user is typing, or no longer is. Best effort: nothing without a connection.
    public func typing(in conversation: Conversation, _ isTyping: Bool = true) async {
        await self.session.tell(
            JSONWriter.object {
                $0.field("type", "typing")
                $0.field("conversation", conversation.name)
                if !isTyping { $0.field("typing", false) }
            })
    }
}

extension Chat {
    func command(
        _ type: String, isRepeatable: Bool = true, _ members: @Sendable (inout JSONWriter) -> Void
    ) async throws(ChatError) -> JSON {
        try await self.session.request(
            type, isRepeatable: isRepeatable, timeout: self.session.configuration.requestTimeout, members)
    }

    static func read<Value>(_ json: JSON, _ value: (JSON) -> Value?) throws(ChatError) -> Value {
        guard let value = value(json) else { throw .unreadableAnswer(json.text) }
        return value
    }
}
