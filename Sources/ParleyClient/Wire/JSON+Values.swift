internal import ParleyJSON

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Members as the library's values.
extension JSON {
    var user: UserID? { self.string.map { UserID($0) } }
    var users: [UserID]? { self.array?.compactMap(\.user) }
    var messageID: MessageID? { self.string.map { MessageID($0) } }
    var conversation: Conversation? { self.string.map { Conversation($0) } }
    /// Milliseconds since 1970.
    var date: Date? { self.int.map { Date(timeIntervalSince1970: Double($0) / 1000) } }
    var text: String { String(decoding: self.raw, as: UTF8.self) }
}
