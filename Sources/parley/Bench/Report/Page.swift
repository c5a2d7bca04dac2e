/// docs/benchmarks.md: what the standard run found, and beside it what people have written about it, which a new run keeps.
struct Page {
    struct Line: Sendable {
        var title: String
        var target: String
        var measured: String
        var isMet: Bool?
        var limit: String
        var command: String
    }

    var machine: Machine
    var commit: String
    var command: String
    var lines: [Line]

    /// Between these, the page is the tool's; around them, people's.
    static let beginMark = "<!-- measured by `make bench`: do not edit -->"
    static let endMark = "<!-- end of what was measured -->"

    private static let newPage = """
        # Benchmarks

        \(beginMark)
        \(endMark)

        """

    /// The page with its measured part renewed.
    func renewed(_ old: String?) -> String {
        let page = old.flatMap { $0.contains(Self.beginMark) && $0.contains(Self.endMark) ? $0 : nil } ?? Self.newPage
        guard let begin = page.firstRange(of: Self.beginMark), let end = page.firstRange(of: Self.endMark),
            begin.upperBound <= end.lowerBound
        else { return self.renewed(nil) }
        return page[..<begin.upperBound] + "\n\n" + self.measured + "\n" + page[end.lowerBound...]
    }

    private var measured: String {
        var text = """
            \(self.machine.date), commit \(self.commit), by `\(self.command)`.

            | machine | |
            |---|---|
            | processor | \(self.machine.cores) × \(self.machine.processor), shared with the load generator |
            | memory | \(self.machine.memoryGigabytes) GB |
            | kernel | \(self.machine.kernel) |
            | disk | \(self.machine.disk) |

            | scenario | target | measured | met | what the machine gives | `parley bench` |
            |---|---|---|---|---|---|

            """
        for line in self.lines {
            let met = line.isMet.map { $0 ? "yes" : "**no**" } ?? "–"
            text +=
                "| \(line.title) | \(line.target) | \(line.measured) | \(met) | \(line.limit) | `\(line.command)` |\n"
        }
        return text
    }

    /// The same for a terminal.
    var table: String {
        self.lines.map { line in
            let met = line.isMet.map { $0 ? "met    " : "NOT MET" } ?? "–      "
            return "\(met)  \(line.title)\n           target    \(line.target)\n           measured  \(line.measured)\n"
                + "           beside    \(line.limit)"
        }.joined(separator: "\n")
    }
}
