import ParleyCore
import ParleyJSON
import ParleyOutbound

/// An answer as all the phone makers' services give it: a status of HTTP, and JSON with a code of their own.
struct VendorAnswer {
    let status: Int
    let json: JSON?
    private let retryAfterMilliseconds: Int64?

    init(_ answer: OutboundAnswer) {
        self.status = answer.status
        self.json = try? JSON(parsing: answer.body)
        self.retryAfterMilliseconds = answer.retryAfterMilliseconds
    }

    /// Nobody has read the request, or somebody has and had to give up: whatever the body says, there is a later.
    var trouble: PushVerdict? {
        switch self.status {
        case 408, 429, 500...: .later("HTTP \(self.status)", afterMilliseconds: self.retryAfterMilliseconds)
        default: nil
        }
    }

    /// No code that can be read. Not to be sent again: perhaps the service has it, and a phone would ring twice.
    var unreadable: PushVerdict { .refused("HTTP \(self.status), and no answer that can be read") }

    /// Some services write their codes as texts, some as numbers, and some as it comes.
    func text(_ key: String) -> String? { self.json?[key]?.scalar }
    func code(_ key: String) -> Int? { self.text(key).flatMap { Int($0) } }

    /// For the record of the notice.
    func detail(_ code: some CustomStringConvertible, _ message: String?) -> String {
        guard let message, !message.isEmpty else { return code.description }
        return "\(code) \(message)".shortened(to: 200, in: .units)
    }
}

extension JSON {
    /// A text as what it says, a number as it is written.
    var scalar: String? {
        switch self.kind {
        case .string: self.string
        case .number: String(decoding: self.raw, as: UTF8.self)
        case .null, .bool, .array, .object: nil
        }
    }
}
