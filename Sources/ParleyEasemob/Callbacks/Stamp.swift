import Crypto
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What names a call and proves whose it is: `security` is the lower-case hex of MD5(callId + secret + timestamp).
struct Stamp: Sendable {
    let appKey: String
    let callID: String
    let timestamp: Timestamp
    let security: String

    /// - Parameter name: what follows the App's key in the call's id.
    /// - Returns: nil when the App has no credential of this vendor, and so no key to be called by.
    init?(_ name: String, in app: App, for rule: CallbackRule, at timestamp: Timestamp) {
        guard let appKey = app.credential(in: Easemob.name)?.key else { return nil }
        self.appKey = appKey
        self.callID = "\(appKey)_\(name)"
        self.timestamp = timestamp
        let signed = "\(self.callID)\(rule.secret(in: app))\(timestamp.milliseconds)"
        self.security = Insecure.MD5.hash(data: Array(signed.utf8)).hex
    }

    /// What has happened has the id of its entry.
    init?(_ subject: CallbackSubject, for rule: CallbackRule) {
        self.init(subject.entry.id.easemob, in: subject.app, for: rule, at: subject.entry.sentAt)
    }

    /// Where the vendor has a random UUID: one that is made of the id, so that what is sent again is known again.
    init?(uuidOf id: MessageID, in app: App, for rule: CallbackRule) {
        self.init(
            VersionOneUUID(of: "easemob callback\0\(app.id)\0\(id)").description, in: app, for: rule, at: id.sentAt)
    }

    func write(to json: inout JSONWriter) {
        json.field("callId", self.callID)
        json.field("timestamp", self.timestamp.milliseconds)
        json.field("security", self.security)
    }
}
