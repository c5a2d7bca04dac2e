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
    mutating func look(_ journal: Journal, _ findings: Findings) async {
        let taken = journal.taken(in: self.place, after: self.checkedCount)
        do { try await self.readOn(findings) } catch {
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

    private mutating func readOn(_ findings: Findings) async throws {
        while true {
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
        do { try await fresh.readOn(findings) } catch {
            return findings.violation("history of \(self.place) cannot be read: \(error)")
        }
        findings.check(fresh.texts == self.texts, "history of \(self.place) is not what it was")
    }
}
