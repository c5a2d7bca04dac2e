import Foundation
import ParleyClient

/// How things look: on a screen, or, plain, in a pipe.
struct Format {
    /// One line for each thing, all that is known in it: for pipes and scripts.
    var isPlain: Bool
    var timeZone = TimeZone.current

    func lines(_ message: Message, me: UserID?, elsewhere: String?) -> [Line] {
        if self.isPlain { return [self.plain(message)] }
        let from = Harmless.line(message.from.rawValue)
        var line = Line(self.time(message.sentAt) + " ", .dim)
        if let elsewhere { line = line.and("[\(elsewhere)] ", .dim) }
        line = line.and(from, .person(message.from.rawValue))
        if let sequence = message.sequence { line = line.and(" #\(sequence)", .dim) }
        line = line.and(": ")
        guard let content = message.content else { return [line.and("(recalled)", .dim)] }
        let mentions = me.map { message.options.mention?.includes($0) ?? false } ?? false
        let texts = Self.words(content).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var lines = [line.and(texts.first ?? "", mentions ? .bold : elsewhere == nil ? .plain : .dim)]
        for text in texts.dropFirst() { lines.append(Line("      " + text)) }
        if message.edited != nil { lines[lines.count - 1] = lines[lines.count - 1].and(" (edited)", .dim) }
        if !message.to.isEmpty {
            let names = Harmless.line(message.to.map(\.rawValue).joined(separator: ", "))
            lines[lines.count - 1] = lines[lines.count - 1].and(" (only to \(names))", .dim)
        }
        return lines
    }

    private func plain(_ message: Message) -> Line {
        let sequence = message.sequence.map { " #\($0)" } ?? ""
        let dialect = message.native?.dialect ?? "parley"
        let place = Harmless.line(message.conversation.name)
        let from = Harmless.line(message.from.rawValue)
        guard let content = message.content else { return Line("[\(place)\(sequence)] \(from): (recalled)") }
        let words = Harmless.line(Self.words(content))
        return Line(
            "[\(place)\(sequence)] \(from): \(words)  (\(Harmless.line(content.kind)), \(Harmless.line(dialect)))")
    }

    /// What a message says, as text; harmless, and of several lines.
    static func words(_ content: Content) -> String {
        switch content {
        case .text(let text): return Harmless.lines(text)
        case .image(let media), .voice(let media), .video(let media), .file(let media):
            let name = media.name.map { " \(Harmless.line($0))" } ?? ""
            let size = media.bytes.map { ", \(Self.size($0))" } ?? ""
            let length = media.seconds.map { ", \(Int(min($0, 1e9))) s" } ?? ""
            return "[\(content.kind)\(name)\(size)\(length)]"
        case .location(let location):
            return
                "[\(location.latitude), \(location.longitude)\(location.address.map { " " + Harmless.line($0) } ?? "")]"
        case .face(let index, let data): return Harmless.line("[sticker \(index) \(data)]")
        case .command(let name, let data): return Harmless.line("[command \(name) \(data)]")
        case .custom(let type, let data): return Harmless.line("[\(type)] \(data)")
        case .combined(let parts): return parts.map(Self.words).joined(separator: " ")
        case .unknown(let kind, let json): return Harmless.line("[\(kind)] \(json)")
        }
    }

    static func size(_ bytes: Int64) -> String {
        switch bytes {
        case ..<1024: "\(bytes) B"
        case ..<(1 << 20): "\(bytes >> 10) KB"
        default: "\(bytes >> 20) MB"
        }
    }

    /// - Parameter silent: groups in which nothing was said yet.
    func list(_ summaries: [ConversationSummary], silent: [Conversation], _ talk: Talk) -> [Line] {
        guard !summaries.isEmpty || !silent.isEmpty else {
            return [self.note("you have no conversations yet; /to USER begins one")]
        }
        let lines = summaries.map { summary in
            var line = self.entry(summary.conversation, talk)
            if summary.unread > 0 {
                line = line.and("  \(summary.unread) unread", .alert)
                if summary.mentionSequence != nil { line = line.and(" @you", .alert) }
            }
            if summary.isPinned { line = line.and("  pinned", .dim) }
            if summary.isMuted { line = line.and("  muted", .dim) }
            if let last = summary.last {
                let text = last.content.map { Talk.short(Harmless.line(Self.words($0))) } ?? "(recalled)"
                line = line.and("  \(self.time(last.sentAt)) \(Harmless.line(last.from.rawValue)): \(text)", .dim)
            }
            return line
        }
        return lines + silent.map { self.entry($0, talk).and("  nothing said yet", .dim) }
    }

    /// The number that switches to a conversation, and its name.
    private func entry(_ conversation: Conversation, _ talk: Talk) -> Line {
        let number = (talk.order.firstIndex(of: conversation) ?? 0) + 1
        let name = talk.room(conversation).name
        let line = Line(self.isPlain ? "- /\(number) " : " \("\(number)".padding(2)) ", .dim)
        return line.and(self.isPlain ? "\(Harmless.line(conversation.name)) \(name)" : name, .bold)
    }

    /// Something that the program says. Harmless already.
    func note(_ text: String) -> Line { Line("- " + text, .dim) }
    func alert(_ text: String) -> Line { Line("- " + text, .alert) }
    func waiting(_ text: String) -> Line { Line("  … " + text + "  (will be sent)", .dim) }
    func dayChange(_ day: String) -> Line { Line("—— \(day) ——", .dim) }
    func header(_ name: String, _ conversation: Conversation) -> Line {
        Line("—— ", .dim).and(name, .bold).and(" (\(Harmless.line(conversation.name))) ——", .dim)
    }

    func time(_ date: Date) -> String {
        let parts = self.calendar.dateComponents([.hour, .minute], from: date)
        return "\(Self.two(parts.hour)):\(Self.two(parts.minute))"
    }

    func day(_ date: Date) -> String {
        let parts = self.calendar.dateComponents([.year, .month, .day], from: date)
        return "\(parts.year ?? 0)-\(Self.two(parts.month))-\(Self.two(parts.day))"
    }

    private var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = self.timeZone
        return calendar
    }

    private static func two(_ number: Int?) -> String {
        "\(number ?? 0)".count < 2 ? "0\(number ?? 0)" : "\(number ?? 0)"
    }
}

extension String {
    /// Spaces before it, up to that width.
    fileprivate func padding(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - self.count)) + self
    }
}
