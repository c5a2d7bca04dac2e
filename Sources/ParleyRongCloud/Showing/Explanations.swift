import Crypto
import NIOHTTP1
import ParleyCore
import ParleyDialectKit

// Why a call was refused, for whoever looks on.

extension Explanation {
    /// What is refused before there is a call, or by an endpoint in the vendor's own words.
    init(_ failure: Failure, _ request: WireRequest) {
        switch failure {
        case .noSuchAPI: self.init(.route, "There is no API at this path.", ["path": request.path])
        case .notPosted: self.init(.route, "It is a \(request.method), and this vendor's APIs are all POST.")
        case .unknownApp:
            guard let key = request.header("App-Key", "RC-App-Key") else {
                self.init(.app, "The header App-Key is missing.")
                return
            }
            self.init(.app, "No App has this App-Key.", ["App-Key": key])
        case .tooFrequent: self.init(.rate, failure.text)
        case .internalError: self = .fault
        default: self.init(.request, failure.text)
        }
    }

    /// Why the signature does not prove anything: what was to be signed, and what was signed instead, where that can be told.
    init(signatureOf request: WireRequest, _ credential: Credential, at now: Timestamp) {
        guard let signature = Signature(request) else {
            let missing = [["Nonce", "RC-Nonce"], ["Timestamp", "RC-Timestamp"], ["Signature", "RC-Signature"]]
                .filter { names in !names.contains { request.header($0) != nil } }.map { $0[0] }
            self.init(
                .proof, "A header is missing: \(missing.joined(separator: ", ")).",
                [("needed", "App-Key, Nonce, Timestamp, Signature")])
            return
        }
        var details = [
            ("signed is", "App Secret + Nonce + Timestamp"),
            ("which is", "\(Explanation.mask)\(signature.nonce)\(signature.timestamp)"),
            ("signature", "hexadecimal, lower case, of its SHA-1: 40 digits"),
            ("received", "\(Explanation.masked(signature.value)) (\(signature.value.count) characters)"),
        ]
        if signature.isMade(with: credential.secret) {
            let tolerance = credential.signatureToleranceSeconds ?? 0
            details.append(("timestamp is", "\(signature.sentAt?.milliseconds ?? 0) ms"))
            details.append(("server's time", "\(now.milliseconds) ms"))
            let isTimely = signature.isTimely(at: now, toleranceSeconds: tolerance)
            self.init(
                .proof,
                isTimely
                    ? "The signature is right, and was used before: this App lets each be used once."
                    : "The signature is right, and its Timestamp is more than \(tolerance) s from the server's time.",
                details)
            return
        }
        if let mistake = signature.mistake(with: credential.secret) { details.append(("it looks like", mistake)) }
        self.init(.proof, "The signature is not that of the App Secret, this Nonce and this Timestamp.", details)
    }
}

extension Signature {
    /// What was done wrong, if it is something that is often done wrong.
    fileprivate func mistake(with secret: String) -> String? {
        let value = self.value.lowercased()
        func sha1(_ text: String) -> String { Insecure.SHA1.hash(data: Array(text.utf8)).hex }
        let (nonce, timestamp) = (self.nonce, self.timestamp)
        if value == sha1(secret + nonce + timestamp) { return "the right signature in upper case" }
        let orders = [
            ("App Secret + Timestamp + Nonce", secret + timestamp + nonce),
            ("Nonce + Timestamp + App Secret", nonce + timestamp + secret),
            ("Nonce + App Secret + Timestamp", nonce + secret + timestamp),
            ("Timestamp + Nonce + App Secret", timestamp + nonce + secret),
            ("Timestamp + App Secret + Nonce", timestamp + secret + nonce),
            ("Nonce + Timestamp, without the App Secret", nonce + timestamp),
        ]
        if let order = orders.first(where: { sha1($0.1) == value }) { return "SHA-1 of \(order.0)" }
        let text = Array((secret + nonce + timestamp).utf8)
        if value == SHA256.hash(data: text).hex { return "SHA-256 instead of SHA-1" }
        if value == Insecure.MD5.hash(data: text).hex { return "MD5 instead of SHA-1" }
        return self.value.count == 40 ? nil : "no SHA-1: that has 40 hexadecimal digits"
    }
}
