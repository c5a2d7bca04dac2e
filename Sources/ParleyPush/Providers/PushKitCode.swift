import ParleyCore
import ParleyJSON
import ParleyOutbound

/// What Huawei's Push Kit answers in `code`, to Android's requests and to HarmonyOS's.
///
/// https://developer.huawei.com/consumer/cn/doc/HMSCore-References/https-send-api-0000001050986197 (Android) and
/// https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-scenariozed-api-response (HarmonyOS)
enum PushKitCode: String, CaseIterable {
    case success = "80000000"
    case someTokensFailed = "80100000"
    case badParameter = "80100001"
    case notOneToken = "80100002"
    case badMessage = "80100003"
    case badLifetime = "80100004"
    case badCollapseKey = "80100013"
    case sensitiveWords = "80100016"
    case tooManyTopics = "80100017"
    case reviewFailed = "80100018"
    case imageNotVerified = "80100022"
    case authenticationFailed = "80200001"
    case accessTokenExpired = "80200003"
    case jwtExpired = "80200005"
    case noPermission = "80300002"
    case allTokensInvalid = "80300007"
    case messageTooLong = "80300008"
    case tooManyTokens = "80300010"
    case noPermissionForPriority = "80300011"
    case badReceiptAddress = "80300013"
    case tooManyTestMessages = "80300029"
    case tooManyTestTokens = "80300030"
    case jwtForTooLong = "80300036"
    case penalty = "80300037"
    case oauthFailed = "80600003"
    case internalError = "81000001"

    func verdict(_ detail: String, message: String?, id: String?) -> PushVerdict {
        switch self {
        case .success: .accepted(id: id)
        // There is one token, so all of them are some of them.
        case .someTokensFailed, .allTokensInvalid:
            Self.isTokenDead(message) ? .unregistered : .refused(detail)
        case .authenticationFailed, .accessTokenExpired, .jwtExpired: .unauthorized(detail)
        case .tooManyTestMessages, .tooManyTopics, .oauthFailed, .internalError: .later(detail, afterMilliseconds: nil)
        case .badParameter, .notOneToken, .badMessage, .badLifetime, .badCollapseKey, .sensitiveWords, .reviewFailed,
            .imageNotVerified, .noPermission, .messageTooLong, .tooManyTokens, .noPermissionForPriority,
            .badReceiptAddress, .tooManyTestTokens, .jwtForTooLong, .penalty:
            .refused(detail)
        }
    }

    /// HarmonyOS's message is JSON with the tokens by what is wrong with them, and most of that is the account's fault (no right to this kind of message,
    /// another project, an image that nobody verified): those tokens must not be forgotten.
    private static func isTokenDead(_ message: String?) -> Bool {
        guard let message, let reasons = (try? JSON(parsing: message))?["illegalTokens"]?.members?.map(\.key),
            !reasons.isEmpty
        else { return true }
        return reasons.contains { $0 == "tokenFormatError" || $0 == "tokenPlatformNotSupport" }
    }

    static func verdict(on answer: OutboundAnswer) -> PushVerdict {
        let read = VendorAnswer(answer)
        if let trouble = read.trouble { return trouble }
        let message = read.text("msg")
        if let code = read.text("code") {
            let detail = read.detail(code, message)
            if let known = Self(rawValue: code) {
                return known.verdict(detail, message: message, id: read.text("requestId"))
            }
            return answer.status == 401 ? .unauthorized(detail) : .refused(detail)
        }
        return answer.status == 401 ? .unauthorized("HTTP 401") : read.unreadable
    }
}
