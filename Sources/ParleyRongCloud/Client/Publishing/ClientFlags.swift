import ParleyCore

// How a message is to be treated, in the bits that go up and in those that come down. Source: facts/rongcloud-client.md 6.2 and 6.3.

/// UpStreamMessage.sessionId.
struct UpFlags: OptionSet, Hashable, Sendable {
    let rawValue: Int32

    static let persist = UpFlags(rawValue: 0x01)
    static let count = UpFlags(rawValue: 0x02)
    static let mentioned = UpFlags(rawValue: 0x04)
    static let noNotification = UpFlags(rawValue: 0x20)
    static let expandable = UpFlags(rawValue: 0x40)

    init(rawValue: Int32) { self.rawValue = rawValue }

    init(_ message: Message, _ wire: WireMessage) {
        var flags: UpFlags = []
        if message.options.isKept { flags.insert(.persist) }
        if message.options.countsAsUnread { flags.insert(.count) }
        if message.options.mention != nil { flags.insert(.mentioned) }
        if message.options.push.isDisabled(by: wire) { flags.insert(.noNotification) }
        if message.options.isExpandable { flags.insert(.expandable) }
        self = flags
    }
}

/// DownStreamMessage.status.
struct DownFlags: OptionSet, Hashable, Sendable {
    let rawValue: Int64

    static let persist = DownFlags(rawValue: 0x10)
    static let count = DownFlags(rawValue: 0x20)
    static let mentioned = DownFlags(rawValue: 0x40)
    static let noNotification = DownFlags(rawValue: 0x200)
    static let expandable = DownFlags(rawValue: 0x400)

    init(rawValue: Int64) { self.rawValue = rawValue }

    init(_ message: Message, _ wire: WireMessage) {
        let up = UpFlags(message, wire)
        // The same bits, four places further on.
        self.init(rawValue: Int64(up.rawValue) << 4)
    }
}

/// DownStreamMessage.extStatus.
enum ExtendedStatus {
    static let modified: Int64 = 0x04
}

/// UpStreamMessage.configFlag.
struct ConfigFlags: OptionSet, Hashable, Sendable {
    let rawValue: Int32

    static let showsDetail = ConfigFlags(rawValue: 0x08)

    init(rawValue: Int32) { self.rawValue = rawValue }
}

extension MessageOptions {
    fileprivate var isKept: Bool { self.keptInHistory && !self.isLiveOnly }
}

extension PushOptions {
    /// By who said it. What no App words itself is never pushed (``WireMessage/pushesWithoutText``), and nobody asked for that.
    fileprivate func isDisabled(by wire: WireMessage) -> Bool {
        self.isDisabled && (self.text != nil || wire.pushesWithoutText)
    }
}
