package import ParleyCore
package import ParleyDialectKit
import ParleyJSON

/// How the messages of Parley's own clients are pushed: `options.push` as it is, and what it does not say in our words.
package enum ParleyPushForm: PushForm {
    /// Commands and an App's own types are pushed only with a text, or silently.
    package static func look(of subject: PushSubject) -> PushLook? {
        let push = subject.message.options.push
        let words = subject.words(usual: .english)
        let usual = words.text(of: subject.message.content)
        guard !push.isDisabled else { return nil }
        var look = PushLook(title: subject.usualTitle, text: usual)
        if let name = subject.preferences.template, let template = subject.template(name) {
            look.apply(template, subject.parameters(message: usual))
        }
        if let title = push.title, !title.isEmpty { look.title = title }
        if let text = push.text, !text.isEmpty { look.text = text }
        guard push.isSilent || !usual.isEmpty || push.text?.isEmpty == false else { return nil }
        look.isSilent = push.isSilent
        look.badge = PushLook.Badge(push.badge)
        return look.finished(for: subject, neutral: (words.newMessageTitle, words.newMessage))
    }

    /// `parley`: which message, as ParleySocket names it; `data`: what its sender attached.
    package static func payload(of subject: PushSubject, at kind: PushProvider.Kind) -> [PushField] {
        let entry = subject.entry
        let message = JSONWriter.object { json in
            json.field("id", entry.id.description)
            json.field("conversation", subject.conversation.name(for: subject.recipient))
            if let sequence = entry.sequence { json.field("seq", sequence) }
            json.field("from", subject.message.sender.rawValue)
        }
        let data = subject.message.options.push.data.map { PushField("data", text: $0) }
        return [PushField("parley", message)] + (data.map { [$0] } ?? [])
    }
}
