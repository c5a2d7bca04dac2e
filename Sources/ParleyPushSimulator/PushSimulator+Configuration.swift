package import ParleyCore

extension PushSimulator {
    package struct Configuration: Sendable {
        /// 0: one that the system chooses.
        package var port = 0
        package var securePort = 0
        /// What signatures are verified with, and secrets compared with; a provider that is not named here takes any that are well formed.
        ///
        /// APNs, FCM, HarmonyOS: the PEM of the public key. Huawei, Honor: the client secret. Xiaomi, vivo, Meizu: the app secret. OPPO: the master
        /// secret. Webhook: its secret; without one it takes calls that are not signed.
        package var keys: [PushProvider.Kind: String] = [:]
        /// Notices that are kept.
        package var limit = 10_000
        /// Refuses also what the provider would take without a word, but does not document: unknown fields, a field of a type that is ignored.
        /// Otherwise it is in ``Notice/warnings``.
        package var isStrict = false
        /// As APNs' development environment answers (`apns-unique-id`).
        package var isSandbox = true
        /// What is said to who is too fast, by providers that say it.
        package var retryAfterSeconds = 60
        package var now: @Sendable () -> Timestamp = Timestamp.ofThisMachine

        package init() {}
    }
}
