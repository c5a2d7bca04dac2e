import ArgumentParser
import ParleyServer

/// By which protocol members are connected.
enum Clients: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// ParleySocket.
    case parley
    case rongcloud
    case easemob

    static let help: ArgumentHelp =
        "How members are connected: parley (ParleySocket), or as an SDK of rongcloud or easemob does it."
}

/// Who connects, and what he has from before.
struct Login: Sendable {
    let clients: Clients
    let user: String
    let token: String
    /// The name under which the device comes back. Nil: it has none.
    let device: String?
    /// What RongCloud's clients keep: the time of the newest message that they have of others, and of the newest of their user's own, in Unix milliseconds.
    var received: Int64 = 0
    var sent: Int64 = 0

    init(_ user: String, by clients: Clients = .parley, device: String? = nil) {
        self.clients = clients
        self.user = user
        self.device = device
        self.token =
            switch clients {
            case .parley: Stage.token(of: user)
            case .rongcloud: Demo.rongCloudToken(of: user, now: SystemClock().now())
            case .easemob: Stage.easemobToken(of: user)
            }
    }

    func makeProtocol() -> any MemberProtocol {
        switch self.clients {
        case .parley: ParleyMember(self)
        case .rongcloud: RongCloudMember(self)
        case .easemob: EasemobMember(self)
        }
    }
}
