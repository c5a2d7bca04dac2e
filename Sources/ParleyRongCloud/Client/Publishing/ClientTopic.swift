import ParleyCore

/// What a client can put above a PUBLISH: to what kind of conversation it speaks, and how. Source: facts/rongcloud-client.md 5.1.
package enum ClientTopic: String, Hashable, Sendable, CaseIterable {
    case ppMsgP, ppMsgN, ppMsgS
    case pgMsgP, pgMsgS
    case chatMsg, chatMsgS
    case recallMsg
    // Of what this server does not have: discussions, customer service, public services, calls, ultra groups.
    case pdMsgP
    case pcMsgP, pcuMsgP
    case pmcMsgN, pmpMsgN
    case prMsgS, prMsgP
    case ugMsg, updUgRTime, upMsgEx, modifyMsg, qryMsgChange, operate

    /// Status messages get no PUBACK, whatever becomes of them: an SDK that is sent one for a number that it does not wait for may fail.
    package static func isAcknowledged(_ topic: String) -> Bool { !topic.hasSuffix("S") }

    /// For those who are online, and gone.
    var isStatus: Bool { !Self.isAcknowledged(self.rawValue) }

    /// Stored, but nobody's phone rings.
    var isQuiet: Bool { self == .ppMsgN }

    /// What a user writes to when he names `target`; nil for a recall, which names it inside.
    ///
    /// - Throws: ``ClientRefusal``: there is nothing of the kind here.
    func conversation(of user: UserID, with target: String) throws(ClientRefusal) -> Conversation? {
        switch self {
        case .recallMsg: return nil
        case .ppMsgP, .ppMsgN, .ppMsgS:
            guard !target.isEmpty else { throw .invalidPublish }
            return .direct(user, UserID(target))
        case .pgMsgP, .pgMsgS:
            guard !target.isEmpty else { throw .invalidPublish }
            return .group(GroupID(target))
        case .chatMsg, .chatMsgS:
            guard !target.isEmpty else { throw .invalidPublish }
            return .chatRoom(target)
        case .pdMsgP: throw ClientRefusal(20407)
        case .ugMsg, .updUgRTime, .upMsgEx, .modifyMsg, .qryMsgChange, .operate: throw ClientRefusal(24401)
        case .pcMsgP, .pcuMsgP, .pmcMsgN, .pmpMsgN, .prMsgS, .prMsgP: throw .unsupportedPublish
        }
    }

    /// In whose words a refusal is told.
    var area: PublishArea {
        switch self {
        case .chatMsg, .chatMsgS: .room
        case .recallMsg: .recall
        case .ppMsgP, .ppMsgN, .ppMsgS, .pgMsgP, .pgMsgS, .pdMsgP, .pcMsgP, .pcuMsgP, .pmcMsgN, .pmpMsgN, .prMsgS,
            .prMsgP, .ugMsg, .updUgRTime, .upMsgEx, .modifyMsg, .qryMsgChange, .operate:
            .conversation
        }
    }
}

/// The vendor has one refusal under several numbers.
enum PublishArea: Hashable, Sendable {
    case conversation
    case room
    case recall
    case expansion
}
