import NIOHTTP1
import ParleyCore
import ParleyDialectKit

/// Why there is no file.
enum FileRefusal: Error {
    case badRequest(String)
    case unauthorized(String)
    case forbidden(String)
    case notFound
    /// It was there, and was kept for as long as files are.
    case expired
    case tooLarge(limitBytes: Int)
    case methodNotAllowed(String)
    case rangeNotSatisfiable(byteCount: Int)
    case overloaded
    case fault(any Error)

    static func typed<Value>(_ body: () async throws -> Value) async throws(FileRefusal) -> Value {
        do { return try await body() } catch {
            throw FileRefusal(error)
        }
    }

    private init(_ error: any Error) {
        self =
            switch error {
            case let refusal as FileRefusal: refusal
            case let refusal as TokenRefusal: .unauthorized(refusal.reason)
            case Rejection.fileTooLarge(let limit): .tooLarge(limitBytes: limit)
            case Rejection.fileNotFound: .notFound
            case Rejection.fileExpired: .expired
            case Rejection.overloaded: .overloaded
            default: .fault(error)
            }
    }

    var response: WireResponse {
        switch self {
        case .badRequest(let reason): .error(reason, .badRequest)
        case .unauthorized(let reason): .error(reason, .unauthorized, ["WWW-Authenticate": "Bearer"])
        case .forbidden(let reason): .error(reason, .forbidden)
        case .notFound: .error("there is no such file", .notFound)
        case .expired: .error("the file is not kept any more", .gone)
        case .tooLarge(let limit): .error("the file is over \(limit) bytes", .payloadTooLarge)
        case .methodNotAllowed(let methods): .error("not this method", .methodNotAllowed, ["Allow": methods])
        case .rangeNotSatisfiable(let count):
            .error("nothing is there", .rangeNotSatisfiable, ["Content-Range": "bytes */\(count)"])
        case .overloaded: .error("too busy: try again", .serviceUnavailable)
        case .fault: .error("internal error", .internalServerError)
        }
    }
}

extension WireResponse {
    fileprivate static func error(
        _ reason: String, _ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:]
    ) -> WireResponse {
        .json(#"{"error":"\#(reason)"}"#, status: status, headers: headers)
    }
}
