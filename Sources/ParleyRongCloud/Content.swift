package import ParleyCore
import ParleyJSON

/// A message as RongCloud's API and its clients know it: the name of a type, and a body that the type gives a meaning
/// to (a JSON object for built-in types, anything at all for an App's own).
package struct WireMessage: Hashable, Sendable {
    package var objectName: String
    /// As it was sent.
    package var content: String

    package init(objectName: String, content: String) {
        self.objectName = objectName
        self.content = content
    }

    /// How the message is kept: the body as a text inside, so that it comes out byte for byte.
    package var native: Native {
        Native(
            dialect: RongCloud.name,
            payload: JSONWriter.object {
                $0.field("objectName", self.objectName)
                $0.field("content", self.content)
            })
    }

    /// The message that ``native`` kept; nil when it is another dialect's.
    package init?(_ native: Native) {
        guard native.dialect == RongCloud.name, let json = try? JSON(parsing: native.payload),
            let objectName = json["objectName"]?.string, let content = json["content"]?.string
        else { return nil }
        self.init(objectName: objectName, content: content)
    }
}

// MARK: - To the common form

extension WireMessage {
    /// What a body says to others than RongCloud's clients.
    package struct Reading: Hashable, Sendable {
        package var content: Content
        /// `extra`, which every built-in type may carry.
        package var extra: String?
        /// `mentionedInfo`; whether it counts is the call's to say.
        package var mention: Mention?
    }

    /// Never fails: what is not as its type has it (the vendor's own tests send `RC:TxtMsg` with a bare text) is a
    /// custom message.
    package var reading: Reading {
        guard self.objectName.hasPrefix("RC:"), let body = try? JSON(parsing: self.content), body.kind == .object
        else { return Reading(content: .custom(type: self.objectName, data: self.content)) }
        return Reading(
            content: self.common(body) ?? .custom(type: self.objectName, data: self.content),
            extra: body["extra"].map(\.text).flatMap { $0.isEmpty ? nil : $0 },
            mention: body["mentionedInfo"].flatMap(Mention.init(mentionedInfo:)))
    }

    /// Types and fields: facts/rongcloud-server.md, section 4. Nil: no counterpart, or a body without what it cannot
    /// do without.
    private func common(_ body: JSON) -> Content? {
        switch self.objectName {
        case "RC:TxtMsg", "RC:ReferenceMsg", "RC:StreamMsg": body["content"]?.string.map { .text($0) }
        case "RC:ImgMsg": Media(body, url: "imageUri", inline: "content").map { .image($0) }
        case "RC:GIFMsg": Media(body, url: "remoteUrl", bytes: "gifDataSize", type: "image/gif").map { .image($0) }
        case "RC:VcMsg": Media(body, inline: "content", type: "audio/amr").map { .voice($0) }
        case "RC:HQVCMsg": Media(body, url: "remoteUrl", type: "audio/aac").map { .voice($0) }
        case "RC:SightMsg": Media(body, url: "sightUrl", bytes: "size", inline: "content").map { .video($0) }
        case "RC:FileMsg": Media(body, url: "fileUrl", bytes: "size").map { .file($0) }
        case "RC:LBSMsg": Location(body).map { .location($0) }
        case "RC:CmdMsg", "RC:CmdNtf":
            body["name"]?.string.map { .command(name: $0, data: body["data"]?.text ?? "") }
        case "RC:CombineMsg":
            body["summaryList"]?.array.flatMap { lines in
                lines.isEmpty ? nil : .combined(lines.compactMap { $0.string.map { .text($0 + "\n") } })
            }
        // Notices, receipts, typing, recalls and key-value changes mean something to RongCloud's clients only;
        // ImgTextMsg is a card that no other dialect has.
        default: nil
        }
    }
}

extension Media {
    /// Nil when neither the address nor the data is there.
    fileprivate init?(
        _ body: JSON, url: String? = nil, bytes: String? = nil, inline: String? = nil, type: String? = nil
    ) {
        func text(_ key: String?) -> String? {
            key.flatMap { body[$0]?.string }.flatMap { $0.isEmpty ? nil : $0 }
        }
        self.init(url: text(url), name: text("name"), bytes: bytes.flatMap { body[$0]?.integer })
        self.inlineBase64 = text(inline)
        guard self.url != nil || self.inlineBase64 != nil else { return nil }
        self.mediaType = type
        self.width = body["width"]?.integer.map(Int.init)
        self.height = body["height"]?.integer.map(Int.init)
        self.seconds = body["duration"]?.double
    }
}

extension Location {
    fileprivate init?(_ body: JSON) {
        guard let latitude = body["latitude"]?.double, let longitude = body["longitude"]?.double else { return nil }
        self.init(latitude: latitude, longitude: longitude, address: body["poi"]?.string)
    }
}

extension Mention {
    /// `type` 1: everyone; 2: those in `userIdList`. Anything else mentions nobody.
    fileprivate init?(mentionedInfo: JSON) {
        switch mentionedInfo["type"]?.integer {
        case 1: self = .everyone
        case 2:
            guard let users = mentionedInfo["userIdList"]?.userIDs, !users.isEmpty else { return nil }
            self = .users(users)
        default: return nil
        }
    }
}

extension JSON {
    /// A text as it is; anything else as it was written.
    fileprivate var text: String {
        self.string ?? (self.isNull ? "" : String(decoding: self.raw, as: UTF8.self))
    }

    /// A number, or a text that is one.
    fileprivate var integer: Int64? { self.int ?? self.string.flatMap { Int64($0) } }
}
