import Crypto
import CryptoExtras
package import ParleyCore
import ParleyJSON

extension Demo {
    /// Gives the demo's users phones, at providers that the push simulator plays. Nil: there is no simulator, and what was made for one is ended. Providers
    /// and devices that somebody else made stay.
    ///
    /// - Parameter url: where the simulator plays a kind of provider.
    package static func push(_ url: ((PushProvider.Kind) -> String)?, _ core: Core) async throws {
        guard var app = try await core.directory.app(self.appID) else { return }
        let before = app
        if let url {
            for kind in PushProvider.Kind.allCases {
                let name = self.providerPrefix + kind.rawValue
                if let index = app.settings.pushProviders.firstIndex(where: { $0.name == name }) {
                    app.settings.pushProviders[index].url = url(kind)
                    app.settings.pushProviders[index].isOn = true
                } else {
                    app.settings.pushProviders.append(
                        PushProvider(name: name, kind: kind, url: url(kind), account: try self.account(of: kind)))
                }
            }
        } else {
            for index in app.settings.pushProviders.indices
            where app.settings.pushProviders[index].name.hasPrefix(self.providerPrefix) {
                app.settings.pushProviders[index].isOn = false
            }
        }
        if app != before { try await core.directory.save(app) }
        guard url != nil else { return }
        for (user, kind) in zip(self.users, self.phones) {
            guard try await core.push.pushDevices(of: user, in: app.id).isEmpty else { continue }
            try await core.push.register(
                PushDevice(
                    user: user, device: "\(user)-phone", provider: self.providerPrefix + kind.rawValue,
                    token: kind == .apns ? Self.appleToken : "demo-\(kind)-token-of-\(user)", dialect: .parley,
                    registeredAt: core.clock.now()), in: app.id)
        }
    }

    private static let providerPrefix = "demo-"
    /// Of alice, bob, carol and dave.
    private static let phones: [PushProvider.Kind] = [.apns, .fcm, .huawei, .xiaomi]
    /// Apple's are hexadecimal.
    private static let appleToken = String(repeating: "a11ce0", count: 10) + "0000"

    /// Of an account that there is nowhere: keys are made for it, secrets are words.
    package static func account(of kind: PushProvider.Kind) throws -> [String: String] {
        switch kind {
        case .apns:
            [
                "key": P256.Signing.PrivateKey().pemRepresentation, "key-id": "DEMO000001", "team": "DEMO000002",
                "topic": "im.parley.demo", "environment": "sandbox",
            ]
        case .fcm:
            ["service-account": try self.serviceAccount(["project_id": "parley-demo", "private_key_id": "demo"])]
        case .harmony:
            [
                "service-account": try self.serviceAccount([
                    "project_id": "parley-demo", "key_id": "demo", "sub_account": "demo",
                ])
            ]
        case .huawei: ["app-id": "100000001", "app-secret": self.secret]
        case .honor: ["app-id": "100000002", "client-id": "demo", "client-secret": self.secret]
        case .xiaomi: ["app-secret": self.secret, "package": "im.parley.demo"]
        case .oppo: ["app-key": "demo", "master-secret": self.secret]
        case .vivo: ["app-id": "100003", "app-key": "demo", "app-secret": self.secret]
        case .meizu: ["app-id": "100004", "app-secret": self.secret]
        case .webhook: ["secret": self.secret]
        }
    }

    private static func serviceAccount(_ members: KeyValuePairs<String, String>) throws -> String {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048).pemRepresentation
        let json = JSONWriter.object { json in
            json.field("type", "service_account")
            for (name, value) in members { json.field(name, value) }
            json.field("private_key", key)
            json.field("client_email", "demo@parley-demo.iam.gserviceaccount.com")
            json.field("token_uri", "https://oauth2.googleapis.com/token")
        }
        return String(decoding: json, as: UTF8.self)
    }
}
