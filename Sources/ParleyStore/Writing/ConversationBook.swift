import ParleyCore

/// Where each conversation's log ends, from memory once known: what an append would otherwise look up each time. Used by the writer's thread only.
///
/// What a batch changes can be taken back to a mark, as its SQL is, so that sequences have no gaps.
final class ConversationBook {
    final class Page {
        let id: ConversationID
        let number: Int64
        fileprivate(set) var end: ConversationEnd
        fileprivate var isUnsaved = false

        fileprivate init(id: ConversationID, number: Int64, end: ConversationEnd) {
            self.id = id
            self.number = number
            self.end = end
        }

        var lastSequence: UInt64 { self.end.lastSequence }
    }

    private enum Step {
        case advanced(Page, from: ConversationEnd)
        case opened(Page)
        case retired(Page)
    }

    typealias Mark = Int

    /// So many conversations are remembered (about 300 bytes each) before all are forgotten and looked up again.
    private let capacity = 200_000
    private var pages: [ConversationID: Page] = [:]
    private var steps: [Step] = []
    private var unsaved: [Page] = []

    /// Nil when nothing was ever said in it.
    func page(of id: ConversationID, on connection: SQLConnection) throws -> Page? {
        if let page = self.pages[id] { return page }
        guard let row = try connection.conversation(id) else { return nil }
        let page = Page(id: id, number: row.number, end: row.end)
        self.pages[id] = page
        return page
    }

    func openPage(of id: ConversationID, on connection: SQLConnection) throws -> Page {
        if let page = try self.page(of: id, on: connection) { return page }
        let page = Page(id: id, number: try connection.insertConversation(id), end: ConversationEnd())
        self.pages[id] = page
        self.steps.append(.opened(page))
        return page
    }

    /// - Parameter isActivity: it moves the conversation up in lists.
    func advance(_ page: Page, sentAt: Timestamp, isActivity: Bool) {
        self.steps.append(.advanced(page, from: page.end))
        page.end.lastSequence += 1
        page.end.lastSentAt = sentAt
        if isActivity {
            page.end.activeSequence = page.end.lastSequence
            page.end.activeAt = sentAt
        }
        if !page.isUnsaved {
            page.isUnsaved = true
            self.unsaved.append(page)
        }
    }

    /// The log ends: what is said next begins another.
    func retire(_ id: ConversationID, at moment: Timestamp, on connection: SQLConnection) throws {
        guard let page = try self.page(of: id, on: connection) else { return }
        try connection.retireConversation(page.number, at: moment)
        self.pages[id] = nil
        self.steps.append(.retired(page))
    }

    // MARK: The batch

    var mark: Mark { self.steps.count }

    func rollBack(to mark: Mark) {
        while self.steps.count > mark {
            switch self.steps.removeLast() {
            case .advanced(let page, let end): page.end = end
            case .opened(let page): self.pages[page.id] = nil
            case .retired(let page): self.pages[page.id] = page
            }
        }
    }

    /// Once a conversation and batch, however much was said. A page whose steps were taken back is written as it was.
    func save(on connection: SQLConnection) throws {
        for page in self.unsaved { try connection.updateConversation(page.number, page.end) }
    }

    func committed() {
        self.steps.removeAll(keepingCapacity: true)
        for page in self.unsaved { page.isUnsaved = false }
        self.unsaved.removeAll(keepingCapacity: true)
        if self.pages.count > self.capacity { self.pages.removeAll() }
    }

    /// After a failed batch, or when another process has written: all is looked up again.
    func forget() {
        self.pages.removeAll()
        self.steps.removeAll()
        self.unsaved.removeAll()
    }
}
