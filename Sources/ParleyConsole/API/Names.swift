import ParleyCore
import ParleyJSON

/// A conversation as the console names it, whoever looks: `group:G`, `room:R`, `system:U`, `direct:A:B`. In the two users' ids `:` and `%` are percent-encoded.
extension Conversation {
    var name: String {
        switch self {
        case .group(let group): "group:\(group)"
        case .room(let room): "room:\(room)"
        case .system(let user): "system:\(user)"
        case .direct(let pair): "direct:\(pair.lesser.rawValue.escaped):\(pair.greater.rawValue.escaped)"
        }
    }

    /// Nil when it names nothing.
    init?(name: String) {
        guard let colon = name.firstIndex(of: ":") else { return nil }
        let id = name[name.index(after: colon)...]
        guard !id.isEmpty else { return nil }
        switch name[..<colon] {
        case "group": self = .group(GroupID(String(id)))
        case "room": self = .room(RoomID(String(id)))
        case "system": self = .system(UserID(String(id)))
        case "direct":
            let users = id.split(separator: ":", omittingEmptySubsequences: false)
            guard users.count == 2, !users[0].isEmpty, !users[1].isEmpty else { return nil }
            self = .direct(UserID(users[0].unescaped), UserID(users[1].unescaped))
        default: return nil
        }
    }
}

extension String {
    fileprivate var escaped: String { self.replacing("%", with: "%25").replacing(":", with: "%3A") }
}

extension Substring {
    fileprivate var unescaped: String { String(self).replacing("%3A", with: ":").replacing("%25", with: "%") }
}

extension Entry {
    /// Who said it, or did it.
    var author: UserID? {
        switch self.body {
        case .message(let message): message.sender
        case .recall(let recall): recall.by
        case .edit(let edit): edit.mark.by
        case .notice(let notice): notice.author
        }
    }

    /// `message`, or what else happened.
    var kind: String {
        switch self.body {
        case .message: "message"
        case .recall: "recall"
        case .edit: "edit"
        case .notice(.joined): "joined"
        case .notice(.left): "left"
        case .notice(.removed): "removed"
        case .notice(.changed): "changed"
        }
    }

    /// One line for people, not longer than that.
    var line: String {
        let text =
            switch self.body {
            case .message(let message): message.content.line
            case .edit(let edit): edit.message.content.line
            case .recall(let recall): recall.reason ?? ""
            case .notice(let notice): notice.users.prefix(20).map(\.rawValue).joined(separator: ", ")
            }
        let line = text.prefix(Self.lineLength)
        return line.endIndex == text.endIndex ? text : String(line) + "…"
    }

    private static let lineLength = 200
}

extension Content {
    fileprivate var line: String {
        switch self {
        case .command(let name, _): name
        case .custom(let type, let data): "\(type) \(data)"
        case .image(let media), .voice(let media), .video(let media), .file(let media): media.name ?? media.url ?? ""
        case .location(let location): location.address ?? "\(location.latitude), \(location.longitude)"
        case .text, .face, .combined: self.summary
        }
    }
}

extension Notice {
    fileprivate var users: [UserID] {
        switch self {
        case .joined(let users, _), .left(let users), .removed(let users, _): users
        case .changed: []
        }
    }

    fileprivate var author: UserID? {
        switch self {
        case .joined(let users, let by): by ?? users.first
        case .left(let users): users.first
        case .removed(_, let by), .changed(let by): by
        }
    }
}

extension JSONWriter {
    /// Left out when there is none.
    mutating func optional(_ name: String, _ text: String?) {
        if let text { self.field(name, text) }
    }

    mutating func optional(_ name: String, _ moment: Timestamp?) {
        guard let moment, moment != .distantPast else { return }
        // What JavaScript can count to.
        self.field(name, min(moment.milliseconds, 1 << 53 - 1))
    }

    /// A JSON text as it stands; what is none, as a string.
    mutating func field(_ name: String, jsonOrText bytes: [UInt8]) {
        if (try? JSON(parsing: bytes)) != nil {
            self.field(name, raw: bytes)
        } else {
            self.field(name, String(decoding: bytes, as: UTF8.self))
        }
    }
}
