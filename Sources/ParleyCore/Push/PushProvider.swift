/// An account at a service that makes phones ring. An App has any number of them, by name.
package struct PushProvider: Hashable, Sendable {
    /// Unique in the App: what has been pushed so far is kept under it.
    package var name: String
    package var kind: Kind
    /// What devices may call it when they register, beside its name (Easemob's notifier_name: the name of a certificate, or the app's id at the provider).
    package var aliases: [String]
    /// Where its API is, when not where the provider's documentation says: the simulator.
    package var url: String?
    /// The account, under the names that its kind wants (`key`, `key-id`, `team` …): see the adapters of ParleyPush.
    package var account: [String: String]
    /// How long its answer is awaited, when not as long as its kind's usually is: what has no answer by then is sent again.
    package var timeoutMilliseconds: Int64?
    package var isOn: Bool

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case apns
        case fcm
        case huawei
        case honor
        /// HarmonyOS, from 5.0 on: Huawei's too, but another API.
        case harmony
        case xiaomi
        case oppo
        case vivo
        case meizu
        /// Any other: the notice as JSON.
        case webhook
    }

    package init(
        name: String, kind: Kind, aliases: [String] = [], url: String? = nil, account: [String: String] = [:],
        isOn: Bool = true
    ) {
        self.name = name
        self.kind = kind
        self.aliases = aliases
        self.url = url
        self.account = account
        self.isOn = isOn
    }

    /// Whether a device that registered so is its.
    package func answers(to name: String) -> Bool { name == self.name || self.aliases.contains(name) }
}
