import Foundation
import ParleyClient

/// Ties a ``Chat``, the ``Talk`` that is made of it, and the screen together: does what they ask, one thing after the other.
actor Terminal {
    let chat: Chat
    private var talk: Talk
    private var editor = LineEditor()
    private var keys = KeyReader()
    private var partial: [UInt8] = []
    /// Nil: not a terminal but a pipe.
    private var screen: Screen?
    private let outgoing: AsyncStream<Outgoing>.Continuation
    private let outbox: AsyncStream<Outgoing>
    private var reads: [Conversation: Int64] = [:]
    private var isReading = false
    /// Commands under way that are not messages.
    private var attempts = 0
    private var lastTyping = Date.distantPast
    private var isTicking = false
    private(set) var ending: Chat.Ending?
    private let done: AsyncStream<Void>.Continuation
    private let isDone: AsyncStream<Void>

    /// What goes out in the order in which it was typed.
    private enum Outgoing {
        case message(Conversation, Content)
        case file(Conversation, path: String, caption: String?)
    }

    init(chat: Chat, talk: Talk, screen: Screen?) {
        self.chat = chat
        self.talk = talk
        self.screen = screen
        (self.outbox, self.outgoing) = AsyncStream.makeStream(of: Outgoing.self)
        (self.isDone, self.done) = AsyncStream.makeStream(of: Void.self)
    }

    /// Until the person leaves or the server ends it. Then ``ending`` says why, if it was the server.
    func run() async {
        let input = StandardInput()
        let tasks = [
            Task { await self.takeEvents() }, Task { await self.sendWhatIsTyped() },
            Task {
                for await piece in input.pieces {
                    self.typed(piece)
                    input.next()
                }
                self.inputEnded()
            },
            Task { await self.followSize() },
        ]
        self.redraw()
        for await _ in self.isDone { break }
        for task in tasks { task.cancel() }
        if let left = self.screen?.leave() { RawTerminal.write(left) }
        await self.chat.close()
    }

    private func takeEvents() async {
        var isListed = false
        for await event in self.chat.events {
            self.perform(self.talk.happened(event, at: .now))
            if case .connected = event, !isListed {
                // Before anything else is shown; what was missed waits meanwhile.
                isListed = await self.list()
            }
            if case .disconnected(let ending, retryIn: nil) = event { self.ending = ending }
        }
        self.done.finish()
    }

    private func list() async -> Bool {
        do {
            let list = try await self.chat.conversations(limit: 100).conversations
            self.perform(self.talk.listed(list, groups: try await self.chat.groups(limit: 500).groups))
            return true
        } catch {
            self.perform(self.talk.failed("no list", error))
            return false
        }
    }
}

// What is typed.
extension Terminal {
    private func typed(_ bytes: [UInt8]) {
        guard self.screen != nil else { return self.typedLines(bytes) }
        for key in self.keys.keys(bytes) {
            switch self.editor.press(key) {
            case .nothing: break
            case .changed:
                self.sayTyping()
                self.redraw()
            case .line(let line):
                self.redraw()
                self.perform(self.talk.typed(line, at: .now))
            case .redraw:
                RawTerminal.write("\u{1B}[H\u{1B}[2J")
                if let text = self.screen?.resize(columns: RawTerminal.columns) { RawTerminal.write(text) }
            case .suspend:
                if let left = self.screen?.leave() { RawTerminal.write(left) }
                RawTerminal.suspend()
                self.redraw()
            case .interrupt where !self.editor.text.isEmpty:
                _ = self.editor.press(.end)
                _ = self.editor.press(.killToStart)
                self.redraw()
            case .interrupt, .endOfInput: self.done.finish()
            }
        }
    }

    private func typedLines(_ bytes: [UInt8]) {
        self.partial += bytes
        while let end = self.partial.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: self.partial[..<end], as: UTF8.self)
            self.partial.removeFirst(end + 1)
            self.perform(self.talk.typed(line, at: .now))
        }
    }

    /// A pipe that has said all may still be listening: only a person at a terminal leaves so.
    private func inputEnded() {
        if !self.partial.isEmpty { self.typedLines([UInt8(ascii: "\n")]) }
        if self.screen != nil { self.done.finish() }
    }

    private func sayTyping() {
        guard let open = self.talk.open, self.talk.isOnline, !self.editor.text.isEmpty,
            !self.editor.text.hasPrefix("/"),
            Date.now.timeIntervalSince(self.lastTyping) > 4
        else { return }
        self.lastTyping = .now
        Task { await self.chat.typing(in: open) }
    }
}

// What is shown.
extension Terminal {
    private func show(_ lines: [Line]) {
        if self.screen == nil {
            for line in lines { say(line.plain) }
        } else if let text = self.screen?.show(lines) {
            RawTerminal.write(text)
        }
    }

    private func redraw() {
        guard self.screen != nil else { return }
        let prompt = self.talk.prompt(at: .now)
        if let text = self.screen?.update(prompt: prompt, before: self.editor.before, after: self.editor.after) {
            RawTerminal.write(text)
        }
        self.tickWhileSomebodyTypes()
    }

    /// Nobody says that he has stopped typing when his connection is gone.
    private func tickWhileSomebodyTypes() {
        guard !self.isTicking, let end = self.talk.typingEnds, end > .now else { return }
        self.isTicking = true
        Task {
            try? await Task.sleep(for: .seconds(end.timeIntervalSinceNow + 0.1))
            self.isTicking = false
            self.redraw()
        }
    }

    private func followSize() async {
        guard self.screen != nil else { return }
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        signal(SIGWINCH, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGWINCH, queue: .global())
        source.setEventHandler { continuation.yield() }
        source.resume()
        for await _ in changes {
            if let text = self.screen?.resize(columns: RawTerminal.columns) { RawTerminal.write(text) }
            self.redraw()
        }
        source.cancel()
    }
}

// What is done.
extension Terminal {
    private func perform(_ effects: [Talk.Effect]) {
        for effect in effects { self.perform(effect) }
        self.redraw()
    }

    private func perform(_ effect: Talk.Effect) {
        switch effect {
        case .show(let lines): self.show(lines)
        case .send(let conversation, let content): self.outgoing.yield(.message(conversation, content))
        case .sendFile(let conversation, let path, let caption):
            self.outgoing.yield(.file(conversation, path: path, caption: caption))
        case .markRead(let conversation, let sequence):
            self.reads[conversation] = max(sequence, self.reads[conversation] ?? 0)
            self.markReadSoon()
        case .quit: Task { await self.leaveWhenSent() }
        case .list: Task { _ = await self.list() }
        case .fetch(let media, let path): Task { await self.fetch(media, path) }
        case .history(let conversation, let before, let limit):
            Task {
                do {
                    let page = try await self.chat.history(of: conversation, before: before, limit: limit)
                    let messages = page.messages.sorted { ($0.sequence ?? 0) < ($1.sequence ?? 0) }
                    self.perform(
                        self.talk.history(conversation, messages, hasMore: page.next != nil, at: .now))
                } catch { self.perform(self.talk.noHistory(conversation, error)) }
            }
        case .recall(let message):
            self.attempt("not recalled") { chat in
                try await chat.recall(message.id)
                return { _ in [] }
            }
        case .edit(let message, let text):
            self.attempt("not edited") { chat in
                try await chat.edit(message.id, to: .text(text))
                return { _ in [] }
            }
        case .delete(let message):
            self.attempt("not deleted") { chat in
                try await chat.delete([message.id], in: message.conversation)
                return { talk in
                    _ = talk.happened(.deleted(message.conversation, [message.id]), at: .now)
                    return talk.told("#\(message.sequence ?? 0) is hidden from you, on all your devices")
                }
            }
        case .change(let conversation, let change):
            self.attempt("not changed") { chat in
                let state = try await chat.change(
                    conversation, isPinned: change == .pin ? true : change == .unpin ? false : nil,
                    isMuted: change == .mute ? true : change == .unmute ? false : nil,
                    isCleared: change == .clear ? true : nil)
                return { talk in
                    _ = talk.happened(.conversation(state), at: .now)
                    return talk.told("done: /\(change.rawValue)")
                }
            }
        case .members(let conversation): self.attempt("nobody") { try await Self.members($0, conversation) }
        case .watch(let user, let isWatched):
            self.attempt("not watched") { chat in
                if isWatched { try await chat.watch([user]) } else { try await chat.unwatch([user]) }
                return { _ in [] }
            }
        case .receipts(let message):
            self.attempt("no receipts") { chat in
                let receipts = try await chat.receipts(for: message.id)
                let readers = receipts.readers.map { "\($0.user)" }.joined(separator: ", ")
                return {
                    $0.told(
                        "#\(message.sequence ?? 0): \(receipts.readCount) have read it, \(receipts.unreadCount) have not. \(readers)"
                    )
                }
            }
        }
    }

    /// Asks, and shows what came of it, or why nothing did.
    private func attempt(
        _ what: String, _ ask: @escaping @Sendable (Chat) async throws -> @Sendable (inout Talk) -> [Talk.Effect]
    ) {
        self.attempts += 1
        Task {
            do {
                let outcome = try await ask(self.chat)
                self.perform(outcome(&self.talk))
            } catch { self.perform(self.talk.failed(what, error)) }
            self.attempts -= 1
        }
    }

    private static func members(
        _ chat: Chat, _ conversation: Conversation
    ) async throws -> @Sendable (inout Talk) -> [Talk.Effect] {
        if case .direct(let user) = conversation {
            try await chat.watch([user])
            return { _ in [] }
        }
        let page = try await chat.members(of: conversation)
        let names = page.members.map { "\($0.user)\($0.role == "member" ? "" : " (\($0.role))")" }
        let all = names.joined(separator: ", ") + (page.next == nil ? "" : ", …")
        let users = page.members.map(\.user)
        // Says of each whether he is there, and from now on when that changes.
        Task { try? await chat.watch(users) }
        return { $0.told("\(page.count) members: \(all)") }
    }

    /// One after the other, so that they arrive as they were typed; each waits for the connection.
    private func sendWhatIsTyped() async {
        for await item in self.outbox {
            do {
                switch item {
                case .message(let conversation, let content): try await self.send(content, to: conversation)
                case .file(let conversation, let path, let caption):
                    try await self.sendFile(path, caption, to: conversation)
                }
                self.talk.sent()
                self.redraw()
            } catch {
                self.talk.sent()
                self.perform(self.talk.failed("not sent", error))
            }
        }
    }

    /// A paste or a pipe may say more in a second than anybody may: it takes a little longer then.
    private func send(_ content: Content, to conversation: Conversation) async throws {
        var attempts = 0
        while true {
            do {
                try await self.chat.send(content, to: conversation)
                return
            } catch {
                attempts += 1
                guard Self.isTooFast(error), attempts < 60 else { throw error }
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private static func isTooFast(_ error: ChatError) -> Bool {
        if case .refused(let refusal) = error { refusal.code == .tooFast } else { false }
    }

    private func leaveWhenSent() async {
        // What a pipe said before /quit is to arrive; a person who leaves has seen what is unsent.
        if self.screen == nil {
            self.outgoing.finish()
            while self.talk.unsent + self.attempts > 0, self.ending == nil {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        self.done.finish()
    }

    /// What is shown while lines fly by is told once.
    private func markReadSoon() {
        guard !self.isReading else { return }
        self.isReading = true
        Task {
            try? await Task.sleep(for: .milliseconds(300))
            self.isReading = false
            let reads = self.reads
            self.reads = [:]
            for (conversation, sequence) in reads { try? await self.chat.markRead(conversation, upTo: sequence) }
        }
    }
}

// Files.
extension Terminal {
    private func sendFile(_ path: String, _ caption: String?, to conversation: Conversation) async throws {
        let path = (path as NSString).expandingTildeInPath
        let type = FileType(path)
        self.perform(self.talk.told("sending \(path) …"))
        let media = try await self.chat.upload(fileAt: path, mediaType: type.mediaType)
        try await self.send(type.content(media), to: conversation)
        if let caption { try await self.send(.text(caption), to: conversation) }
    }

    private func fetch(_ media: Media, _ path: String?) async {
        do {
            let wanted = path.map { ($0 as NSString).expandingTildeInPath } ?? Harmless.fileName(media.name)
            let path = Self.free(wanted)
            let count = try await self.chat.download(media, toFileAt: path)
            self.perform(self.talk.told("saved \(path), \(Format.size(count))"))
        } catch { self.perform(self.talk.failed("not fetched", error)) }
    }

    /// A path at which there is nothing: `cat.jpg`, `cat-2.jpg` …
    static func free(_ path: String) -> String {
        let url = URL(fileURLWithPath: path)
        var candidate = path
        var number = 2
        while FileManager.default.fileExists(atPath: candidate) || Self.isLink(candidate) {
            let name = url.deletingPathExtension().lastPathComponent
            let suffix = url.pathExtension.isEmpty ? "" : ".\(url.pathExtension)"
            candidate = url.deletingLastPathComponent().appendingPathComponent("\(name)-\(number)\(suffix)").path
            number += 1
        }
        return candidate
    }

    private static func isLink(_ path: String) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    }
}
