import ParleyCore
import ParleyOutbound

/// OAuth 2.0's client credentials (RFC 6749, 4.4), as Huawei and Honor have them.
struct ClientCredentials: Sendable {
    var url: String
    var id: String
    var secret: String

    var request: OutboundRequest {
        var form = FormBody()
        form["grant_type"] = "client_credentials"
        form["client_id"] = self.id
        form["client_secret"] = self.secret
        return OutboundRequest("POST", self.url, headers: [FormBody.contentType], body: form.bytes)
    }

    func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? {
        let read = VendorAnswer(answer)
        guard answer.status == 200, let token = read.text("access_token"), !token.isEmpty else { return nil }
        return PushGrant(token: token, expiresAt: now.adding(seconds: Int64(read.code("expires_in") ?? 3600)))
    }
}
