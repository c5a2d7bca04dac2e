import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension OutboundFault {
    /// What the libraries threw, in a few words for the App's log.
    init(_ error: any Error) {
        self =
            switch error {
            case let fault as OutboundFault: fault
            case is NIOTooManyBytesError: .answerTooLong
            case let error as HTTPClientError: Self.fault(of: error)
            case let error as IOError: .unreachable(String(cString: strerror(error.errnoCode)))
            case is HTTPParserError: .unreachable("the answer is not HTTP")
            case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: .unreachable(Self.reason(encrypting: error))
            case _: .unreachable(String("\(error)".prefix(200)))
            }
    }

    static func isFailureToConnect(_ error: any Error) -> Bool {
        switch error {
        case let error as IOError: [ECONNREFUSED, ENETUNREACH, EHOSTUNREACH].contains(error.errnoCode)
        case let error as HTTPClientError: error == .connectTimeout
        case _: false
        }
    }

    private static func fault(of error: HTTPClientError) -> OutboundFault {
        switch error {
        case .deadlineExceeded, .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout: .timedOut
        case .remoteConnectionClosed: .unreachable("the connection was closed without an answer")
        case .cancelled, .alreadyShutdown: .unreachable("called off")
        case _: .unreachable(error.shortDescription)
        }
    }

    private static func reason(encrypting error: any Error) -> String {
        if error as? NIOSSLExtraError == .failedToValidateHostname { return "the certificate is another host's" }
        return "\(error)".contains("CERTIFICATE_VERIFY_FAILED") ? "the certificate is not trusted" : "TLS failed"
    }
}
