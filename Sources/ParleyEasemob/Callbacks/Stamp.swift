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
        let occurrence = subject.occurrence
        self.init(occurrence.id.easemob, in: subject.app, for: rule, at: occurrence.at)
    }

    /// Where the vendor has a random UUID: one that is made of the id, so that what is sent again is known again.
    ///
    /// - Parameter side: which of several calls about the same.
    init?(uuidOf id: MessageID, side: String? = nil, in app: App, for rule: CallbackRule) {
        let name = "easemob callback\0\(app.id)\0\(id)" + (side.map { "\0\($0)" } ?? "")
        self.init(VersionOneUUID(of: name).description, in: app, for: rule, at: id.sentAt)
    }

    func write(to json: inout JSONWriter) {
        json.field("callId", self.callID)
        json.field("timestamp", self.timestamp.milliseconds)
        json.field("security", self.security)
    }
}
