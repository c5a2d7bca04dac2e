import ParleyCore
import ParleyDialectKit

/// Who makes a call: an administrator of an App, proven by a UserSig.
struct Caller: Sendable {
    var app: App
    var sdkAppID: String
    var identifier: UserID
    /// The App's administrators (at most ten on the real service): they may call the REST API, and are always known as senders.
    var administrators: [UserID]
    let trace: CallTrace?

    init(app: App, sdkAppID: String, identifier: UserID, trace: CallTrace? = nil) {
        self.trace = trace
        self.app = app
        self.sdkAppID = sdkAppID
        self.identifier = identifier
        self.administrators = app.tencentAdministrators
    }
}

extension App {
    /// `administrators` of the App's credential: accounts, parted by commas.
    fileprivate var tencentAdministrators: [UserID] {
        let list = self.credential(in: Tencent.name)?.details["administrators"] ?? ""
        guard list.utf8.contains(UInt8(ascii: ",")) else { return [UserID(list.trimmingSpaces())] }
        return list.split(separator: ",").map { UserID($0.trimmingSpaces()) }
    }
}
