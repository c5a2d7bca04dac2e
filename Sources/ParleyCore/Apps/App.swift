/// A tenant: its credentials in each dialect and its settings. Users, groups and conversations belong to one App.
package struct App: Hashable, Sendable {
    package var id: AppID
    package var credentials: [Credential]
    package var createdAt: Timestamp
    private var box: SettingsBox

    package init(id: AppID, credentials: [Credential], settings: AppSettings = AppSettings(), createdAt: Timestamp) {
        self.id = id
        self.credentials = credentials
        self.createdAt = createdAt
        self.box = SettingsBox(settings)
    }

    package var settings: AppSettings {
        _read { yield self.box.settings }
        set { self.box = SettingsBox(newValue) }
    }

    /// Behind one reference: an App is handed on at every step of every request, and each of its settings would be counted each time.
    private final class SettingsBox: Hashable, Sendable {
        let settings: AppSettings

        init(_ settings: AppSettings) { self.settings = settings }

        static func == (one: SettingsBox, other: SettingsBox) -> Bool {
            one === other || one.settings == other.settings
        }

        func hash(into hasher: inout Hasher) { hasher.combine(self.settings) }
    }

    package func credential(in dialect: DialectName) -> Credential? {
        self.credentials.first { $0.dialect == dialect }
    }
}

/// How one dialect names an App and proves that a request comes from its backend.
///
/// `key` is what requests carry in the clear (RongCloud's App-Key, Easemob's `org#app`, Tencent's SDKAppID) and is unique in its dialect;
/// `secret` signs. What else a dialect needs (Easemob's client id, Tencent's administrators) is in `details`, under that dialect's own names.
package struct Credential: Hashable, Sendable {
    package var dialect: DialectName
    package var key: String
    package var secret: String
    package var details: [String: String]

    package init(dialect: DialectName, key: String, secret: String, details: [String: String] = [:]) {
        self.dialect = dialect
        self.key = key
        self.secret = secret
        self.details = details
    }
}

package enum DevicePolicy: String, Hashable, Sendable, CaseIterable {
    /// Any number.
    case all
    /// One of each platform (`Web`, `iPhone` …): the newest stays.
    case onePerPlatform
}

/// What an App may decide for itself. Defaults are the vendors'.
package struct AppSettings: Hashable, Sendable {
    /// Messages that a device has not read are kept for it this long.
    package var offlineRetentionSeconds: Int64 = 7 * 24 * 3600
    /// Messages older than this may be recalled no longer, where the dialect has a limit.
    package var recallWindowSeconds: Int64 = 120
    /// Messages to named members of a group are found in history (the vendors sell this as an extra).
    package var keepsTargetedHistory = false
    /// Which devices of a user may be connected at once.
    package var devices = DevicePolicy.all
    /// Vendor rate limits, replaced by name (`rongcloud.group-message` → 200); 0 is "no limit".
    package var rates: [String: Int] = [:]
    /// Who is called about what, by name.
    package var callbacks: [CallbackRule] = []
    /// What callbacks may reach beside the public networks: `10.0.0.0/8`, `fd00::/8`, or `loopback` (docs/decisions/0011).
    package var callbackNetworks: [String] = []
    /// Which services make phones ring, by name.
    package var pushProviders: [PushProvider] = []
    /// East of UTC: the day and the hours that users' quiet hours and the statistics of pushes are of. The vendors' is Beijing's.
    package var pushOffsetMinutes = 8 * 60
    /// What is said in a group of more members makes no phone ring (Easemob's limit).
    package var largestPushedGroup = 3000
    /// How long nobody has to have spoken, come or gone for a chat room to end, where its dialect ends rooms (RongCloud) and nothing else is said of this one.
    /// 0: it does not end by itself.
    package var roomIdleSeconds: Int64 = 3600
    /// Types of messages, in the words of the dialect that has such lists, that a chat room where too much is said lets through all the same.
    package var roomTypesNeverDropped: [String] = []
    /// And those that it drops first.
    package var roomTypesDroppedFirst: [String] = []

    package init() {}
}
