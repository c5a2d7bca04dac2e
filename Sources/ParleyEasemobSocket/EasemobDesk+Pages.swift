import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyEasemob
import ParleyHub
import ParleySocket

/// What the client fetches: queues page by page, spelled once for all who get it.
extension EasemobDesk {
    /// Entries of one page; the vendor's number is not known.
    private static let pageLimit = 20
    /// What is shown of a room to who comes into it: the vendor's default.
    private static let roomMessages: UInt64 = 10

    func answerUnread() async {
        await self.readEventsIfDue()
        var queues = self.reader.unconfirmedConversations.map {
            (ClientQueue($0.conversation, of: self.user), $0.count)
        }
        if !self.queues.events.isEmpty { queues.append((.events, UInt64(self.queues.events.count))) }
        self.write(ServerFrame.unread(queues, at: self.now))
    }

    func sync(eventsAfter key: UInt64?) async {
        if let key, let through = self.queues.acceptEvents(key) { self.reader.fetchedEvents(through: through) }
        await self.readEventsIfDue()
        guard let page = self.queues.offerEvents(Self.pageLimit, isSaidHere: { self.own.has($0) }) else {
            return self.write(ServerFrame.end(of: .events, at: self.now))
        }
        self.write(ServerFrame.page(page.metas, key: page.key, of: .events, at: self.now))
    }

    func sync(_ queue: ClientQueue, _ key: UInt64?) async throws {
        guard let conversation = queue.conversation(of: self.user),
            var position = self.reader.extent(of: conversation)?.confirmed
        else { return self.write(ServerFrame.end(of: queue, at: self.now)) }
        if let key, let sequence = try await self.accepted(key, of: conversation), sequence > position {
            self.reader.fetched(through: sequence, of: conversation)
            position = sequence
        }
        while let last = self.reader.extent(of: conversation)?.last, position < last {
            var piece = try await self.reader.piece(of: conversation, after: position, limit: Self.pageLimit)
            piece.entries.removeAll { self.own.has($0.id) }
            let metas = try await self.metas(of: piece.entries, in: conversation)
            if self.offer(piece, metas, of: queue, conversation) { return }
            guard piece.through > position else { break }
            self.reader.fetched(through: piece.through, of: conversation)
            position = piece.through
        }
        // Nothing was said since it was looked: what comes from now on is told after this (3.2, rule 7).
        self.write(ServerFrame.end(of: queue, at: self.now))
    }

    /// The same, as far as everything is in memory.
    ///
    /// - Returns: what is left to be done.
    func syncAtOnce(_ queue: ClientQueue, _ key: UInt64?) -> Work? {
        guard let conversation = queue.conversation(of: self.user),
            var position = self.reader.extent(of: conversation)?.confirmed
        else { return .sync(queue, key: key) }
        if let key {
            guard let sequence = self.queues.accept(key, of: conversation) else { return .sync(queue, key: key) }
            self.reader.fetched(through: sequence, of: conversation)
            position = max(position, sequence)
        }
        while let last = self.reader.extent(of: conversation)?.last, position < last {
            guard
                var piece = self.reader.pieceInMemory(of: conversation, after: position, limit: Self.pageLimit),
                piece.through > position
            else { return .sync(queue, key: nil) }
            piece.entries.removeAll { self.own.has($0.id) }
            guard let metas = self.metasAtOnce(of: piece.entries, in: conversation) else {
                return .sync(queue, key: nil)
            }
            if self.offer(piece, metas, of: queue, conversation) { return nil }
            self.reader.fetched(through: piece.through, of: conversation)
            position = piece.through
        }
        self.write(ServerFrame.end(of: queue, at: self.now))
        return nil
    }

    /// - Parameter piece: without what was said here.
    /// - Returns: whether there is anything in it for the client.
    private func offer(
        _ piece: Reader.Piece, _ metas: [[UInt8]], of queue: ClientQueue, _ conversation: Conversation
    ) -> Bool {
        guard let newest = piece.entries.last, !metas.isEmpty else { return false }
        let key = self.queues.offer(conversation, through: piece.through, endingWith: newest.id)
        self.write(ServerFrame.page(spelled: metas, key: key, of: queue, at: self.now))
        return true
    }

    // MARK: Spelled

    /// The bytes of each that clients are told of.
    private func metas(of entries: [Entry], in conversation: Conversation) async throws -> [[UInt8]] {
        if let metas = self.metasAtOnce(of: entries, in: conversation) { return metas }
        let notes = try await self.notes(in: conversation)
        return entries.compactMap { self.meta(of: $0, notes) }
    }

    /// Nil: it must be looked up what they are shown with. What has been spelled of a group is shown with nothing.
    private func metasAtOnce(of entries: [Entry], in conversation: Conversation) -> [[UInt8]]? {
        var metas: [[UInt8]] = []
        for entry in entries {
            if let known = self.known(entry) {
                metas.append(known)
            } else if conversation.isGroup {
                return nil
            } else if let meta = self.meta(of: entry, MessageNotes()) {
                metas.append(meta)
            }
        }
        return metas
    }

    private func known(_ entry: Entry) -> [UInt8]? {
        guard let known = self.spellings[entry], known.appKey == self.appKey else { return nil }
        return known.bytes
    }

    /// What is said in a group or a room is the same for all members, but for what is said in threads, which changes.
    private func meta(of entry: Entry, _ notes: MessageNotes) -> [UInt8]? {
        guard case .group = entry.conversation.conversation, notes.isEmpty else {
            return self.spelling.meta(of: entry, notes)?.wireBytes
        }
        if let known = self.known(entry) { return known }
        guard let bytes = self.spelling.meta(of: entry)?.wireBytes else { return nil }
        let meta = EasemobSocketContext.GroupMeta(appKey: self.appKey, bytes: bytes)
        self.spellings.keep(meta, of: entry, byteCount: bytes.count)
        return bytes
    }

    /// What all messages of a conversation are shown with.
    func notes(in conversation: Conversation) async throws -> MessageNotes {
        guard case .group(let id) = conversation, !id.isEasemobRoom else { return MessageNotes() }
        let group = try await self.socket.core.directory.group(id, in: self.reader.client.app)?.group
        return MessageNotes(in: group?.type.rules.isThread == true ? group : nil)
    }

    /// Who comes into a room finds the last of what was said there, not all that ever was.
    func enter(_ room: Conversation) async throws {
        let last = try await self.socket.core.log.lastSequence(of: ConversationID(app: self.reader.client.app, room))
        self.reader.entered(room, last: last, showing: Self.roomMessages)
        if last > 0 { self.write(ServerFrame.notice(ClientQueue(room, of: self.user))) }
    }

    /// How far the client has the conversation by its own account.
    private func accepted(_ key: UInt64, of conversation: Conversation) async throws -> UInt64? {
        if let sequence = self.queues.accept(key, of: conversation) { return sequence }
        guard let id = Queues.message(in: key) else { return nil }
        return try await self.socket.core.log.find(.id(id), in: conversation, of: self.reader.client.app)?.sequence
    }
}

extension Conversation {
    /// And no chat room.
    var isGroup: Bool { if case .group(let id) = self { !id.isEasemobRoom } else { false } }
}
