import ParleyCore
import ParleyDialectKit

/// Which messages ring, as the vendor numbers it; there is no 3. Source: facts/rongcloud-server.md 3.9.
enum UnpushLevel: Int64, Sendable {
    case all = -1
    /// As the wider setting has it.
    case unset = 0
    case mentions = 1
    case mentionsByName = 2
    case mentionsOfEveryone = 4
    case nothing = 5

    init(_ level: PushLevel?) {
        self =
            switch level {
            case nil: .unset
            case .all?: .all
            case .mentions?: .mentions
            case .mentionsByName?: .mentionsByName
            case .mentionsOfEveryone?: .mentionsOfEveryone
            case PushLevel.none?: .nothing
            }
    }

    var level: PushLevel? {
        switch self {
        case .all: .all
        case .unset: nil
        case .mentions: .mentions
        case .mentionsByName: .mentionsByName
        case .mentionsOfEveryone: .mentionsOfEveryone
        case .nothing: PushLevel.none
        }
    }

    var isMuting: Bool { self.rawValue > 0 }
}

extension Parameters {
    func unpushLevel(_ name: String) throws(Malformed) -> UnpushLevel? {
        guard let number = try self.integer(name, in: -1...5) else { return nil }
        guard let level = UnpushLevel(rawValue: number) else { throw Malformed(name, .invalid) }
        return level
    }
}
