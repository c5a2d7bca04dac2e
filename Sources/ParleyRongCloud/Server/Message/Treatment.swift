import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How a message that is kept is to be treated: the optional parameters that private and group publishing share.
///
/// `busChannel` is accepted and means nothing: this server has no channels inside a conversation.
struct Treatment: Hashable, Sendable {
    var options = MessageOptions()
    /// `mentionedInfo` in the content counts only where the call says so.
    var isMentioned: Bool
    /// The same value again within a minute is the same message: SDKs repeat a call whose answer was lost.
    var msgRandom: String?

    /// - Parameter isWhole: false where the vendor ignores `expansion`, `extraContent`, `disablePush` and `pushExt`;
    ///   they are then not even looked at.
    init(_ parameters: Parameters, isWhole: Bool) throws(Malformed) {
        self.options.push.text = try parameters.optional("pushContent")
        self.options.push.data = try parameters.optional("pushData")
        self.options.keptInHistory = try parameters.flag("isPersisted", default: true)
        self.isMentioned = try parameters.flag("isMentioned")
        self.options.push.isSilent = try parameters.flag("contentAvailable")
        if isWhole {
            self.options.isExpandable = try parameters.flag("expansion")
            if self.options.isExpandable, let text = try parameters.optional("extraContent") {
                self.options.expansion = try Expansion.parse(text)
            }
            self.options.push.isDisabled = try parameters.flag("disablePush")
            if !self.options.push.isDisabled, let text = try parameters.optional("pushExt") {
                let pushExt = try PushExt(text)
                self.options.push.title = pushExt.title
                self.options.push.native = pushExt.raw
            }
        }
        self.options.updatesConversation = try !parameters.flag("disableUpdateLastMsg")
        self.options.countsAsUnread = try parameters.flag("isCounted", default: true)
        self.options.wantsReadReceipts = try parameters.flag("needReadReceipt")
        self.msgRandom = try parameters.optional("msgRandom")
    }

    /// What a client asked for, in whichever way it did.
    init(_ options: MessageOptions, isMentioned: Bool) {
        self.options = options
        self.isMentioned = isMentioned
    }

    /// Keys are the sender's own: what one user's backend job happens to choose does not silence another's.
    func deduplication(of sender: UserID) -> DeduplicationKey? {
        self.msgRandom.map { DeduplicationKey("rongcloud/\(sender)/\($0)", lifetimeSeconds: 60) }
    }
}

extension JSON {
    /// The text of a text, a number or a flag; nil for null, arrays and objects.
    var scalarText: String? {
        switch self.kind {
        case .string: self.string
        case .number, .bool: String(decoding: self.raw, as: UTF8.self)
        case .null, .array, .object: nil
        }
    }
}
