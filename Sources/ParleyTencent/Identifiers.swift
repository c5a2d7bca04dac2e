import ParleyCore

// MsgSeq is the sequence of an entry in its conversation: a group's and the core's start at 1 and are given by the server.

/// The name of a direct message: `{MsgSeq}_{MsgRandom}_{MsgTime}`. Together with the two users it leads back to the entry.
struct MsgKey: Hashable, Sendable, CustomStringConvertible {
    /// The sequence in the direct conversation; 0 for what is not stored.
    var sequence: UInt64
    var random: UInt32
    var timeSeconds: Int64

    init(sequence: UInt64, random: UInt32, timeSeconds: Int64) {
        self.sequence = sequence
        self.random = random
        self.timeSeconds = timeSeconds
    }

    init(_ receipt: Receipt, random: UInt32) {
        self.init(sequence: receipt.sequence ?? 0, random: random, timeSeconds: receipt.sentAt.seconds)
    }

    init?(_ text: String) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, let sequence = UInt64(parts[0]), let random = UInt32(parts[1]),
            let time = Int64(parts[2])
        else { return nil }
        self.init(sequence: sequence, random: random, timeSeconds: time)
    }

    var description: String { "\(self.sequence)_\(self.random)_\(self.timeSeconds)" }

    /// Whether the entry is one that the key was made of, apart from its sequence.
    func names(_ entry: Entry) -> Bool {
        guard let message = entry.message else { return false }
        return (message.options.random ?? 0) == self.random && entry.sentAt.seconds == self.timeSeconds
    }
}

extension GroupID {
    /// The id of any group, as a request names it: printable ASCII. Nil when no group can be called so.
    init?(addressed text: String) {
        guard !text.isEmpty, text.utf8.count <= Limits.anyGroupIDBytes, text.isPrintableASCII else { return nil }
        self.init(text)
    }

    /// An id that the caller wants for a new group: up to 48 bytes of printable ASCII; `@TGS#` is the server's own prefix, and a
    /// Community's id must begin with `@TGS#_`. Nil when it may not be.
    init?(wanted text: String, for type: GroupType) {
        guard !text.isEmpty, text.utf8.count <= Limits.groupIDBytes, text.isPrintableASCII,
            type == .community ? text.hasPrefix("@TGS#_") : !text.hasPrefix("@TGS#")
        else { return nil }
        self.init(text)
    }

    /// An id for a new group, as the vendor's look: `@TGS#2C5SZEAEF`; `@TGS#_@TGS#cQVLVHIM62CJ` for a Community.
    static func made(for type: GroupType) -> GroupID {
        let prefix =
            switch type {
            case .work: "@TGS#1"
            case .public, .thread: "@TGS#2"
            case .meeting: "@TGS#3"
            case .avChatRoom, .chatRoom: "@TGS#a"
            case .community: "@TGS#_@TGS#c"
            }
        // 32^12 codes: that two meet is for the store to refuse, and will not be seen.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        return GroupID(prefix + String((0..<12).map { _ in alphabet.randomElement()! }))
    }
}

extension String {
    fileprivate var isPrintableASCII: Bool { self.utf8.allSatisfy { (0x20...0x7E).contains($0) } }
}
