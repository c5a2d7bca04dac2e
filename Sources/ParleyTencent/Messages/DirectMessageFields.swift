import ParleyCore
import ParleyDialectKit

/// What `sendmsg` and `batchsendmsg` have in common. Source: facts/tencent-im.md 4.2.
struct DirectMessageFields: Sendable {
    var fields: MessageFields
    var sender: UserID
    var random: UInt32
    /// The sender's own number and time for the message: with `random` they tell a repetition.
    var sequence: UInt32?
    var timeSeconds: UInt32?
    var reachesSender: Bool
    var isOnlineOnly: Bool
    var wantsReadReceipts: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.sender = try fields.optionalAccount("From_Account") ?? caller.identifier
        self.random = try fields.requiredUInt32("MsgRandom")
        self.sequence = try fields.uint32("MsgSeq")
        self.timeSeconds = try fields.uint32("MsgTimeStamp")
        self.fields = try MessageFields(fields, controls: SendMsgControl.ofDirectMessages)
        self.reachesSender = try Self.reachesSender(fields)
        // 0: for those online only. More than seven days is cut to seven (facts 4.2).
        self.isOnlineOnly = try fields.uint32("MsgLifeTime") == 0 || self.fields.isOnlineOnly
        self.wantsReadReceipts = try fields.flag("IsNeedReadReceipt")
    }

    /// 1: the sender's devices and history have the message; 2: they do not; absent: his history has it.
    private static func reachesSender(_ fields: Fields) throws(Malformed) -> Bool {
        switch try fields.integer("SyncOtherMachine") {
        case nil, 1: true
        case 2: false
        default: throw Malformed("SyncOtherMachine", .invalid)
        }
    }

    func send(to recipient: UserID, by caller: Caller, now: Timestamp) -> Send {
        var message = self.fields.message(from: self.sender, random: self.random)
        message.options.reachesSender = self.reachesSender
        message.options.wantsReadReceipts = self.wantsReadReceipts
        let isAdministrator = caller.administrators.contains(self.sender)
        return Send(
            app: caller.app.id, conversation: .direct(self.sender, recipient), message: message,
            isEphemeral: self.isOnlineOnly,
            checks: isAdministrator ? [.recipientExists] : [.senderExists, .recipientExists],
            deduplication: self.sequence.map { self.deduplication($0, now: now) })
    }

    /// The content is not looked at. A sender who gives no time has the server's: so his repetitions are found within the same second. One who
    /// gives no MsgSeq repeats nothing: the server would have made another one each time.
    private func deduplication(_ sequence: UInt32, now: Timestamp) -> DeduplicationKey {
        let time = self.timeSeconds.map(Int64.init) ?? now.seconds
        return DeduplicationKey("tencent|\(self.sender)|\(sequence)|\(self.random)|\(time)", lifetimeSeconds: 300)
    }
}
