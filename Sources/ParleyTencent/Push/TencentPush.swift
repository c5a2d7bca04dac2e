import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How Tencent pushes. Source: facts/tencent-im.md 3 (what each element says) and 3.3 (`OfflinePushInfo`).
enum TencentPush: PushForm {
    /// `Desc`, or what the elements say, one after the other. What says nothing, a custom element without a `Desc` that is alone, is not pushed.
    static func look(of subject: PushSubject) -> PushLook? {
        let push = subject.message.options.push
        let words = subject.words()
        let info = subject.message.offlinePushInfo
        let said = subject.message.saidPushText
        let usual = subject.message.pushText(in: words)
        let text = said ?? usual
        guard !push.isDisabled, !text.isEmpty else { return nil }
        var look = PushLook(title: subject.usualTitle, text: text)
        if said == nil, let name = subject.preferences.template, let template = subject.template(name) {
            look.apply(template, subject.parameters(message: usual))
        }
        if let title = push.title, !title.isEmpty { look.title = title }
        look.badge = PushLook.Badge(push.badge)
        if let info {
            look.apply(info)
        } else if let sound = subject.message.customElement?.said("Sound") {
            look.at(.apns) { $0.sound = OfflinePushLook.sound(sound) }
        }
        look = look.finished(for: subject, neutral: (words.newMessageTitle, words.newMessage))
        if info?.isWholeText == true { look.showWholeText() }
        return look
    }

    /// `ext`: a text, whatever the sender wrote into `Ext`.
    static func payload(of subject: PushSubject, at kind: PushProvider.Kind) -> [PushField] {
        subject.message.options.push.data.map { [PushField("ext", text: $0)] } ?? []
    }
}

extension Message {
    fileprivate var elements: [JSON]? {
        guard self.native.dialect == Tencent.name else { return nil }
        return (try? JSON(parsing: self.native.payload))?["MsgBody"]?.array
    }

    fileprivate var customElement: JSON? {
        self.elements?.first { $0["MsgType"]?.string == "TIMCustomElem" }?["MsgContent"]
    }

    fileprivate var offlinePushInfo: OfflinePushLook? {
        guard self.native.dialect == Tencent.name, let native = self.options.push.native else { return nil }
        return (try? JSON(parsing: native)).map { OfflinePushLook(json: $0) }
    }

    /// What the sender or a callback wants shown. What a custom element had us note when it came is only the elements' own, in a language that is
    /// perhaps not the recipient's.
    fileprivate var saidPushText: String? {
        guard let text = self.options.push.text, !text.isEmpty else { return nil }
        return self.options.push.native == nil && text == self.pushText(in: .english) ? nil : text
    }

    fileprivate func pushText(in words: PushWords) -> String {
        self.elements?.map { $0.pushText(in: words) }.joined() ?? words.text(of: self.content)
    }
}

extension JSON {
    /// What one element says in a push. The facts have no words for sounds, images, files and videos: these are those of the vendor's apps.
    fileprivate func pushText(in words: PushWords) -> String {
        let content = self["MsgContent"]
        return switch self["MsgType"]?.string {
        case "TIMCustomElem": content?["Desc"]?.string ?? ""
        case "TIMRelayElem": words.history
        case "TIMStreamElem": content?["CompatibleText"]?.string ?? ""
        default: words.text(of: Content(element: self))
        }
    }
}
