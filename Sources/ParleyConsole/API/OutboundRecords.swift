package import ParleyCore
package import ParleyJSON

extension CallbackRecord {
    /// As the console's API and `parley callbacks list --json` show it.
    package func write(into json: inout JSONWriter) {
        json.object { json in
            json.field("id", self.id ?? 0)
            json.field("rule", self.rule)
            json.field("call", self.call)
            json.field("message", self.entry.description)
            json.field("sentAt", self.sentAt.milliseconds)
            json.field("milliseconds", self.milliseconds)
            json.field("attempts", self.attempts)
            json.field("outcome", self.outcome.rawValue)
            if let status = self.status { json.field("status", status) }
            json.field("detail", self.detail)
        }
    }
}

extension PushRecord {
    /// As the console's API and `parley push list --json` show it.
    package func write(into json: inout JSONWriter) {
        json.object { json in
            json.field("id", self.id ?? 0)
            json.field("provider", self.provider)
            json.field("kind", self.kind.rawValue)
            json.field("message", self.message.description)
            json.field("user", self.user.rawValue)
            json.field("device", self.device)
            json.field("title", self.title)
            json.field("text", self.text)
            json.field("sentAt", self.sentAt.milliseconds)
            json.field("milliseconds", self.milliseconds)
            json.field("attempts", self.attempts)
            json.field("outcome", self.outcome.rawValue)
            if let status = self.status { json.field("status", status) }
            json.field("detail", self.detail)
        }
    }
}
