import NIOCore
import ParleyCore
import Synchronization

@testable import ParleyHub

/// A log and a directory in memory, which a test makes answer when it likes: a question is answered with what was true at some moment between the
/// asking and the answer.
final class Library: Archive, @unchecked Sendable {
    private struct Question {
        let loop: any EventLoop
        /// Looks up the answer, and returns what tells it.
        let look: () -> () -> Void
    }

    private(set) var entries: [ConversationID: [Entry]] = [:]
    private(set) var members: [GroupID: [UserID: Member]] = [:]
    private(set) var cursors: [Cursor: UInt64] = [:]
    private(set) var eventCursors: [EventCursor] = []
    private(set) var hidden: [Party: Set<UInt64>] = [:]
    private(set) var cleared: [Party: UInt64] = [:]
    /// What is past retention for devices, by conversation.
    var retainedAfter: [ConversationID: UInt64] = [:]
    var refusal: Disconnection?
    var failures = 0
    var onStanding: (Client) -> Void = { _ in }
    /// Entries asked for, in all.
    private(set) var reads = 0
    private var questions: [Question] = []
    private var answers: [() -> Void] = []
    private var nextID: UInt64 = 1 << 40

    struct Failure: Error {}

    struct Party: Hashable {
        var user: UserID
        var conversation: ConversationID
    }

    // MARK: The archive

    func standing(
        of client: Client, on loop: any EventLoop,
        _ answer: @escaping @Sendable (Result<ParleyHub.Standing, any Error>) -> Void
    ) {
        self.onStanding(client)
        self.ask(on: loop) {
            let standing = self.standing(of: client)
            return { answer(.success(standing)) }
        }
    }

    func refusal(of client: Client, on loop: any EventLoop, _ answer: @escaping @Sendable (Disconnection?) -> Void) {
        self.ask(on: loop) {
            let refusal = self.refusal
            return { answer(refusal) }
        }
    }

    func entries(
        of conversation: ConversationID, after sequence: UInt64, limit: Int, hiddenFrom user: UserID?,
        on loop: any EventLoop, _ answer: @escaping @Sendable (Result<Piece, any Error>) -> Void
    ) {
        self.reads += 1
        self.ask(on: loop) {
            if self.failures > 0 {
                self.failures -= 1
                return { answer(.failure(Failure())) }
            }
            let found = Array((self.entries[conversation] ?? []).filter { $0.sequence! > sequence }.prefix(limit))
            let piece = self.piece(found, of: conversation, hiddenFrom: user)
            return { answer(.success(piece)) }
        }
    }

    func confirm(_ cursors: [Cursor]) {
        for cursor in cursors {
            var key = cursor
            key.sequence = 0
            self.cursors[key] = max(self.cursors[key] ?? 0, cursor.sequence)
        }
    }

    func confirm(_ cursors: [EventCursor]) {
        for cursor in cursors { self.eventCursors.append(cursor) }
    }

    private func piece(_ entries: [Entry], of conversation: ConversationID, hiddenFrom user: UserID?) -> Piece {
        guard let user else { return Piece(entries: entries) }
        let place = Party(user: user, conversation: conversation)
        let hidden = (self.hidden[place] ?? []).intersection(entries.map { $0.sequence! })
        return Piece(entries: entries, hidden: hidden, clearedThrough: self.cleared[place] ?? 0)
    }

    func settled() async {}

    private func ask(on loop: any EventLoop, _ look: @escaping () -> () -> Void) {
        self.questions.append(Question(loop: loop, look: look))
    }

    // MARK: What a test does

    var isAsked: Bool { !self.questions.isEmpty || !self.answers.isEmpty }
    var hasQuestion: Bool { !self.questions.isEmpty }
    var hasAnswer: Bool { !self.answers.isEmpty }

    /// Looks up the answer to one question; it is told later.
    func look(at index: Int = 0) { self.answers.append(self.questions.remove(at: index).look()) }
    var questionCount: Int { self.questions.count }
    var answerCount: Int { self.answers.count }
    func tell(at index: Int = 0) { self.answers.remove(at: index)() }

    func answerAll() {
        while self.isAsked {
            while self.hasQuestion { self.look() }
            while self.hasAnswer { self.tell() }
        }
    }

    private func makeID() -> MessageID {
        self.nextID += 1
        return MessageID(rawValue: self.nextID)
    }

    var now: Timestamp { MessageID(rawValue: self.nextID).sentAt }
    func advance(milliseconds: UInt64) { self.nextID += milliseconds << 12 }

    func append(_ body: Entry.Body, to conversation: ConversationID) -> Entry {
        let entry = Entry(
            conversation: conversation, sequence: self.last(of: conversation) + 1, id: self.makeID(), body: body)
        self.entries[conversation, default: []].append(entry)
        return entry
    }

    func ephemeral(_ message: Message, in conversation: ConversationID) -> Entry {
        Entry(conversation: conversation, sequence: nil, id: self.makeID(), body: .message(message))
    }

    func markRecalled(_ entry: Entry) {
        let index = self.entries[entry.conversation]!.firstIndex { $0.id == entry.id }!
        self.entries[entry.conversation]![index] = Entry(
            conversation: entry.conversation, sequence: entry.sequence, id: entry.id, body: entry.body,
            fate: Entry.Fate(isRecalled: true))
    }

    /// As the store does: the message is another from now on, and the edit follows it.
    func edit(_ entry: Entry, to text: String, count: Int = 1) -> Entry {
        var message = entry.message!
        message.content = .text(text)
        let mark = EditMark(by: message.sender, at: self.now, count: count)
        let index = self.entries[entry.conversation]!.firstIndex { $0.id == entry.id }!
        self.entries[entry.conversation]![index] = Entry(
            conversation: entry.conversation, sequence: entry.sequence, id: entry.id, body: .message(message),
            fate: Entry.Fate(edit: mark))
        return self.append(
            .edit(Edit(target: entry.id, targetSequence: entry.sequence, message: message, mark: mark)),
            to: entry.conversation)
    }

    func amend(_ entry: Entry, _ options: MessageOptions) {
        let index = self.entries[entry.conversation]!.firstIndex { $0.id == entry.id }!
        self.entries[entry.conversation]![index] = Entry(
            conversation: entry.conversation, sequence: entry.sequence, id: entry.id,
            body: entry.body.amended(options)!)
    }

    func hide(_ entry: Entry, from user: UserID) {
        self.hidden[Party(user: user, conversation: entry.conversation), default: []].insert(entry.sequence!)
    }

    func clear(_ conversation: ConversationID, through sequence: UInt64, for user: UserID) {
        self.cleared[Party(user: user, conversation: conversation)] = sequence
    }

    /// History is kept no longer than it is kept.
    func purge(_ conversation: ConversationID, through sequence: UInt64) {
        self.entries[conversation]?.removeAll { $0.sequence! <= sequence }
    }

    func last(of conversation: ConversationID) -> UInt64 { self.entries[conversation]?.last?.sequence ?? 0 }

    /// - Parameter showsHistory: of a room, a thread or a community, who joins sees what was said before.
    func join(
        _ user: UserID, _ group: GroupID, in app: AppID, delivery: Member.Delivery = .notify, showsHistory: Bool = false
    ) -> MembershipChange {
        var member = self.members[group]?[user] ?? Member(user: user, joinedAt: .distantPast)
        if self.members[group]?[user] == nil, !showsHistory {
            member.joinedAtSequence = self.last(of: ConversationID(app: app, .group(group)))
        }
        member.delivery = delivery
        self.members[group, default: [:]][user] = member
        return MembershipChange(app: app, group: group, user: user, member: member)
    }

    func leave(_ user: UserID, _ group: GroupID, in app: AppID) -> MembershipChange {
        self.members[group]?[user] = nil
        return MembershipChange(app: app, group: group, user: user, member: nil)
    }

    func dissolve(_ group: GroupID, in app: AppID) -> [MembershipChange] {
        let users = (self.members[group] ?? [:]).keys.sorted()
        self.members[group] = nil
        let conversation = ConversationID(app: app, .group(group))
        self.entries[conversation] = nil
        self.cursors = self.cursors.filter { $0.key.conversation != conversation }
        return users.map { MembershipChange(app: app, group: group, user: $0, member: nil) }
    }

    private func standing(of client: Client) -> ParleyHub.Standing {
        var standing = ParleyHub.Standing(refusal: self.refusal)
        for (group, members) in self.members {
            if let member = members[client.user] { standing.memberships[group] = member }
        }
        for (conversation, entries) in self.entries {
            let joinedAt: UInt64
            switch conversation.conversation {
            case .group(let group):
                guard let member = self.members[group]?[client.user] else { continue }
                joinedAt = member.joinedAtSequence
            case .direct(let pair):
                guard pair.lesser == client.user || pair.greater == client.user else { continue }
                joinedAt = 0
            case .system(let user):
                guard user == client.user else { continue }
                joinedAt = 0
            case .room: continue
            }
            let party = Party(user: client.user, conversation: conversation)
            let cursor = max(self.cursor(of: client, in: conversation), joinedAt, self.cleared[party] ?? 0)
            let retained = self.retainedAfter[conversation] ?? 0
            var position = Position(
                conversation: conversation.conversation, cursor: max(cursor, retained),
                lastSequence: entries.last!.sequence!, lastSentAt: entries.last!.sentAt)
            if cursor < retained { position.missedAfter = cursor }
            position.clearedThrough = self.cleared[party] ?? 0
            position.hidden = (self.hidden[party] ?? []).filter { $0 > position.cursor }
            standing.positions.append(position)
        }
        return standing
    }

    func cursor(of client: Client, in conversation: ConversationID) -> UInt64 {
        self.cursors[Cursor(conversation: conversation, user: client.user, device: client.device, sequence: 0)] ?? 0
    }
}
