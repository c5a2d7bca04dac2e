import Crypto
import NIOHTTP1
import ParleyCore
import ParleyDialectKit

// Why a call was refused, for whoever looks on.

extension Explanation {
    /// What is refused before there is a call, or by an endpoint in the vendor's own words.
    init(_ failure: Failure, _ request: WireRequest) {
        switch failure {
        case .noSuchAPI:
            self.init(
                .route, Wording("There is no API at this path.", "此路径没有接口。"), [Detail("path", "路径", request.path)])
        case .notPosted:
            self.init(
                .route,
                Wording(
                    "It is a \(request.method), and this vendor's APIs are all POST.",
                    "请求方法是 \(request.method)，而该厂商的接口均为 POST。"))
        case .unknownApp:
            guard let key = request.header("App-Key", "RC-App-Key") else {
                self.init(.app, Wording("The header App-Key is missing.", "缺少请求头 App-Key。"))
                return
            }
            self.init(.app, Wording("No App has this App-Key.", "没有应用使用此 App-Key。"), [Detail("App-Key", key)])
        case .tooFrequent:
            self.init(.rate, Wording(failure.text, "调用超过频率限制。"))
        case .internalError: self = .fault
        default: self.init(.request, Wording(failure.text, "请求不符合接口的要求：\(failure.text)"))
        }
    }

    /// Why the signature does not prove anything: what was to be signed, and what was signed instead, where that can be told.
    init(signatureOf request: WireRequest, _ credential: Credential, at now: Timestamp) {
        guard let signature = Signature(request) else {
            let missing = [["Nonce", "RC-Nonce"], ["Timestamp", "RC-Timestamp"], ["Signature", "RC-Signature"]]
                .filter { names in !names.contains { request.header($0) != nil } }.map { $0[0] }
                .joined(separator: ", ")
            self.init(
                .proof, Wording("A header is missing: \(missing).", "缺少请求头：\(missing)。"),
                [Detail("needed", "需要", "App-Key, Nonce, Timestamp, Signature")])
            return
        }
        var details = [
            Detail("signed is", "签名内容", "App Secret + Nonce + Timestamp"),
            Detail("which is", "即", "\(Explanation.mask)\(signature.nonce)\(signature.timestamp)"),
            Detail(
                Wording("signature", "签名"),
                Wording("hexadecimal, lower case, of its SHA-1: 40 digits", "其 SHA-1 的小写十六进制，40 位")),
            .received(signature.value),
        ]
        if signature.isMade(with: credential.secret) {
            let tolerance = credential.signatureToleranceSeconds ?? 0
            details.append(Detail("timestamp is", "时间戳", "\(signature.sentAt?.milliseconds ?? 0) ms"))
            details.append(.serverTime("\(now.milliseconds) ms"))
            let isTimely = signature.isTimely(at: now, toleranceSeconds: tolerance)
            self.init(
                .proof,
                isTimely
                    ? Wording(
                        "The signature is right, and was used before: this App lets each be used once.",
                        "签名正确，但已使用过：此应用的每个签名只能使用一次。")
                    : Wording(
                        "The signature is right, and its Timestamp is more than \(tolerance) s from the server's time.",
                        "签名正确，但 Timestamp 与服务器时间相差超过 \(tolerance) 秒。"),
                details)
            return
        }
        if let mistake = signature.mistake(with: credential.secret) {
            details.append(Detail(Wording("it looks like", "疑似"), mistake))
        }
        self.init(
            .proof,
            Wording(
                "The signature is not that of the App Secret, this Nonce and this Timestamp.",
                "签名与 App Secret、此 Nonce 和此 Timestamp 不符。"), details)
    }
}

extension Signature {
    /// What was done wrong, if it is something that is often done wrong.
    fileprivate func mistake(with secret: String) -> Wording? {
        let value = self.value.lowercased()
        func sha1(_ text: String) -> String { Insecure.SHA1.hash(data: Array(text.utf8)).hex }
        let (nonce, timestamp) = (self.nonce, self.timestamp)
        if value == sha1(secret + nonce + timestamp) {
            return Wording("the right signature in upper case", "正确的签名，但用了大写")
        }
        let orders = [
            ("App Secret + Timestamp + Nonce", secret + timestamp + nonce),
            ("Nonce + Timestamp + App Secret", nonce + timestamp + secret),
            ("Nonce + App Secret + Timestamp", nonce + secret + timestamp),
            ("Timestamp + Nonce + App Secret", timestamp + nonce + secret),
            ("Timestamp + App Secret + Nonce", timestamp + secret + nonce),
        ]
        if let order = orders.first(where: { sha1($0.1) == value }) {
            return Wording("SHA-1 of \(order.0)", "\(order.0) 的 SHA-1")
        }
        if value == sha1(nonce + timestamp) {
            return Wording(
                "SHA-1 of Nonce + Timestamp, without the App Secret", "Nonce + Timestamp 的 SHA-1，缺少 App Secret")
        }
        let text = Array((secret + nonce + timestamp).utf8)
        if value == SHA256.hash(data: text).hex {
            return Wording("SHA-256 instead of SHA-1", "用了 SHA-256，而非 SHA-1")
        }
        if value == Insecure.MD5.hash(data: text).hex { return Wording("MD5 instead of SHA-1", "用了 MD5，而非 SHA-1") }
        if self.value.count == 40 { return nil }
        return Wording("no SHA-1: that has 40 hexadecimal digits", "不是 SHA-1：应为 40 位十六进制")
    }
}
