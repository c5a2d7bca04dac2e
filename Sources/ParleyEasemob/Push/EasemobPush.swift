import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How Easemob pushes. Source: facts/easemob-server.md 2.1, and the vendor's pages `push_extension`, `push_template` and `push_display`.
///
/// What is shown is, each over the one before: the words of the recipient's display style (0, which is also that of who has not chosen: only that there is
/// a message; 1: who says what), the App's template `default` or `detail` for that style, `em_push_ext`, the recipient's template, the sender's template,
/// and in groups the one that the sender directs at this recipient.
enum EasemobPush: PushForm {
    /// Commands are not pushed.
    static func look(of subject: PushSubject) -> PushLook? {
        let push = subject.message.options.push
        if case .command = subject.message.content { return nil }
        guard !push.isDisabled else { return nil }
        let ext = PushKeys(subject.message)
        let words = subject.words()
        var look = Self.usual(of: subject, ext, in: words)
        look.badge = PushLook.Badge(push.badge)
        Self.apply(ext, of: subject, in: words, to: &look)
        look.apply(apns: ext.apns)
        look.apply(android: ext.android)
        look.apply(harmony: ext.harmony)
        look.devices = ext.filter
        look.isForced = ext.isForced
        return look.finished(for: subject, neutral: Self.neutral(words))
    }

    /// `f` from, `t` to, `g` the group, `m` the message's id, `e` what the app attached.
    static func payload(of subject: PushSubject, at kind: PushProvider.Kind) -> [PushField] {
        var fields = [
            PushField("f", text: subject.message.sender.rawValue), PushField("t", text: subject.recipient.rawValue),
        ]
        if case .group(let group) = subject.conversation { fields.append(PushField("g", text: group.easemob)) }
        fields.append(PushField("m", text: subject.entry.id.easemob))
        if let attached = PushKeys(subject.message).attached {
            fields.append(PushField("e", Array(attached.raw)))
        } else if let data = subject.message.options.push.data {
            fields.append(PushField("e", textOrObject: data))
        }
        return fields
    }

    // MARK: Words

    private static func neutral(_ words: PushWords) -> (title: String, text: String) {
        (words.newMessage, words.choose("请点击查看", "Tap to view"))
    }

    private static func usual(of subject: PushSubject, _ ext: PushKeys, in words: PushWords) -> PushLook {
        let neutral = Self.neutral(words)
        guard subject.preferences.showsDetails == true else {
            return PushLook(title: neutral.title, text: neutral.text)
        }
        let sender = ext.nickname ?? subject.shownSender
        if case .group = subject.conversation, subject.mentionsRecipient, !ext.disablesMentionText {
            return PushLook(
                title: neutral.title,
                text: words.choose("\(sender)在群中@了我", "\(sender) mentioned me in the group"))
        }
        return PushLook(title: neutral.title, text: "\(sender):\(Self.text(of: subject.message, in: words))")
    }

    private static func text(of message: Message, in words: PushWords) -> String {
        let text = words.text(of: message.content)
        return text.isEmpty ? words.choose("[自定义消息]", "[Custom message]") : text
    }

    /// Whoever chose words for this message wants them shown; so the vendor has it, which puts them above the display style.
    private static func apply(_ ext: PushKeys, of subject: PushSubject, in words: PushWords, to look: inout PushLook) {
        let parameters = subject.parameters(message: Self.text(of: subject.message, in: words), sender: ext.nickname)
        let ofStyle = subject.template(subject.preferences.showsDetails == true ? "detail" : "default")
        if let ofStyle {
            look.apply(ofStyle, parameters, titles: ext.template?.titles ?? [], texts: ext.template?.texts ?? [])
        }
        if let title = ext.title { look.title = title }
        if let text = ext.text { look.text = text }
        look.overridesHiding = ext.title != nil || ext.text != nil
        if let directed = ext.directed, directed.targets.contains(subject.recipient),
            let template = directed.arguments.name.flatMap({ subject.template($0) })
        {
            look.apply(template, parameters, titles: directed.arguments.titles, texts: directed.arguments.texts)
            look.overridesHiding = true
        } else if let template = ext.template?.name.flatMap({ subject.template($0) }) {
            look.apply(template, parameters, titles: ext.template?.titles ?? [], texts: ext.template?.texts ?? [])
            look.overridesHiding = true
        } else if let template = subject.preferences.template.flatMap({ subject.template($0) }) {
            look.apply(template, parameters, titles: ext.template?.titles ?? [], texts: ext.template?.texts ?? [])
            look.overridesHiding = true
        } else if ofStyle != nil {
            // The App's own words for this style.
            look.overridesHiding = true
        }
    }
}
