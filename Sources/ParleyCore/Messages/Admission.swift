enum Admission {
    /// With what the conversation adds to the message's options.
    case admitted(Message)
    /// The same, and members of the group that the thread belongs to are told.
    case admittedToThread(Message)
    case dropped(DropReason)
    /// The backend wants it to vanish, and the sender not to know.
    case swallowed
    case refused(Rejection)
}

extension Core {
    /// Whether `command` would be taken now, for what is not a message but needs the same right (changing one). The backend is asked about it too: else
    /// anything could be said by editing.
    ///
    /// - Returns: the message as it may be; nil, when the backend wants it to vanish, and the sender not to know.
    /// - Throws: ``Rejection``.
    package func requireAdmission(of command: Send) async throws -> Message? {
        switch try await self.admitAndAsk(command) {
        case .admitted(let message), .admittedToThread(let message): message
        case .dropped: command.message
        case .swallowed: nil
        case .refused(let rejection): throw rejection
        }
    }

    /// The rules, and then the backend, where the App has one that wants to be asked.
    func admitAndAsk(_ command: Send) async throws -> Admission {
        let admission = try await self.admit(command)
        return self.gate.guards(command.app) ? try await self.ask(about: command, admission) : admission
    }

    /// The same for many, where a backend wants to be asked: it is asked about some at once, so that the last does not wait for the answers to all before it. Nil:
    /// there is nobody to ask, or only one to ask about.
    func askAboutAll(_ commands: [Send]) async throws -> [Admission]? {
        guard commands.count > 1, commands.contains(where: { self.gate.guards($0.app) }) else { return nil }
        var admissions: [Admission] = []
        for command in commands { admissions.append(try await self.admit(command)) }
        let admitted = admissions
        return try await withThrowingTaskGroup(of: (Int, Admission).self) { group in
            var answers = admitted
            for index in commands.indices {
                if index >= Self.questionsAtOnce, let (index, answer) = try await group.next() {
                    answers[index] = answer
                }
                group.addTask { (index, try await self.ask(about: commands[index], admitted[index])) }
            }
            for try await (index, answer) in group { answers[index] = answer }
            return answers
        }
    }

    private static let questionsAtOnce = 32

    private func ask(about command: Send, _ admission: Admission) async throws -> Admission {
        guard self.gate.guards(command.app), let message = admission.message,
            !message.options.forbiddenCallbacks.contains(.beforeSend),
            let app = try await self.directory.app(command.app)
        else { return admission }
        var attempt = SendAttempt(app: app, send: command, id: self.identifiers.next())
        attempt.send.message = message
        if case .group(let id) = command.conversation {
            attempt.group = try await self.directory.group(id, in: command.app)?.group
        }
        do {
            switch try await self.gate.decide(on: attempt) {
            case .deliver: return admission
            case .replace(let other): return admission.replacing(other)
            case .refuse(let code, let reason): return .refused(.refusedByCallback(code: code, reason: reason))
            case .drop: return .swallowed
            }
        } catch { return .refused(error) }
    }

    /// The rules. What they read may change before the append (a member removed in between): such a message is accepted.
    func admit(_ command: Send) async throws -> Admission {
        do {
            if command.checks.contains(.senderExists) {
                guard try await self.directory.user(command.message.sender, in: command.app) != nil else {
                    throw Rejection.userNotFound(command.message.sender)
                }
            }
            switch command.conversation {
            case .group(let group): return try await self.admit(command, to: group)
            case .direct(let pair): try await self.admit(command, to: pair.peer(of: command.message.sender))
            case .room, .system: break
            }
            return .admitted(command.message)
        } catch let rejection as Rejection {
            return .refused(rejection)
        }
    }

    private func admit(_ command: Send, to recipient: UserID) async throws {
        if !command.checks.isDisjoint(with: [.mutes, .globalMute]),
            let until = try await self.directory.user(command.message.sender, in: command.app)?.mutedInDirectUntil,
            until > self.clock.now()
        {
            throw Rejection.senderMuted(until: until)
        }
        if command.checks.contains(.recipientExists) {
            guard try await self.directory.user(recipient, in: command.app) != nil else {
                throw Rejection.userNotFound(recipient)
            }
        }
        if command.checks.contains(.blocks),
            try await self.directory.hasBlocked(recipient, command.message.sender, in: command.app)
        {
            throw Rejection.blockedByRecipient(recipient)
        }
    }

    private func admit(_ command: Send, to id: GroupID) async throws -> Admission {
        let now = self.clock.now()
        guard let group = try await self.directory.group(id, in: command.app) else {
            if command.checks.contains(.groupExists) { throw Rejection.groupNotFound(id) }
            return .admitted(command.message)
        }
        if let origin = group.group.origin {
            try await self.directory.group(origin.group, in: command.app)?.allows(command, now: now)
        }
        try group.allows(command, now: now)
        if !command.checks.isDisjoint(with: [.mutes, .globalMute]),
            let until = try await self.directory.user(command.message.sender, in: command.app)?
                .mutedUntil(in: group.group.type),
            until > now
        {
            throw Rejection.senderMuted(until: until)
        }
        // Who is no client is heard.
        if group.group.isDistributionStopped, command.checks.contains(.senderIsMember) { return .swallowed }
        if command.checks.contains(.frequency), !group.has(command.message.sender, as: .protected, at: now),
            !self.frequency.admits(command.message.options.priority, in: command.app, id, at: now)
        {
            return .dropped(.frequency)
        }
        var message = command.message
        let rules = group.group.type.rules
        if !rules.keepsMessages { message.options.isLiveOnly = true }
        if !rules.countsUnread { message.options.countsAsUnread = false }
        if rules.isRoom || rules.isThread { message.options.updatesConversation = false }
        return rules.isThread ? .admittedToThread(message) : .admitted(message)
    }
}

extension Admission {
    /// Nil: it is not taken, or nobody gets it.
    fileprivate var message: Message? {
        switch self {
        case .admitted(let message), .admittedToThread(let message): message
        case .dropped, .swallowed, .refused: nil
        }
    }

    fileprivate func replacing(_ message: Message) -> Admission {
        if case .admittedToThread = self { .admittedToThread(message) } else { .admitted(message) }
    }
}

extension GroupSnapshot {
    /// What the group itself has to say about a message.
    func allows(_ command: Send, now: Timestamp) throws(Rejection) {
        let sender = command.message.sender
        if command.checks.contains(.senderIsMember), self.members[sender] == nil {
            throw .senderNotMember(sender, of: self.group.id)
        }
        guard command.checks.contains(.mutes) else { return }
        if self.group.isDisabled { throw .groupDisabled(self.group.id) }
        if let until = self.mutes[sender], until > now { throw .senderMuted(until: until) }
        if self.group.isMuted, self.members[sender]?.role == .member, !self.has(sender, as: .speaker, at: now) {
            throw .groupMuted(self.group.id)
        }
    }
}
