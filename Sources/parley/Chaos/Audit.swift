import ParleyClient

/// Holds what history says of one conversation against the journal: at first what is new, at the end all of it again.
struct Audit {
    let place: Place
    let reader: ChatFollower
    private let conversation: Conversation
    private(set) var texts: [String] = []
    private var sequences: [String: Int64] = [:]
    private var checkedCount = 0

    init(_ place: Place, conversation: String, reader: ChatFollower) {
        self.place = place
        self.reader = reader
        self.conversation = Conversation(conversation)
    }

    /// What has come since the last time: without gaps, nothing twice, and everything that was acknowledged before this was called.
    ///
    /// - Parameter toTheEnd: nobody sends any more: everything is read.
    mutating func look(_ journal: Journal, _ findings: Findings, toTheEnd: Bool) async {
        let taken = journal.taken(in: self.place, after: self.checkedCount)
        do { try await self.readOn(until: toTheEnd ? nil : taken, findings) } catch {
            return findings.violation("history of \(self.place) cannot be read: \(error)")
        }
        for one in taken {
            guard let sequence = self.sequences[one.text] else {
                findings.violation("LOST: \(one.text) was acknowledged and is not in \(self.place)")
                continue
            }
            findings.check(
                one.sequence == nil || one.sequence == sequence,
                "\(one.text) was acknowledged as \(one.sequence ?? 0) of \(self.place) and is \(sequence)")
        }
        self.checkedCount += taken.count
    }

    /// - Parameter wanted: reading ends when all of them were met (who sends may be faster than who reads); nil: at the end.
    private mutating func readOn(until wanted: ArraySlice<Journal.Taken>?, _ findings: Findings) async throws {
        var wanted = wanted
        while true {
            while let next = wanted?.first, self.sequences[next.text] != nil { wanted?.removeFirst() }
            if let wanted, wanted.isEmpty { return }
            let after = Int64(self.texts.count)
            let page = try await self.reader.chat.history(of: self.conversation, after: after, limit: 200)
            for message in page.messages {
                let text = message.content?.summary ?? ""
                let sequence = Int64(self.texts.count) + 1
                findings.check(
                    message.sequence == sequence,
                    "history of \(self.place) has \(message.sequence ?? 0) where \(sequence) is due")
                if let first = self.sequences.updateValue(sequence, forKey: text) {
                    findings.violation("TWICE: \(text) is \(first) and \(sequence) of \(self.place)")
                }
                self.texts.append(text)
            }
            if page.messages.isEmpty { return }
        }
    }

    /// History read anew from its beginning is what it was whenever it was looked at.
    func lookAgain(_ findings: Findings) async {
        var fresh = Audit(self.place, conversation: self.conversation.name, reader: self.reader)
        do { try await fresh.readOn(until: nil, findings) } catch {
            return findings.violation("history of \(self.place) cannot be read: \(error)")
        }
        findings.check(fresh.texts == self.texts, "history of \(self.place) is not what it was")
    }
}
