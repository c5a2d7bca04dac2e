import NIOHTTP1
package import ParleyCore
package import ParleyDialectKit
import ParleyJSON

// What a backend sends to prove itself, and what its answers say.

extension RongCloud {
    package func signed(_ request: WireRequest, for app: App) throws -> WireRequest {
        guard let credential = app.credential(in: Self.name) else { throw NoCredential(app: app.id) }
        let nonce = String(Int.random(in: 100_000_000...999_999_999))
        let timestamp = String(self.context.now.milliseconds)
        let value = Signature.value(secret: credential.secret, nonce: nonce, timestamp: timestamp)
        return request.proven(credential.key, nonce: nonce, timestamp: timestamp, signature: value)
    }

    package func inShell(_ request: WireRequest, for app: App) throws -> ShellCall {
        guard let credential = app.credential(in: Self.name) else { throw NoCredential(app: app.id) }
        return ShellCall(
            lines: [
                "SECRET='…'  # the App Secret: parley app show \(app.id) --secrets",
                "NONCE=$RANDOM; TIMESTAMP=$(date +%s)000",
                #"SIGNATURE=$(printf %s "$SECRET$NONCE$TIMESTAMP" | openssl sha1 -r | cut -d ' ' -f 1)"#,
            ],
            request: request.proven(
                credential.key, nonce: "$NONCE", timestamp: "$TIMESTAMP", signature: "$SIGNATURE"))
    }

    package static func code(of response: WireResponse) -> String? {
        (try? JSON(parsing: response.body))?["code"]?.int.map { String($0) }
    }
}

extension WireRequest {
    fileprivate func proven(_ key: String, nonce: String, timestamp: String, signature: String) -> WireRequest {
        var request = self
        request.headers.add(name: "App-Key", value: key)
        request.headers.add(name: "Nonce", value: nonce)
        request.headers.add(name: "Timestamp", value: timestamp)
        request.headers.add(name: "Signature", value: signature)
        return request
    }
}
