package import ParleyCore

/// Every provider's adapter. A new one is a file in `Providers/` and a line here.
package enum PushAdapters {
    package static func adapter(of kind: PushProvider.Kind) -> any PushAdapter.Type {
        switch kind {
        case .apns: APNs.self
        case .fcm: FCM.self
        case .huawei: Huawei.self
        case .honor: Honor.self
        case .harmony: Harmony.self
        case .xiaomi: Xiaomi.self
        case .oppo: OPPO.self
        case .vivo: Vivo.self
        case .meizu: Meizu.self
        case .webhook: WebhookPush.self
        }
    }

    package static func adapter(for provider: PushProvider) throws(AccountFault) -> any PushAdapter {
        try self.adapter(of: provider.kind).init(provider)
    }
}
