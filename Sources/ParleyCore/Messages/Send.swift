/// Says something in a conversation.
///
/// Vendors differ in what they check before they admit a message (RongCloud and Easemob do not even ask whether the group exists), so the
/// command names the checks that its dialect wants; the rules themselves are here, once.
package struct Send: Sendable {
    package var app: AppID
    package var conversation: Conversation
    package var message: Message
    /// Reaches those online now, takes no sequence and leaves no trace on disk.
    package var isEphemeral: Bool
    package var checks: Checks
    package var deduplication: DeduplicationKey?

    package struct Checks: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// The sender is a known user.
        package static let senderExists = Checks(rawValue: 1 << 0)
        package static let groupExists = Checks(rawValue: 1 << 1)
        package static let senderIsMember = Checks(rawValue: 1 << 2)
        /// Neither the sender nor the group is muted; the owner and administrators may speak in a muted group.
        package static let mutes = Checks(rawValue: 1 << 3)
        /// The recipient of a direct message has not blocked the sender.
        package static let blocks = Checks(rawValue: 1 << 4)
        /// The group's frequency control.
        package static let frequency = Checks(rawValue: 1 << 5)
        package static let recipientExists = Checks(rawValue: 1 << 6)
        /// The sender is not muted everywhere: in all groups, all rooms, all direct conversations (part of ``mutes``; here for dialects that check nothing
        /// else).
        package static let globalMute = Checks(rawValue: 1 << 7)
    }

    package init(
        app: AppID, conversation: Conversation, message: Message, isEphemeral: Bool = false, checks: Checks = [],
        deduplication: DeduplicationKey? = nil
    ) {
        self.app = app
        self.conversation = conversation
        self.message = message
        self.isEphemeral = isEphemeral
        self.checks = checks
        self.deduplication = deduplication
    }
}

extension Core {
    /// Admits, appends and returns when the message is on disk (or, if it is ephemeral, when it has been handed to those online).
    ///
    /// - Throws: ``Rejection`` when a check says no; anything else is a fault.
    package func send(_ command: Send) async throws -> Receipt {
        switch try await self.send([command])[0] {
        case .success(let receipt): return receipt
        case .failure(let rejection): throw rejection
        }
    }

    /// Sends to many at once: one commit, one answer for each, in order. One refusal does not hinder the others.
    package func send(_ commands: [Send]) async throws -> [Result<Receipt, Rejection>] {
        var results: [Result<Receipt, Rejection>?] = []
        results.reserveCapacity(commands.count)
        var drafts: [Draft] = []
        var inThreads: [Int] = []
        let asked = try await self.askAboutAll(commands)
        for (index, command) in commands.enumerated() {
            let admission = if let asked { asked[index] } else { try await self.admitAndAsk(command) }
            switch admission {
            case .refused(let rejection):
                self.tell(command, of: RefusedSend.Cause(rejection))
                results.append(.failure(rejection))
            case .dropped(let reason):
                self.tell(command, of: reason.cause)
                results.append(.success(Receipt(id: self.identifiers.next(), sequence: nil, dropped: reason)))
            case .swallowed: results.append(.success(Receipt(id: self.identifiers.next(), sequence: nil)))
            case .admitted(let message), .admittedToThread(let message):
                guard !command.isEphemeral else {
                    results.append(.success(self.broadcast(message, of: command)))
                    continue
                }
                drafts.append(
                    Draft(
                        conversation: ConversationID(app: command.app, command.conversation), body: .message(message),
                        deduplication: command.deduplication))
                if case .admittedToThread = admission { inThreads.append(results.count) }
                results.append(nil)
            }
        }
        guard !drafts.isEmpty else { return results.map { $0! } }
        var receipts = try await self.log.append(drafts).makeIterator()
        let answers = results.map { $0 ?? .success(receipts.next()!) }
        for index in inThreads where (try? answers[index].get())?.isRepeat == false {
            self.tellOfThread(
                commands[index].conversation, in: commands[index].app, by: commands[index].message.sender)
        }
        return answers
    }

    /// The backend, where it wants to know.
    private func tell(_ command: Send, of cause: RefusedSend.Cause?) {
        guard let cause else { return }
        self.note(in: command.app) {
            RefusedSend(
                conversation: command.conversation, message: command.message, isEphemeral: command.isEphemeral,
                cause: cause)
        }
    }

    /// Takes note of a message that was not taken, where a backend wants to know: for dialects, of what never came to be a ``Send``.
    ///
    /// - Parameter refused: asked only then. Nil: there is nothing to tell.
    package func note(in app: AppID, _ refused: () -> RefusedSend?) {
        guard self.chronicle.wants(.refused, in: app), let refused = refused() else { return }
        self.chronicle.note(.refused(refused), in: app)
    }

    private func broadcast(_ message: Message, of command: Send) -> Receipt {
        let id = self.identifiers.next()
        let entry = Entry(
            conversation: ConversationID(app: command.app, command.conversation), sequence: nil, id: id,
            body: .message(message))
        self.signals.broadcast(Ephemeral(entry: entry))
        return Receipt(id: id, sequence: nil)
    }
}

extension DropReason {
    fileprivate var cause: RefusedSend.Cause {
        switch self {
        case .frequency: .tooFrequent
        }
    }
}
