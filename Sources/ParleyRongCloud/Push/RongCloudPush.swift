import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How RongCloud pushes. Source: facts/rongcloud-server.md 4 and 5, seeds/rongcloud-group-publish.txt.
enum RongCloudPush: PushForm {
    /// The text is, in this order: what a mention says to those whom it mentions, the template's, `pushContent`, and the vendor's words for a type of
    /// user content. Other types are not pushed without `pushContent` (``WireMessage`` sees to that when they are sent).
    static func look(of subject: PushSubject) -> PushLook? {
        let push = subject.message.options.push
        let wire = WireMessage(subject.message)
        let words = subject.words()
        let usual = wire.pushText(in: words).map { subject.withSender($0) }
        guard !push.isDisabled, let text = push.text.flatMap({ $0.isEmpty ? nil : $0 }) ?? usual else { return nil }
        var look = PushLook(title: subject.usualTitle, text: text)
        if push.text == nil, let name = subject.preferences.template, let template = subject.template(name) {
            look.apply(template, subject.parameters(message: text))
        }
        if let title = push.title, !title.isEmpty { look.title = title }
        look.badge = PushLook.Badge(push.badge)
        if push.isSilent { look.at(.apns) { $0.isSilent = true } }
        if let json = subject.message.keptPushExt {
            look.apply(pushExt: json)
            if let name = json.said("templateId"), let template = subject.template(name) {
                look.apply(template, subject.parameters(message: text))
            }
        }
        if subject.mentionsRecipient, let text = wire.mentionedContent { look.text = text }
        return look.finished(for: subject, neutral: (words.newMessageTitle, Self.neutralText(words)))
    }

    private static func neutralText(_ words: PushWords) -> String {
        words.choose("您收到了一条通知", "You have received a notification")
    }

    /// `rc` says which message it is, `appData` is the app's (on Android also called `pushData`). An app that shows a picture takes its address from
    /// `richMediaUri`.
    static func payload(of subject: PushSubject, at kind: PushProvider.Kind) -> [PushField] {
        var fields = [PushField("rc", Self.identity(of: subject))]
        if let data = subject.message.options.push.data {
            fields.append(PushField("appData", text: data))
            if kind != .apns { fields.append(PushField("pushData", text: data)) }
        }
        if kind == .apns, let uri = subject.message.keptPushExt?.config("APNs")?.said("richMediaUri") {
            fields.append(PushField("richMediaUri", text: uri))
        }
        return fields
    }

    private static func identity(of subject: PushSubject) -> [UInt8] {
        let target = Target(subject.conversation, seenBy: subject.message.sender)
        return JSONWriter.object { json in
            json.field("cType", target.type.pushName)
            json.field("fId", subject.message.sender.rawValue)
            json.field("oName", WireMessage(subject.message).objectName)
            json.field("tId", target.id)
            json.field("rId", subject.recipient.rawValue)
            json.field("id", target.uid(of: subject.entry.id))
        }
    }
}

extension PushSubject {
    /// In groups the vendor puts who says it before what is said, as the title is the group's.
    fileprivate func withSender(_ text: String) -> String {
        guard case .group = self.conversation else { return text }
        return "\(self.shownSender): \(text)"
    }
}

extension ConversationType {
    /// `cType`. Rooms and ultra groups have none in the facts: nothing is pushed there.
    fileprivate var pushName: String {
        switch self {
        case .direct: "PR"
        case .discussion: "DS"
        case .group: "GRP"
        case .room: "CHRM"
        case .customerService: "CS"
        case .system: "SYS"
        case .ultraGroup: "UG"
        }
    }
}

extension WireMessage {
    /// The vendor's words for a type of user content; nil for all others. What is not as its type has it (a bare text as `RC:TxtMsg`) is taken for what
    /// it seems to be.
    fileprivate func pushText(in words: PushWords) -> String? {
        let body = try? JSON(parsing: self.content)
        return switch self.objectName {
        case "RC:TxtMsg", "RC:ReferenceMsg", "RC:StreamMsg": body?["content"]?.string ?? self.content
        case "RC:ImgMsg", "RC:GIFMsg": words.image
        case "RC:VcMsg", "RC:HQVCMsg": words.voice
        case "RC:SightMsg": words.video
        case "RC:FileMsg": words.file(body?["name"]?.string)
        case "RC:LBSMsg": words.location
        case "RC:ImgTextMsg": body?.said("title") ?? words.choose("[图文]", "[Article]")
        case "RC:CombineMsg": words.history
        case "RC:RcCmd": words.choose("撤回了一条消息", "recalled a message")
        default: nil
        }
    }

    fileprivate var mentionedContent: String? {
        (try? JSON(parsing: self.content))?["mentionedInfo"]?.said("mentionedContent")
    }
}
