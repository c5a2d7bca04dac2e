package import ParleyCore
import ParleyJSON

extension Easemob {
    /// As its client SDKs get it: a `Meta`, but that the payload is JSON and no bytes.
    package static func preview(of entry: Entry, in app: App, for user: UserID) -> [UInt8]? {
        let spelling = ClientSpelling(appKey: app.credential(in: self.name)?.key ?? "", user: user)
        guard let meta = spelling.meta(of: entry) else { return nil }
        return JSONWriter.object { json in
            json.field("id", String(meta.id))
            json.field("from", meta.from.name)
            json.field("to", meta.to.name)
            json.field("timestamp", meta.timestamp)
            json.field("ns", Int(meta.ns))
            if let body = WireMessageBody.parse(Array(meta.payload))?.shownJSON { json.field("payload", raw: body) }
        }
    }

    package static func names(of entry: Entry) -> [String: String] {
        guard entry.message != nil else { return [:] }
        return ["msg_id": entry.id.easemob]
    }
}
