#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Why a command has no result.
public enum ChatError: Error, Hashable, Sendable {
    /// The server said no; it did nothing (but see ``Refusal/Code/fault``).
    case refused(Refusal)
    /// The connection was lost after the command was written and before it was answered. It is not known whether it was done. Only commands that
    /// cannot be repeated safely end this way: edit and recall.
    case disconnected
    /// No answer in time. A message may have been sent: sending it again with the same id is safe.
    case timedOut
    /// The caller's task was cancelled. A message may have been sent.
    case cancelled
    /// The chat has ended, by ``Chat/close()`` or because the server does not want this client back; `reason` says which.
    case ended(Chat.Ending)
    /// The server's answer is not what the protocol says.
    case unreadableAnswer(String)
    /// The frame would be more than the server reads (256 KB).
    case tooLarge
    /// A file could not be transferred: the server's HTTP status, and what it said.
    case fileRefused(status: Int, message: String)
    /// A file could not be transferred, or read or written on this side.
    case fileFailed(String)
}

extension ChatError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .disconnected: "the connection was lost; it is not known whether it was done"
        case .timedOut: "no answer in time"
        case .cancelled: "cancelled"
        case .ended(let ending): ending.description
        case .unreadableAnswer(let text): "the server's answer cannot be read: \(text)"
        case .tooLarge: "too large"
        case .fileRefused(let status, let message): "\(status) \(message)"
        case .fileFailed(let text): text
        }
    }
}

/// A command that the server refused.
public struct Refusal: Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// For a developer's eyes, in English.
    public var message: String
    /// Of `muted`: when the sender may speak again.
    public var until: Date?

    public var description: String { self.message.isEmpty ? self.code.rawValue : self.message }

    public init(code: Code, message: String = "", until: Date? = nil) {
        self.code = code
        self.message = message
        self.until = until
    }

    /// The codes of docs/protocol.md. A newer server may have others.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public var rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        init(_ rawValue: String) { self.rawValue = rawValue }

        public static let badField = Code("badField")
        public static let unknownType = Code("unknownType")
        public static let unknownConversation = Code("unknownConversation")
        public static let notMember = Code("notMember")
        public static let muted = Code("muted")
        public static let groupMuted = Code("groupMuted")
        public static let blocked = Code("blocked")
        /// The App's backend was asked, and said no.
        public static let refusedByCallback = Code("refusedByCallback")
        /// The App's backend could not be asked: again, a little later.
        public static let callbackFailed = Code("callbackFailed")
        public static let unknownUser = Code("unknownUser")
        public static let tooLarge = Code("tooLarge")
        public static let tooFast = Code("tooFast")
        /// More users would be watched than may be.
        public static let tooMany = Code("tooMany")
        public static let notPermitted = Code("notPermitted")
        public static let unknownMessage = Code("unknownMessage")
        public static let alreadyRecalled = Code("alreadyRecalled")
        public static let tooLate = Code("tooLate")
        public static let notRecallable = Code("notRecallable")
        public static let notEditable = Code("notEditable")
        public static let editLimitReached = Code("editLimitReached")
        public static let noReceipts = Code("noReceipts")
        /// The server takes no more just now: again, a little later.
        public static let overloaded = Code("overloaded")
        /// The server failed; it is not known whether it was done. Sending again with the same id is safe.
        public static let fault = Code("fault")
    }
}
