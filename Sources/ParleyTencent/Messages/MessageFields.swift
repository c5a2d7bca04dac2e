import Crypto
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What every kind of send has in common: the body, what is attached to it, how it is pushed, and which callbacks it does not make.
struct MessageFields: Sendable {
    var body: MsgBody
    var cloudCustomData: String?
    var push: PushOptions
    var forbiddenCallbacks: Set<ForbiddenCallback>
    var controls: Set<SendMsgControl>
    var isOnlineOnly: Bool
    var isExtensible: Bool

    init(_ fields: Fields, controls: [String: SendMsgControl]) throws(Malformed) {
        self.body = try MsgBody(fields)
        self.cloudCustomData = try fields.optionalString("CloudCustomData")
        // An OfflinePushInfo replaces what a custom element says of its push (facts 3.3).
        if let push = try OfflinePushInfo.read(from: fields) {
            self.push = push
        } else {
            self.push = PushOptions()
            self.push.text = self.body.customPush?.text
            self.push.data = self.body.customPush?.data
        }
        self.forbiddenCallbacks = Set(try fields.choices("ForbidCallbackControl", of: ForbiddenCallback.tencentNames))
        self.controls = Set(try fields.choices("SendMsgControl", of: controls))
        self.isOnlineOnly = try fields.flag("OnlineOnlyFlag")
        self.isExtensible = try fields.flag("SupportMessageExtension")
        guard self.size <= Limits.messageBytes else {
            throw Malformed("MsgBody", .tooLong(limit: Limits.messageBytes))
        }
    }

    /// As the vendor's limit has it: elements and CloudCustomData together. White space between the elements' parts, and escapes that need not be, are
    /// the sender's manner of writing and do not count.
    private var size: Int {
        let attached = self.cloudCustomData?.utf8.count ?? 0
        let raw = self.body.json.raw.count + attached
        return raw <= Limits.messageBytes ? raw : self.body.json.compactSize + attached
    }

    /// The message as the core has it, before what each command adds.
    func message(from sender: UserID, random: UInt32) -> Message {
        var options = MessageOptions()
        options.countsAsUnread = !self.controls.contains(.noUnread)
        options.updatesConversation = !self.controls.contains(.noLastMsg)
        options.isExpandable = self.isExtensible
        options.push = self.push
        options.forbiddenCallbacks = self.forbiddenCallbacks
        options.attachment = self.cloudCustomData
        options.random = random
        return Message(
            sender: sender, content: self.body.content,
            native: Native(self.body.json, cloudCustomData: self.cloudCustomData), options: options)
    }

    /// Stands for what is said, in a deduplication key.
    var digest: String {
        var hash = SHA256()
        hash.update(data: Array(self.body.json.raw))
        hash.update(data: Array((self.cloudCustomData.map { "\u{0}" + $0 } ?? "").utf8))
        return hash.finalize().hex
    }
}

enum SendMsgControl: Hashable, Sendable {
    case noUnread
    case noLastMsg
    /// The recipient's own mute of the conversation holds for this message of an administrator too: that is what happens here anyway.
    case withMuteNotifications

    static let ofGroups: [String: SendMsgControl] = ["NoUnread": .noUnread, "NoLastMsg": .noLastMsg]
    static let ofDirectMessages: [String: SendMsgControl] = [
        "NoUnread": .noUnread, "NoLastMsg": .noLastMsg, "WithMuteNotifications": .withMuteNotifications,
    ]
}

extension ForbiddenCallback {
    static let tencentNames: [String: ForbiddenCallback] = [
        "ForbidBeforeSendMsgCallback": .beforeSend, "ForbidAfterSendMsgCallback": .afterSend,
    ]
}

extension JSON {
    /// The number of bytes that the value has when it is written without white space and needless escapes.
    var compactSize: Int {
        switch self.kind {
        case .null, .bool, .number: return self.raw.count
        case .string:
            var json = JSONWriter()
            json.string(self.string!)
            return json.bytes.count
        case .array:
            let items = self.array!
            return items.reduce(2 + max(0, items.count - 1)) { $0 + $1.compactSize }
        case .object:
            let members = self.members!
            return members.reduce(2 + max(0, members.count - 1)) { $0 + $1.key.utf8.count + 3 + $1.value.compactSize }
        }
    }
}
