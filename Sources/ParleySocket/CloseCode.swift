import NIOWebSocket
import ParleyCore
import ParleyHub

extension Ending {
    /// What the close frame says (docs/protocol.md). 4000 and up are the application's own.
    var closeCode: WebSocketErrorCode {
        switch self {
        case .disconnected(.goingAway): .goingAway
        case .disconnected(.kicked): WebSocketErrorCode(codeNumber: 4001)
        case .disconnected(.tokenExpired): WebSocketErrorCode(codeNumber: 4002)
        case .disconnected(.userInactive): WebSocketErrorCode(codeNumber: 4003)
        case .disconnected(.replaced): WebSocketErrorCode(codeNumber: 4004)
        case .disconnected(.loggedInElsewhere): WebSocketErrorCode(codeNumber: 4005)
        case .fault: .unexpectedServerError
        case .tooSlow, .silent, .left: .normalClosure
        }
    }

    /// The `reason` of the closing frame.
    var name: String {
        switch self {
        case .disconnected(let disconnection): disconnection.rawValue
        case .fault: "fault"
        case .tooSlow: "tooSlow"
        case .silent: "silent"
        case .left: "left"
        }
    }

    /// Those that a client is told in a `closing` frame, each with a code of its own.
    static let told: [Ending] = [
        .disconnected(.goingAway), .fault, .disconnected(.kicked), .disconnected(.tokenExpired),
        .disconnected(.userInactive), .disconnected(.replaced), .disconnected(.loggedInElsewhere),
    ]
}
