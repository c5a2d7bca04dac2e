import Foundation
import ParleyCore

/// Contacts and blocks, as SDKs up to 4.1 change them; later ones ask by REST. Source: facts/easemob-client.md 5.
struct RosterUplink: Sendable {
    private enum Operation: Int32 {
        case add = 2
        case remove = 3
        case accept = 4
        case decline = 5
        case ban = 6
        case allow = 7
    }

    private let caller: ClientCaller
    private let operation: Operation
    private let others: [UserID]
    private let reason: String

    init(_ meta: WireMeta, from caller: ClientCaller) throws(ClientRefusal) {
        guard let body = WireRosterBody.parse(Array(meta.payload)) else { throw .unreadable }
        guard let operation = Operation(rawValue: body.operation) else { throw .unsupported }
        let names = body.to.map(\.name).filter { !$0.isEmpty }
        guard (1...Self.maximumOthers).contains(names.count) else { throw .unreadable }
        self.caller = caller
        self.operation = operation
        self.others = names.map { UserID(easemob: $0) }
        self.reason = body.reason
    }

    private static let maximumOthers = 50

    /// - Throws: ``ClientRefusal``; anything else is a fault.
    func perform() async throws -> ClientReceipt {
        let (core, user, app) = (self.caller.core, self.caller.user, self.caller.app.id)
        do {
            switch self.operation {
            case .add: try await core.invite(self.others, by: user, in: app, reason: self.reason)
            case .ban: try await core.block(self.others, by: user, in: app)
            case .allow: try await core.unblock(self.others, by: user, in: app)
            case .remove: for other in self.others { try await core.removeContact(other, of: user, in: app) }
            case .accept: for other in self.others { try await core.acceptInvitation(from: other, by: user, in: app) }
            case .decline: for other in self.others { try await core.declineInvitation(from: other, by: user, in: app) }
            }
        } catch let rejection as Rejection {
            throw ClientRefusal(rejection)
        }
        return ClientReceipt(core.identifiers.next())
    }
}
