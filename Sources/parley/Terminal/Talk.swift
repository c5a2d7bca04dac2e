import Foundation
import ParleyClient

/// What a person at a terminal has before him: his conversations, which of them is open, what was said. No I/O: events and typed lines go in, and what is
/// to be shown and done comes out.
struct Talk {
    /// What is to be done. Its outcome comes back through one of the functions of ``Talk``.
    enum Effect: Equatable {
        case show([Line])
        case send(Conversation, Content)
        case sendFile(Conversation, path: String, caption: String?)
        case fetch(Media, path: String?)
        case history(Conversation, before: Int64?, limit: Int)
        case markRead(Conversation, upTo: Int64)
        case recall(Message)
        case edit(Message, to: String)
        case delete(Message)
        case change(Conversation, Change)
        case members(Conversation)
        case watch(UserID, Bool)
        case receipts(Message)
        case list
        case quit
    }

    enum Change: String, Equatable { case pin, unpin, mute, unmute, clear }

    struct Room {
        var name: String
        var unread = 0
        var isMuted = false
        /// Its newest entry that is known of.
        var sequence: Int64 = 0
        /// The newest message that was shown here.
        var shown: Int64 = 0
        var messages: [Message] = []
        /// It was just opened: what comes is shown after what was said before, which has been asked for.
        var isLoading = false
        var typing: [UserID: Date] = [:]
    }

    static let kept = 500
    static let typingLasts: TimeInterval = 6

    let format: Format
    private(set) var me: UserID?
    private(set) var rooms: [Conversation: Room] = [:]
    /// As they are numbered in the list.
    private(set) var order: [Conversation] = []
    private(set) var open: Conversation?
    private(set) var isOnline = false
    private var wasOnline = false
    private var saidOffline = false
    private var isReady = false
    private var day: String?
    /// Typed before it was known to whom.
    private var held: [String] = []
    private var isListed = false
    /// Typed and not on the server yet.
    private(set) var unsent = 0

    init(format: Format, open: Conversation? = nil) {
        self.format = format
        self.open = open
        if let open { self.add(open) }
    }

    /// Whether what is shown counts as read: a person has opened this conversation, or sits before it.
    private var isAttended: Bool { !self.format.isPlain || self.wasOpened }
    private var wasOpened = false

    @discardableResult
    private mutating func add(_ conversation: Conversation) -> Int {
        if let index = self.order.firstIndex(of: conversation) { return index }
        self.order.append(conversation)
        if self.rooms[conversation] == nil { self.rooms[conversation] = Room(name: Self.name(of: conversation)) }
        return self.order.count - 1
    }

    private static func name(of conversation: Conversation) -> String {
        switch conversation {
        case .group(let id), .room(let id): Harmless.line(id)
        case .direct(let user): Harmless.line(user.rawValue)
        case .system: "system"
        case .other(let name): Harmless.line(name)
        }
    }

    func room(_ conversation: Conversation) -> Room {
        self.rooms[conversation] ?? Room(name: Self.name(of: conversation))
    }
}

// What comes from the server.
extension Talk {
    mutating func happened(_ event: Chat.Event, at now: Date) -> [Effect] {
        switch event {
        case .connected(let greeting):
            self.me = greeting.user
            self.isOnline = true
            self.saidOffline = false
            self.isReady = false
            defer { self.wasOnline = true }
            let words = self.wasOnline ? "connected again" : "connected as \(greeting.user) on \(greeting.device)"
            return [.show([self.format.note(Harmless.line(words))])]
        case .ready:
            self.isReady = true
            return self.format.isPlain ? [.show([self.format.note("up to date")])] : []
        case .message(let message): return self.got(message, at: now)
        case .recall(let recall):
            self.passed(recall.conversation, recall.sequence)
            let text = self.room(recall.conversation).messages.first { $0.id == recall.target }
            self.uncount(text)
            self.forget(recall.target, in: recall.conversation)
            guard !recall.leavesNoTrace else { return [] }
            let what = text?.content.map { ": " + Self.short($0.summary) } ?? ""
            return self.note(
                recall.conversation,
                "\(recall.by) recalled \(Self.mark(recall.targetSequence))\(what)")
        case .edit(let edit):
            self.passed(edit.conversation, edit.sequence)
            self.replace(edit)
            return self.note(
                edit.conversation, "\(edit.by) edited \(Self.mark(edit.targetSequence)): \(edit.content.summary)")
        case .notice(let notice):
            self.passed(notice.conversation, notice.sequence)
            return self.note(notice.conversation, Self.words(notice))
        case .gap(let gap):
            self.passed(gap.conversation, gap.before - 1)
            return self.note(
                gap.conversation, "#\(gap.after + 1) to #\(gap.before - 1) were not sent; /history shows what is kept")
        case .conversation(let state):
            self.add(state.conversation)
            self.rooms[state.conversation]?.isMuted = state.isMuted
            if state.readSequence >= self.room(state.conversation).sequence {
                self.rooms[state.conversation]?.unread = 0
            }
            return []
        case .read(let mark):
            return mark.conversation == self.open && !self.format.isPlain
                ? self.note(mark.conversation, "\(mark.by) has read up to #\(mark.sequence)") : []
        case .receipt(let receipt):
            return self.note(
                receipt.conversation,
                "\(receipt.by) has read \(Self.mark(receipt.sequence)) (\(receipt.readCount) by now)")
        case .deleted(let conversation, let messages):
            for message in messages { self.forget(message, in: conversation) }
            return []
        case .membership(let conversation, let isMember):
            if isMember, !self.order.contains(conversation) { self.order.append(conversation) }
            let name = self.room(conversation).name
            return [.show([self.format.note(isMember ? "you are in \(name) now" : "you are no longer in \(name)")])]
        case .typing(let conversation, let user, let isTyping):
            self.rooms[conversation]?.typing[user] = isTyping ? now.addingTimeInterval(Self.typingLasts) : nil
            return []
        case .presence(let presence):
            let platforms = presence.platforms.isEmpty ? "" : " (\(presence.platforms.joined(separator: ", ")))"
            let words = "\(presence.user) is \(presence.isOnline ? "online" : "offline")\(platforms)"
            return [.show([self.format.note(Harmless.line(words))])]
        case .disconnected(let ending, let delay):
            let wasOnline = self.isOnline
            self.isOnline = false
            for conversation in self.rooms.keys { self.rooms[conversation]?.typing = [:] }
            // Only the first of many attempts is news.
            if delay != nil, !wasOnline, self.saidOffline { return [] }
            self.saidOffline = true
            let words = delay == nil ? "\(ending)" : "not connected (\(ending)); trying again"
            return [.show([self.format.note(Harmless.line(words))])]
        case .unreadable: return []
        }
    }

    private mutating func got(_ message: Message, at now: Date) -> [Effect] {
        let conversation = message.conversation
        self.add(conversation)
        self.rooms[conversation]?.typing[message.from] = nil
        let isNews = message.sequence.map { $0 > self.room(conversation).sequence } ?? true
        self.passed(conversation, message.sequence)
        self.remember(message)
        if case .command = message.content, !self.format.isPlain { return [] }
        // Who has nobody to talk to yet talks to who has spoken.
        if self.open == nil, self.isListed { self.open = conversation }
        let isOpen = conversation == self.open
        if isNews, message.from != self.me, message.options.countsAsUnread, !(isOpen && self.isAttended) {
            self.rooms[conversation]?.unread += 1
        }
        // What was missed elsewhere is counted, not shown: it is read when that conversation is opened.
        guard self.format.isPlain || isOpen || self.isReady else { return [] }
        let room = self.room(conversation)
        // What history has shown comes again when it was missed.
        let wasShown = !self.format.isPlain && isOpen && message.sequence.map { $0 <= room.shown } ?? false
        guard !room.isLoading, !wasShown else { return [] }
        return self.show([message], isOpen: isOpen, at: now) + (isOpen ? self.read(conversation) : [])
    }

    private mutating func show(_ messages: [Message], isOpen: Bool, at now: Date) -> [Effect] {
        var lines: [Line] = []
        for message in messages {
            if !self.format.isPlain {
                let day = self.format.day(message.sentAt)
                if day != self.day {
                    if self.day != nil || day != self.format.day(now) { lines.append(self.format.dayChange(day)) }
                    self.day = day
                }
            }
            if isOpen, let sequence = message.sequence {
                let shown = self.room(message.conversation).shown
                self.rooms[message.conversation]?.shown = max(shown, sequence)
            }
            lines += self.format.lines(
                message, me: self.me, elsewhere: isOpen ? nil : self.room(message.conversation).name)
        }
        return [.show(lines)]
    }

    private mutating func read(_ conversation: Conversation) -> [Effect] {
        guard self.isAttended, let sequence = self.rooms[conversation]?.sequence, sequence > 0 else { return [] }
        self.rooms[conversation]?.unread = 0
        return [.markRead(conversation, upTo: sequence)]
    }

    private mutating func passed(_ conversation: Conversation, _ sequence: Int64?) {
        self.add(conversation)
        guard let sequence else { return }
        let known = self.room(conversation).sequence
        self.rooms[conversation]?.sequence = max(known, sequence)
    }

    private mutating func remember(_ message: Message) {
        guard let sequence = message.sequence, var messages = self.rooms[message.conversation]?.messages else { return }
        let index = messages.lastIndex { ($0.sequence ?? 0) <= sequence }
        if let index, messages[index].sequence == sequence {
            messages[index] = message
        } else {
            messages.insert(message, at: index.map { $0 + 1 } ?? 0)
        }
        if messages.count > Self.kept { messages.removeFirst() }
        self.rooms[message.conversation]?.messages = messages
    }

    private mutating func forget(_ id: MessageID, in conversation: Conversation) {
        self.rooms[conversation]?.messages.removeAll { $0.id == id }
    }

    /// It was taken back before it was read.
    private mutating func uncount(_ message: Message?) {
        guard let message, let room = self.rooms[message.conversation], message.from != self.me else { return }
        let unread = room.messages.filter { $0.from != self.me }.suffix(room.unread)
        if unread.contains(where: { $0.id == message.id }) { self.rooms[message.conversation]?.unread -= 1 }
    }

    private mutating func replace(_ edit: Edit) {
        guard let index = self.rooms[edit.conversation]?.messages.firstIndex(where: { $0.id == edit.target }) else {
            return
        }
        self.rooms[edit.conversation]?.messages[index].content = edit.content
    }

    private mutating func note(_ conversation: Conversation, _ text: String) -> [Effect] {
        let isOpen = conversation == self.open
        guard self.format.isPlain || isOpen || self.isReady else { return [] }
        let elsewhere = isOpen && !self.format.isPlain ? "" : "[\(self.room(conversation).name)] "
        return [.show([self.format.note(elsewhere + Harmless.line(text))])] + (isOpen ? self.read(conversation) : [])
    }

    private static func mark(_ sequence: Int64?) -> String { sequence.map { "#\($0)" } ?? "a message" }

    static func short(_ text: String) -> String { text.count > 60 ? text.prefix(59) + "…" : text }

    private static func words(_ notice: Notice) -> String {
        let users = notice.users.map(\.rawValue).joined(separator: ", ")
        let by = notice.by.map { " (by \($0))" } ?? ""
        return switch notice.kind {
        case .joined: "\(users) joined\(by)"
        case .left: "\(users) left"
        case .removed: "\(users) \(notice.users.count == 1 ? "was" : "were") removed\(by)"
        case .changed: "the group was changed\(by)"
        case .other(let name): "\(name): \(users)\(by)"
        }
    }
}

// What comes of what was asked for.
extension Talk {
    /// The first screen, and what `/list` asks for.
    ///
    /// - Parameter groups: that the user is in; those in which nothing was said yet come last.
    mutating func listed(_ summaries: [ConversationSummary], groups: [Group] = []) -> [Effect] {
        let isFirst = !self.isListed
        self.isListed = true
        self.order =
            summaries.map(\.conversation)
            + self.order.filter { known in !summaries.contains { $0.conversation == known } }
        for summary in summaries {
            var room = self.room(summary.conversation)
            if let name = summary.name, !name.isEmpty { room.name = Harmless.line(name) }
            room.unread = summary.unread
            room.isMuted = summary.isMuted
            room.sequence = max(room.sequence, summary.sequence)
            self.rooms[summary.conversation] = room
        }
        let silent = groups.filter { group in !summaries.contains { $0.conversation == group.conversation } }
        for group in silent {
            if !self.order.contains(group.conversation) { self.order.append(group.conversation) }
            var room = self.room(group.conversation)
            room.name = Harmless.line(group.name)
            self.rooms[group.conversation] = room
        }
        if self.open == nil { self.open = self.order.first }
        var effects: [Effect] = [.show(self.format.list(summaries, silent: silent.map(\.conversation), self))]
        if isFirst, let open, !self.format.isPlain { effects += self.opened(open) }
        let held = self.held
        self.held = []
        return effects + held.flatMap { self.say($0) }
    }

    /// - Parameter messages: oldest first.
    mutating func history(_ conversation: Conversation, _ messages: [Message], hasMore: Bool, at now: Date) -> [Effect]
    {
        for message in messages where !message.isRecalled { self.remember(message) }
        var messages = messages
        if self.room(conversation).isLoading {
            self.rooms[conversation]?.isLoading = false
            let last = messages.last?.sequence ?? 0
            messages += self.room(conversation).messages.filter { ($0.sequence ?? 0) > last }
        }
        guard !messages.isEmpty else { return [.show([self.format.note("nothing was said here, or nothing is kept")])] }
        let more = hasMore ? [self.format.note("… /history shows what was before")] : []
        return [.show(more)] + self.show(messages, isOpen: conversation == self.open, at: now)
            + (conversation == self.open ? self.read(conversation) : [])
    }

    mutating func noHistory(_ conversation: Conversation, _ error: any Error) -> [Effect] {
        self.rooms[conversation]?.isLoading = false
        return self.failed("no history", error)
    }

    mutating func sent() { self.unsent -= 1 }

    mutating func failed(_ what: String, _ error: any Error) -> [Effect] {
        [.show([self.format.alert(Harmless.line("\(what): \(error)"))])]
    }

    func told(_ text: String) -> [Effect] { [.show([self.format.note(Harmless.line(text))])] }

    private var nobody: [Effect] { [.show([self.format.alert("to whom? /to NAME, /list shows your conversations")])] }
}

// What is typed.
extension Talk {
    mutating func typed(_ line: String, at now: Date) -> [Effect] {
        let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !line.isEmpty else { return [] }
        // Two slashes: a text that begins with one.
        if line.hasPrefix("//") { return self.say(String(line.dropFirst())) }
        guard line.hasPrefix("/") else { return self.say(line) }
        return self.command(line)
    }

    private mutating func say(_ text: String) -> [Effect] {
        guard let open else {
            guard !self.isListed else { return self.nobody }
            self.held.append(text)
            return []
        }
        self.unsent += 1
        // On a screen it is seen to wait; when it is on the server it comes back as a message.
        let waits = !self.isOnline && !self.format.isPlain
        return (waits ? [.show([self.format.waiting(Harmless.line(text))])] : []) + [.send(open, .text(text))]
    }

    private mutating func command(_ line: String) -> [Effect] {
        let parts = line.dropFirst().split(separator: " ", maxSplits: 1).map(String.init)
        let (name, rest) = (parts.first ?? "", parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        if let number = Int(name) { return self.go(to: String(number)) }
        switch name {
        case "help", "?": return [.show(Self.help.map { self.format.note($0) })]
        case "quit", "q", "exit": return [.quit]
        case "list", "l": return [.list]
        case "to", "t": return self.go(to: rest)
        case "watch", "unwatch":
            return rest.isEmpty ? self.usage("/\(name) USER") : [.watch(UserID(rest), name == "watch")]
        default: break
        }
        guard let open else { return self.nobody }
        switch name {
        case "history", "h":
            let oldest = self.room(open).messages.first { $0.sequence != nil }?.sequence
            return [.history(open, before: oldest, limit: min(200, max(1, Int(rest) ?? 20)))]
        case "recall", "delete", "receipts", "edit", "get": return self.withMessage(name, rest, in: open)
        case "who", "w": return [.members(open)]
        case "file", "f": return self.file(rest, in: open)
        case "read": return self.read(open)
        default:
            guard let change = Change(rawValue: name) else {
                return self.usage("there is no /\(name); /help lists what there is")
            }
            return [.change(open, change)]
        }
    }

    private func usage(_ text: String) -> [Effect] { [.show([self.format.alert(Harmless.line(text))])] }

    private mutating func withMessage(_ name: String, _ rest: String, in conversation: Conversation) -> [Effect] {
        let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
        let sequence = parts.first.flatMap { Int64($0.hasPrefix("#") ? String($0.dropFirst()) : $0) }
        let argument = parts.count > 1 ? parts[1] : ""
        let messages = self.room(conversation).messages
        let wantsOwn = name == "recall" || name == "receipts"
        let message =
            if let sequence {
                messages.first { $0.sequence == sequence }
            } else if wantsOwn, rest.isEmpty {
                messages.last { $0.from == self.me }
            } else if name == "get", rest.isEmpty {
                messages.last { $0.content?.media?.url != nil }
            } else {
                Message?.none
            }
        guard let message else {
            return self.usage(
                sequence == nil ? "/\(name) #NUMBER" : "#\(sequence!) is not among what was shown; /history shows more")
        }
        switch name {
        case "recall": return [.recall(message)]
        case "delete": return [.delete(message)]
        case "receipts": return [.receipts(message)]
        case "edit": return argument.isEmpty ? self.usage("/edit #NUMBER new text") : [.edit(message, to: argument)]
        default:
            guard let media = message.content?.media else {
                return self.usage("there is no file in #\(message.sequence ?? 0)")
            }
            return [.fetch(media, path: argument.isEmpty ? nil : argument)]
        }
    }

    private mutating func file(_ rest: String, in conversation: Conversation) -> [Effect] {
        guard !rest.isEmpty else { return self.usage("/file PATH [CAPTION]; quote a PATH that has spaces") }
        if let quote = rest.first, quote == "\"" || quote == "'", let end = rest.dropFirst().firstIndex(of: quote) {
            let path = String(rest[rest.index(after: rest.startIndex)..<end])
            let caption = rest[rest.index(after: end)...].trimmingCharacters(in: .whitespaces)
            self.unsent += 1
            return [.sendFile(conversation, path: path, caption: caption.isEmpty ? nil : caption)]
        }
        let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
        self.unsent += 1
        return [.sendFile(conversation, path: parts[0], caption: parts.count > 1 ? parts[1] : nil)]
    }

    /// By its number in the list, its name in the protocol, its name, or as a user.
    private mutating func go(to target: String) -> [Effect] {
        guard !target.isEmpty else { return self.usage("/to NUMBER, NAME, group:ID or USER") }
        if let number = Int(target), self.rooms[.direct(UserID(target))] == nil {
            guard self.order.indices.contains(number - 1) else {
                return self.usage("the list has no \(number); /list shows it")
            }
            return self.opened(self.order[number - 1])
        }
        let named = Conversation(target)
        if case .other = named {} else { return self.opened(named) }
        let byName = self.order.first { $0 == .group(target) || self.room($0).name.lowercased() == target.lowercased() }
        return self.opened(byName ?? .direct(UserID(target)))
    }

    private mutating func opened(_ conversation: Conversation) -> [Effect] {
        self.add(conversation)
        self.open = conversation
        self.wasOpened = true
        let room = self.room(conversation)
        let header =
            self.format.isPlain
            ? self.format.note("to \(conversation.name)") : self.format.header(room.name, conversation)
        let held = self.held
        self.held = []
        let now: [Effect] = [.show([header])]
        // What was shown already is above; the rest is asked for.
        let isAllThere = self.format.isPlain || room.shown >= room.sequence || room.isLoading
        if !isAllThere { self.rooms[conversation]?.isLoading = true }
        let past = isAllThere ? self.read(conversation) : [.history(conversation, before: nil, limit: 20)]
        return now + past + held.flatMap { self.say($0) }
    }

    static let help = [
        "/list                the conversations: names, unread, what was said last",
        "/to NAME, /1, /2 …   go to a conversation of the list, group:ID, or a user",
        "/history [N]         what was said before",
        "/recall [#N]         take a message of yours back",
        "/edit #N TEXT        change a message of yours",
        "/delete #N           hide a message from yourself",
        "/file PATH [TEXT]    send a file",
        "/get [#N] [PATH]     fetch a file",
        "/who                 the members, and who is online",
        "/watch USER          say when USER comes and goes; /unwatch USER",
        "/receipts [#N]       who has read a message of yours",
        "/read                all of this is read",
        "/pin /unpin /mute /unmute /clear",
        "/quit                or Ctrl-D",
        "//text               text that begins with a slash",
    ]
}

// The line below it all.
extension Talk {
    func prompt(at now: Date) -> Line {
        var line = Line()
        if !self.isOnline { line = line.and(self.wasOnline ? "reconnecting… " : "connecting… ", .alert) }
        if self.unsent > 0 { line = line.and("\(self.unsent) unsent ", .alert) }
        let others = self.order.filter { $0 != self.open && self.room($0).unread > 0 && !self.room($0).isMuted }
        if !others.isEmpty {
            let shown = others.prefix(3).map { conversation in
                "\(self.order.firstIndex(of: conversation)! + 1):\(Self.short(self.room(conversation).name)) \(self.room(conversation).unread)"
            }
            line = line.and("(\(shown.joined(separator: ", "))\(others.count > 3 ? ", …" : "")) ", .dim)
        }
        guard let open else { return line.and("> ", .bold) }
        let room = self.room(open)
        line = line.and(room.name, .bold)
        let typing = room.typing.filter { $0.value > now }.keys.map(\.rawValue).sorted()
        if !typing.isEmpty {
            let who =
                typing.count > 2
                ? "\(typing.count) are" : typing.joined(separator: ", ") + (typing.count == 1 ? " is" : " are")
            line = line.and(" " + Harmless.line(who) + " typing…", .dim)
        }
        return line.and("> ")
    }

    /// When the prompt changes by itself.
    var typingEnds: Date? { self.open.flatMap { self.room($0).typing.values.min() } }
}
