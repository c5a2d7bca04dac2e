import Crypto
import Foundation
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What was said in a whole App, for its backend. Source: facts/easemob-server.md 3.6 (chatmessages) and 5.

/// An hour of it, as files to download: gzip, a JSON object a line. An hour is there when it has passed, and for three days.
struct GetHistoryFiles: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatmessages/{time}", "Export an hour of messages",
        page: "导出聊天记录文件 (message_historical)")
    static let area = Area.files
    static let callLimit = CallLimit(10, perSeconds: 60)

    private static let keptSeconds: Int64 = 3 * 24 * 3600
    private static let hourSeconds: Int64 = 3600
    /// What is compressed at once: others wait for the thread meanwhile.
    private static let pieceBytes = 64 << 10
    /// Compressed. An hour is one file, but for the limit of files.
    private static let fileBytes = 8 << 20

    let start: Timestamp

    init(_ call: Call) throws {
        let time = call.parameter("time")
        let refused = "illegal arguments: appkey: \(call.target.appKey), time: \(time)"
        guard let start = Timestamp(easemobHour: time) else { throw Refusal.illegalArgument(refused) }
        guard start <= call.now, start >= call.now.adding(seconds: -Self.keptSeconds - Self.hourSeconds) else {
            throw Refusal.illegalArgument("\(refused), maybe chat message history is expired or unstored")
        }
        self.start = start
    }

    func perform(_ call: Call) async throws -> [StoredFile] {
        let end = self.start.adding(seconds: Self.hourSeconds)
        var files: [StoredFile] = []
        if end <= call.now {
            var (file, lines) = (Gzip(), [UInt8]())
            try await call.eachEntry(from: self.start, until: end) { entry in
                guard let line = ExportedMessage(entry)?.line else { return true }
                lines += line
                guard lines.count >= Self.pieceBytes else { return true }
                file.append(lines)
                lines = []
                guard file.bytes.count >= Self.fileBytes else { return true }
                files.append(try await self.save(file, call))
                file = Gzip()
                return true
            }
            file.append(lines)
            if !file.isEmpty { files.append(try await self.save(file, call)) }
        }
        guard !files.isEmpty else {
            throw Refusal.historyNotFound(appKey: call.target.appKey, time: call.parameter("time"))
        }
        return files
    }

    /// As long as the hour says the same, it is the same files, however often they are asked for.
    private func save(_ file: Gzip, _ call: Call) async throws -> StoredFile {
        let (bytes, name) = (file.finished(), "\(call.parameter("time")).gz")
        var hash = SHA256()
        for part in ["\(call.app.id)", name] { hash.update(data: Data("\(part)\n".utf8)) }
        hash.update(data: bytes)
        return try await call.core.files.save(
            Upload(
                id: UUID(hash.finalize()).uuidString.lowercased(), bytes: bytes, name: name,
                mediaType: "application/gzip", isRestricted: true, thumbnail: (width: 0, height: 0)), in: call.app.id)
    }

    func encode(_ files: [StoredFile], _ call: Call) -> Answer {
        .data { json in
            json.array(files) { json, file in
                json.object { $0.field("url", "\(call.filesURL)/\(file.id)?share-secret=\(file.secret)") }
            }
        }
    }
}

/// The same page by page, oldest first, as older SDKs ask for it: `ql=select * where timestamp>1403164734226`.
struct QueryHistory: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatmessages", "List messages (legacy)", page: "facts 3.6, 6 (SDKs)")
    static let area = Area.files

    private static let keptSeconds: Int64 = 3 * 24 * 3600

    let after: MessageID?
    let since: Timestamp?
    let until: Timestamp?
    let limit: Int

    init(_ call: Call) throws {
        self.limit = call.number("limit", default: 10, in: 1...1000)
        self.after = try call.cursor().map { text in
            guard let id = MessageID(text) else { throw Refusal.illegalArgument("cursor is illegal") }
            return id
        }
        let query = call.query["ql"] ?? ""
        self.since = Self.moment(after: ">", in: query)
        self.until = Self.moment(after: "<", in: query)
    }

    /// `timestamp>1` is what is meant by `timestamp > 1`, `timestamp>=1` is nearly that.
    private static func moment(after sign: Character, in query: String) -> Timestamp? {
        let text = query.filter { $0 != " " && $0 != "=" }
        guard let range = text.firstRange(of: "timestamp\(sign)") else { return nil }
        return Int64(text[range.upperBound...].prefix { $0.isASCII && $0.isNumber })
            .map { Timestamp(milliseconds: max(0, $0)) }
    }

    func perform(_ call: Call) async throws -> Page<ExportedMessage> {
        var found: [ExportedMessage] = []
        let start = self.since?.adding(milliseconds: 1) ?? call.now.adding(seconds: -Self.keptSeconds)
        try await call.eachEntry(after: self.after, from: start, until: self.until) { entry in
            if let message = ExportedMessage(entry) { found.append(message) }
            return found.count <= self.limit
        }
        return Page(found, limit: self.limit) { $0.id.description }
    }

    func encode(_ page: Page<ExportedMessage>, _ call: Call) -> Answer {
        Answer.entities(page.items) { json, message in
            json.object { json in
                json.field("uuid", message.id.easemob)
                json.field("type", "chatmessage")
                json.field("created", message.sentAt.milliseconds)
                json.field("modified", message.sentAt.milliseconds)
                message.write(to: &json)
            }
        }
        .params(call.query).count(page.items.count).cursor(page.cursor)
    }
}

/// A message, as exports show it. Source: facts/easemob-server.md 5.
struct ExportedMessage: Sendable {
    let id: MessageID
    private let message: Message
    private let destination: Destination

    /// Nil: it is no message, or is one no longer, or is of no kind that the vendor has.
    init?(_ entry: Entry) {
        guard !entry.isRecalled, let message = entry.message,
            let destination = Destination(entry.conversation.conversation, from: message.sender)
        else { return nil }
        self.id = entry.id
        self.message = message
        self.destination = destination
    }

    var sentAt: Timestamp { self.id.sentAt }

    var line: [UInt8] { JSONWriter.object { self.write(to: &$0) } + [UInt8(ascii: "\n")] }

    func write(to json: inout JSONWriter) {
        json.field("msg_id", self.id.easemob)
        json.field("timestamp", self.sentAt.milliseconds)
        json.field("direction", "outgoing")
        json.field("to", self.destination.to)
        json.field("from", self.message.sender.rawValue)
        json.field("chat_type", self.destination.kind == "room" ? "chatroom" : self.destination.chatType)
        json.field("payload") { json in
            json.object { json in
                let shown = ShownMessage(self.message)
                shown.writeBodies(to: &json)
                shown.writeExt(to: &json)
                json.field("from", self.message.sender.rawValue)
                json.field("to", self.destination.to)
            }
        }
    }
}

extension Call {
    private static let entriesAtOnce = 500

    /// What was said in the App in a time, oldest first, until `body` has had enough.
    ///
    /// - Parameter last: only what came after it.
    fileprivate func eachEntry(
        after last: MessageID? = nil, from start: Timestamp, until end: Timestamp?,
        _ body: (Entry) async throws -> Bool
    ) async throws {
        let before = MessageID(rawValue: max(1, MessageID(sentAt: start, slot: 0).rawValue) - 1)
        var after = max(before, last ?? before)
        while true {
            let (entries, through) = try await self.core.callbacks.entries(
                in: self.app.id, after: after, limit: Self.entriesAtOnce)
            for entry in entries {
                if let end, entry.sentAt >= end { return }
                guard try await body(entry) else { return }
            }
            guard through > after else { return }
            if let end, through.sentAt >= end { return }
            after = through
        }
    }
}

extension UUID {
    /// The beginning of a hash, marked as a UUID of a form of one's own (RFC 9562, version 8).
    fileprivate init(_ digest: SHA256.Digest) {
        var bytes = Array(digest.prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        self = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}

extension Timestamp {
    /// `2024040112`, in UTC.
    fileprivate init?(easemobHour text: String) {
        guard text.utf8.count == 10, let day = Day(compact: String(text.prefix(8))),
            let hour = Int64(text.suffix(2)), (0..<24).contains(hour)
        else { return nil }
        self = day.start(offsetMinutes: 0).adding(seconds: hour * 3600)
    }
}

extension Refusal {
    fileprivate static func historyNotFound(appKey: String, time: String) -> Refusal {
        Refusal(
            .notFound, "storage_object_not_found",
            "Failed to find chat message history download url for appkey: \(appKey), time: \(time)",
            exception: "StorageObjectNotFoundException")
    }
}
