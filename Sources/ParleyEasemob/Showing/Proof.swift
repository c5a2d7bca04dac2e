import NIOHTTP1
package import ParleyCore
package import ParleyDialectKit
import ParleyJSON

// What a backend sends to prove itself, and what its answers say.

extension Easemob {
    private static let hour: Int64 = 3600

    package func signed(_ request: WireRequest, for app: App) throws -> WireRequest {
        request.showing(try self.appToken(for: app, lifetimeSeconds: Self.hour))
    }

    package func inShell(_ request: WireRequest, for app: App) throws -> ShellCall {
        guard let credential = app.credential(in: Self.name) else { throw NoCredential(app: app.id) }
        let path = credential.key.replacing("#", with: "/")
        let client = credential.details[CredentialDetail.clientID] ?? ""
        let grant = #"{"grant_type":"client_credentials","client_id":"\#(client)","client_secret":"'"$SECRET"'"}"#
        return ShellCall(
            lines: [
                "SECRET='…'  # the client secret: parley app show \(app.id) --secrets",
                "TOKEN=$(curl -s '\(request.origin)/\(path)/token' -d '\(grant)' | "
                    + #"sed 's/.*"access_token":"\([^"]*\)".*/\1/')"#,
            ], request: request.showing("$TOKEN"))
    }

    package static func pathWords(for app: App) -> [String: String] {
        let parts = (app.credential(in: self.name)?.key ?? "").split(separator: "#").map(String.init)
        return parts.count == 2 ? ["org_name": parts[0], "app_name": parts[1]] : [:]
    }

    /// Sends say it in `error_code`; all else has a word.
    package static func code(of response: WireResponse) -> String? {
        guard let json = try? JSON(parsing: response.body) else { return nil }
        return json["error_code"]?.int.map { String($0) } ?? json["error"]?.string
    }
}

extension WireRequest {
    fileprivate func showing(_ token: String) -> WireRequest {
        var request = self
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        return request
    }
}
