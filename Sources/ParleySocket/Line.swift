/// What waits in a row. A line in which nobody stands holds no memory: a server holds several for each of its connections, and nearly all
/// are empty nearly always.
package struct Line<Element> {
    private var elements: [Element?] = []
    private var first = 0

    package init() {}

    package var isEmpty: Bool { self.first == self.elements.count }

    package var count: Int { self.elements.count - self.first }

    /// Who is next.
    package var next: Element? { self.isEmpty ? nil : self.elements[self.first] }

    package mutating func append(_ element: Element) {
        // Those who are served leave their places at the front; they are given back before the line grows for good.
        if self.first > 16, self.first * 2 > self.elements.count {
            self.elements.removeFirst(self.first)
            self.first = 0
        }
        self.elements.append(element)
    }

    package mutating func popNext() -> Element? {
        guard !self.isEmpty else { return nil }
        let element = self.elements[self.first]
        self.elements[self.first] = nil
        self.first += 1
        if self.isEmpty { self.removeAll() }
        return element
    }

    package mutating func removeAll() {
        self.elements = []
        self.first = 0
    }
}
