import ParleyCore
import ParleyDialectKit

/// Who makes a call: an administrator of an App, proven by a UserSig.
struct Caller: Sendable {
    var app: App
    var sdkAppID: String
    var identifier: UserID

    /// The App's administrators (at most ten on the real service): they may call the REST API, and are always known as senders.
    var administrators: [UserID] { self.app.tencentAdministrators }
}

extension App {
    /// `administrators` of the App's credential: accounts, parted by commas.
    var tencentAdministrators: [UserID] {
        let list = self.credential(in: Tencent.name)?.details["administrators"] ?? ""
        return list.split(separator: ",").map { UserID($0.trimmingSpaces()) }
    }
}
