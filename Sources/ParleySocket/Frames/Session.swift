import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyHub
import ParleyJSON

/// How a connection begins, goes on, and ends.
enum SessionFrames {
    static func welcome(_ client: Client, session: String, now: Timestamp) -> ByteBuffer {
        .object { json in
            json.field("type", "welcome")
            json.field("app", client.app.rawValue)
            json.field("user", client.user.rawValue)
            json.field("device", client.device.rawValue)
            json.field("session", session)
            json.field("now", now.milliseconds)
        }
    }

    static let ready = ByteBuffer.object { $0.field("type", "ready") }

    static func gap(_ gap: Gap, for user: UserID) -> ByteBuffer {
        .object { json in
            json.field("type", "gap")
            json.field("conversation", gap.conversation.name(for: user))
            json.field("after", gap.after)
            json.field("before", gap.before)
            json.field("reason", gap.reason.rawValue)
        }
    }

    static func closing(_ ending: Ending) -> ByteBuffer {
        .object { json in
            json.field("type", "closing")
            json.field("reason", ending.name)
        }
    }
}

extension ByteBuffer {
    fileprivate static func object(_ members: (inout JSONWriter) -> Void) -> ByteBuffer {
        .frame(.text, JSONWriter.object(members))
    }
}

extension Frame {
    static let welcome = Frame(
        "welcome", "Always first.",
        [
            Schema.Member("app", .text), Schema.Member("user", .userID), Schema.Member("device", .text),
            Schema.Member("session", .text, "names the connection, in logs"),
            Schema.Member("now", .moment, "the server's clock, milliseconds since 1970"),
        ])
    static let ready = Frame("ready", "Everything that was missed when the connection was made has been sent.", [])
    static let gap = Frame(
        "gap", "Entries after `after` and before `before` are not sent. What is still kept is found with `history`.",
        [
            Schema.Member("conversation", .conversation), Schema.Member("after", .sequence),
            Schema.Member("before", .sequence),
            Schema.Member(
                "reason", .choice(["retention", "limit"]),
                "`retention`: the device was away for longer than messages are kept for it; `limit`: the connection asked for no more (`catchup`)"
            ),
        ])
    static let closing = Frame(
        "closing", "The server's last frame before it closes.",
        [Schema.Member("reason", .choice(Ending.told.map(\.name)))])
}
