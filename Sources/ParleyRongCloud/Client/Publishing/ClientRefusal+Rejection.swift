import ParleyCore

// Statuses: facts/rongcloud-client.md 10.3. Those that are not in it are of the vendor's list of its SDKs' error codes.
extension ClientRefusal {
    /// It cannot be read, or lacks what it cannot do without.
    static let invalidPublish = ClientRefusal(33003)
    static let unsupportedPublish = ClientRefusal(20606)
    static let tooFrequent = ClientRefusal(20604)
    /// More than 128 KiB of content.
    static let tooLongPublish = ClientRefusal(30016)
    static let invalidRecall = ClientRefusal(25101)
    static let noSuchRoom = ClientRefusal(23410)
    // Of expansions. The numbers are those of the vendor's SDKs' error codes.
    static let noSuchMessage = ClientRefusal(22201)
    static let notExpandable = ClientRefusal(22202)
    static let invalidExpansion = ClientRefusal(22203)
    static let notPermittedToExpand = ClientRefusal(22204)

    /// No `default`: a new rejection does not compile until the SDKs' users have an answer.
    init(_ rejection: Rejection, in area: PublishArea) {
        let status: UInt16 =
            switch (rejection, area) {
            case (.blockedByRecipient, _): 405
            case (.senderMuted, .room), (.groupMuted, .room), (.groupDisabled, .room): 23408
            case (.senderMuted, _), (.groupMuted, _), (.groupDisabled, _): 22408
            case (.groupNotFound, .room): Self.noSuchRoom.status
            case (.senderNotMember, .room), (.notMember, .room): 23406
            // Of a group that is not there, too, the user is no member.
            case (.senderNotMember, _), (.notMember, _), (.groupNotFound, _): 22406
            case (.userNotFound, _): 24366
            case (.tooFrequent, _): Self.tooFrequent.status
            // "Sensitive word": what a backend refuses is what the vendor would have found itself.
            case (.refusedByCallback, _), (.callbackFailed, _): 21501
            case (.messageNotFound, .expansion), (.alreadyRecalled, .expansion): Self.noSuchMessage.status
            case (.notEditable, .expansion): Self.notExpandable.status
            case (.expansionFull, _): Self.invalidExpansion.status
            case (.notPermitted, .expansion): Self.notPermittedToExpand.status
            // "The service refuses recalls of others' messages."
            case (.notPermitted, .recall): 25107
            case (.messageNotFound, _), (.alreadyRecalled, _), (.recallWindowPassed, _), (.notRecallable, _):
                Self.invalidRecall.status
            case (.notPermitted, _), (.userInactive, _): 20406
            case (.overloaded, _): 20607
            // Of what a PUBLISH cannot ask for.
            case (.userExists, _), (.groupExists, _), (.groupFull, _), (.alreadyMember, _), (.keptOut, _),
                (.notSupported, _),
                (.ownerMayNotLeave, _), (.contactsFull, _), (.pinsFull, _), (.reactionExists, _), (.reactionsFull, _),
                (.threadsFull, _), (.threadMembershipsFull, _), (.notEditable, _),
                (.editLimitReached, _), (.noReceipts, _), (.fileNotFound, _), (.fileExpired, _), (.fileSecretWrong, _),
                (.fileTooLarge, _), (.fileUnreadable, _):
                Self.unsupportedPublish.status
            }
        self.init(status)
    }
}
