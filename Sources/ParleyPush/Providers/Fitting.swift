import ParleyJSON

/// Cuts a text until what it is put into is short enough.
enum Fitting {
    /// - Returns: what is made of the whole text, or else of as many of its first characters as there is room for, with `…` behind them. Nil: there is no room
    ///   even for none.
    static func fit(_ text: String, within limit: Int, _ make: (String) -> [UInt8]) -> [UInt8]? {
        let whole = make(text)
        if whole.count <= limit { return whole }
        // A character is a byte at least.
        let characters = Array(text.prefix(limit))
        var best: [UInt8]?
        var counts = 0...characters.count
        while true {
            let middle = (counts.lowerBound + counts.upperBound) / 2
            let made = make(String(characters[..<middle]) + "…")
            if made.count <= limit {
                best = made
                guard middle < counts.upperBound else { return best }
                counts = (middle + 1)...counts.upperBound
            } else {
                guard middle > counts.lowerBound else { return best }
                counts = counts.lowerBound...(middle - 1)
            }
        }
    }
}

/// Puts what a sender wants into a request of ours.
enum Merging {
    /// Objects that both have are merged in turn; otherwise theirs takes the place of ours.
    ///
    /// - Parameters:
    ///   - theirs: a JSON object. Anything else changes nothing.
    ///   - kept: members that are ours alone: who it goes to.
    static func merge(_ theirs: [UInt8]?, into ours: [UInt8], keeping kept: Set<String> = []) -> [UInt8] {
        guard let theirs, let their = try? JSON(parsing: theirs), their.kind == .object,
            let our = try? JSON(parsing: ours)
        else { return ours }
        var json = JSONWriter(capacity: ours.count + theirs.count)
        Self.write(their, over: our, keeping: kept, to: &json)
        return json.bytes
    }

    private static func write(_ theirs: JSON, over ours: JSON, keeping kept: Set<String>, to json: inout JSONWriter) {
        json.object { json in
            for (key, our) in ours.members ?? [] {
                switch kept.contains(key) ? nil : theirs[key] {
                case nil: json.field(key, raw: our.raw)
                case .some(let their) where their.kind == .object && our.kind == .object:
                    json.field(key) { Self.write(their, over: our, keeping: [], to: &$0) }
                case .some(let their): json.field(key, raw: their.raw)
                }
            }
            for (key, their) in theirs.members ?? [] where ours[key] == nil && !kept.contains(key) {
                json.field(key, raw: their.raw)
            }
        }
    }
}
