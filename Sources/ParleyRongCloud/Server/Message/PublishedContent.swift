import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What the four publish calls share: facts/rongcloud-server.md 2.0.

extension WireMessage {
    /// Bytes: the pages' "128k".
    static let maximumContentLength = 128 << 10

    /// `objectName` and `content`. A name that starts with `RC:` and is none of the vendor's is accepted: its SDKs
    /// gain new ones over time.
    init(_ parameters: Parameters) throws(Malformed) {
        self.init(
            objectName: try parameters.required("objectName", .characters(32)),
            content: try parameters.requiredVerbatim("content", .bytes(Self.maximumContentLength)))
    }

    /// - Parameter treatment: nil for what is gone as soon as it is delivered.
    func message(
        from sender: UserID, to audience: Audience = .everyone, reachesSender: Bool, treatment: Treatment? = nil
    ) -> Message {
        let reading = self.reading
        var options = treatment?.options ?? MessageOptions()
        options.reachesSender = reachesSender
        options.attachment = reading.extra
        if treatment?.isMentioned == true { options.mention = reading.mention }
        if options.push.text == nil, !self.pushesWithoutText { options.push.isDisabled = true }
        return Message(
            sender: sender, audience: audience, content: reading.content, native: self.native, options: options)
    }

    /// User content has a text of the vendor's own to push; notices, commands and an App's types push only what
    /// `pushContent` says, except the recall.
    var pushesWithoutText: Bool {
        switch self.objectName {
        case "RC:TxtMsg", "RC:ImgMsg", "RC:VcMsg", "RC:HQVCMsg", "RC:GIFMsg", "RC:ImgTextMsg", "RC:FileMsg",
            "RC:LBSMsg", "RC:SightMsg", "RC:ReferenceMsg", "RC:CombineMsg", "RC:StreamMsg", "RC:RcCmd":
            true
        default: false
        }
    }
}

/// One target's line in `messageUIDs`.
struct PublishedUID: Hashable, Sendable {
    var target: String
    var uid: MessageUID

    init(_ id: MessageID, in type: ConversationType, to target: String) {
        self.target = target
        self.uid = MessageUID(id, in: type, target: target)
    }
}

extension JSONWriter {
    /// - Parameter key: what the endpoint calls a target: `groupId` or `userId`.
    mutating func messageUIDs(_ published: [PublishedUID], _ key: String) {
        self.field("messageUIDs") { json in
            json.array(published) { json, one in
                json.object {
                    $0.field(key, one.target)
                    $0.field("messageUID", one.uid.description)
                }
            }
        }
    }
}
