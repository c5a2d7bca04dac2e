/// The vendor's limits, in one place. Lengths are in bytes of UTF-8. Source: facts/tencent-im.md, sections 2 to 4.
enum Limits {
    static let accountBytes = 32
    /// Users that another dialect made may have ids of up to 64 bytes.
    static let anyAccountBytes = 64
    static let profileBytes = 500
    static let accountsInBatch = 100
    static let accountsInQuery = 500

    static let messageBytes = 12288
    static let targets = 50
    static let mentions = 30
    static let recipients = 500
    static let recalls = 10
    static let historyPage = 20
    static let keysDeleted = 30
    static let peersInQuery = 10
    static let receipts = 50
    static let receiptReaders = 200
    static let directHistoryPage = 100
    static let conversationsListed = 100
    static let deletedBySender = 1000

    static let groupIDBytes = 48
    /// With a topic's suffix; what other dialects' groups are called is no longer.
    static let anyGroupIDBytes = 96
    static let groupNameBytes = 30
    static let introductionBytes = 240
    static let notificationBytes = 300
    static let groupFaceURLBytes = 100
    static let nameCardBytes = 50
    static let groupsInQuery = 50
    static let membersAtCreation = 100
    static let membersAdded = 300
    static let membersRemoved = 500
    static let membersMuted = 500
    static let membersListed = 6000
    static let joinedGroupsListed = 5000

    static let groupFields = 10
    static let groupFieldKeyBytes = 16
    static let groupFieldValueBytes = 512
    static let memberFields = 5
    static let memberFieldValueBytes = 64

    /// The answer to a query about groups may have 1 MB.
    static let answerBytes = 1 << 20
    static let bodyBytes = 1 << 20
}
