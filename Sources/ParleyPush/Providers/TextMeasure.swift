/// What a service counts when it limits a text.
enum TextMeasure {
    /// Of UTF-8.
    case bytes
    /// What Java calls the length of a text: an emoji is two or more. Where a service counts it as one, this only shortens earlier than it must.
    case units
    /// vivo's: a Chinese character is as long as two English ones.
    case halfWidths

    func length(of character: Character) -> Int {
        switch self {
        case .bytes: character.utf8.count
        case .units: character.utf16.count
        case .halfWidths: character.utf16.reduce(0) { $0 + ($1 < 0x80 ? 1 : 2) }
        }
    }
}

extension String {
    /// Itself if it is no longer than that; or else as many whole characters of it as fit with an ellipsis.
    func shortened(to limit: Int, in measure: TextMeasure) -> String {
        var length = 0
        guard
            let tooLong = self.firstIndex(where: {
                length += measure.length(of: $0); return length > limit
            })
        else {
            return self
        }
        var kept = self[..<tooLong]
        length = kept.reduce(0) { $0 + measure.length(of: $1) }
        while length + measure.length(of: "…") > limit, let last = kept.popLast() {
            length -= measure.length(of: last)
        }
        return kept + "…"
    }
}
