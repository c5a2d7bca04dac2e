import Crypto
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The vendor's word for a callback: in the URL, and first in the body.
enum CallbackCommand: String, Sendable {
    case groupBeforeSend = "Group.CallbackBeforeSendMsg"
    case groupAfterSend = "Group.CallbackAfterSendMsg"
    case groupAfterRecall = "Group.CallbackAfterRecallMsg"
    case groupAfterJoin = "Group.CallbackAfterNewMemberJoin"
    case groupAfterExit = "Group.CallbackAfterMemberExit"
    case groupAfterInfoChanged = "Group.CallbackAfterGroupInfoChanged"
    case groupAfterCreate = "Group.CallbackAfterCreateGroup"
    case groupAfterFull = "Group.CallbackAfterGroupFull"
    case groupAfterDestroyed = "Group.CallbackAfterGroupDestroyed"
    case groupAfterOwnerChange = "Group.CallbackAfterChangeGroupOwner"
    case groupSendException = "Group.CallbackSendMsgException"
    case stateChange = "State.StateChange"
    case directBeforeSend = "C2C.CallbackBeforeSendMsg"
    case directAfterSend = "C2C.CallbackAfterSendMsg"
    case directAfterWithdrawal = "C2C.CallbackAfterMsgWithDraw"
}

/// What is sent, whoever it is sent to.
struct CallbackPacket: Sendable {
    var command: CallbackCommand
    /// `OptPlatform`.
    var platform: String
    var address: String
    var happenedAt: Timestamp
    /// Between `CallbackCommand` and `EventTime`.
    var members: @Sendable (inout JSONWriter) -> Void

    init(
        _ command: CallbackCommand, from origin: MessageOrigin, at happenedAt: Timestamp,
        _ members: @escaping @Sendable (inout JSONWriter) -> Void
    ) {
        self.init(command, on: origin.platform, at: happenedAt, members)
    }

    /// - Parameter address: where the client is, if that is known.
    init(
        _ command: CallbackCommand, on platform: String, address: String? = nil, at happenedAt: Timestamp,
        _ members: @escaping @Sendable (inout JSONWriter) -> Void
    ) {
        self.command = command
        self.platform = platform
        // Without the zone of a link-local one.
        self.address = address.map { String($0.prefix { $0 != "%" }) } ?? "127.0.0.1"
        self.happenedAt = happenedAt
        self.members = members
    }

    func call(in app: App, for rule: CallbackRule, at now: Timestamp) -> CallbackCall {
        CallbackCall(
            url: rule.url(adding: self.query(in: app, for: rule, at: now)), contentType: "application/json",
            body: self.body, name: self.command.rawValue)
    }

    /// Nothing in it needs to be encoded: SDKAppIDs are numbers, addresses have digits, dots and colons, and platforms are the vendor's words.
    private func query(in app: App, for rule: CallbackRule, at now: Timestamp) -> String {
        let sdkAppID = app.credential(in: Tencent.name)?.key ?? ""
        // Where the sender's client is, is not known here.
        var query = "SdkAppid=\(sdkAppID)&CallbackCommand=\(self.command.rawValue)&contenttype=json"
        query += "&ClientIP=\(self.address)&OptPlatform=\(self.platform)"
        // The token is the callback's own, never the App's key. Without one, the vendor does not sign.
        if let token = rule.secret {
            query += "&Sign=\(Self.signature(token: token, requestTime: now.seconds))&RequestTime=\(now.seconds)"
        }
        return query
    }

    static func signature(token: String, requestTime: Int64) -> String {
        SHA256.hash(data: Array("\(token)\(requestTime)".utf8)).hex
    }

    private var body: [UInt8] {
        JSONWriter.object {
            $0.field("CallbackCommand", self.command.rawValue)
            self.members(&$0)
            // A number, as in the vendor's tables and in calls that were seen, although samples show a text.
            $0.field("EventTime", self.happenedAt.milliseconds)
        }
    }
}

extension MessageOrigin {
    /// What clients run on is not noted with what they say.
    fileprivate var platform: String {
        switch self {
        case .client: "Unknown"
        case .server: "RESTAPI"
        }
    }
}

extension App {
    /// Who the vendor says it was when it was the App itself. Which of the administrators it was is not noted.
    var callbackOperator: UserID? {
        let list = self.credential(in: Tencent.name)?.details["administrators"] ?? ""
        return list.split(separator: ",").lazy.map { $0.trimmingSpaces() }.first { !$0.isEmpty }.map { UserID($0) }
    }
}
