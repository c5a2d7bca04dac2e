import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The contents and the ext of a client's message, and the payload that the server API and callbacks have for the same (``ParleyCore/Native``).
///
/// What the payload has no member for (fields of newer SDKs, the types of ext's numbers) must come to other clients as it was sent: where writing the payload
/// back gives something else than what came, the original is kept in it beside the rest, under ``originalKey``.
///
/// Source: facts/easemob-client.md 4; facts/easemob-server.md 2.1 and 5.
struct ClientBody {
    static let originalKey = "msync"

    var contents: [WireContent]
    var ext: [WireKeyValue]

    init(_ body: WireMessageBody) {
        self.contents = body.contents
        self.ext = body.ext
    }

    /// What this vendor's clients are shown of a message, whoever made it.
    init(_ message: Message) {
        let payload = try? JSON(parsing: message.easemobPayload)
        self.init(payload: payload)
        guard let original = payload?[Self.originalKey]?.string, let bytes = Base64.standard.decoded(original.utf8),
            let body = WireMessageBody.parse(bytes)
        else { return }
        self.init(body)
    }

    private init(payload: JSON?) {
        self.contents = [WireContent(payload?["type"]?.string ?? "", payload?["body"])]
        self.ext = WireKeyValue.list(payload?["ext"])
    }

    /// Nil: of a kind that the vendor has none of.
    var payload: [UInt8]? {
        guard let first = self.contents.first, let (type, body) = first.json else { return nil }
        func write(_ original: [UInt8]?) -> [UInt8] {
            JSONWriter.object { json in
                json.field("type", type)
                json.field("body", raw: body)
                if !self.ext.isEmpty { json.field("ext", raw: self.ext.json) }
                if let original { json.field(Self.originalKey, Base64.standard.encoded(original)) }
            }
        }
        let payload = write(nil)
        let back = ClientBody(payload: try? JSON(parsing: payload))
        if back.contents == self.contents, back.ext == self.ext { return payload }
        var original = WireMessageBody()
        original.contents = self.contents
        original.ext = self.ext
        return write(original.wireBytes)
    }
}

extension WireContent {
    private enum Kind: Int32 {
        case text = 0
        case image = 1
        case video = 2
        case location = 3
        case voice = 4
        case file = 5
        case command = 6
        case custom = 7
    }

    /// A forwarded conversation is a text that says so (4, sub_type).
    private static let combined: Int32 = 0
    private static let combinedName = "sub_combine"

    // MARK: As the server API has it

    var json: (type: String, body: [UInt8])? {
        switch Kind(rawValue: self.type) {
        case .text: ("txt", self.textBody)
        case .image: ("img", JSONWriter.object { self.writeFile(to: &$0) })
        case .video: ("video", JSONWriter.object { self.writeFile(to: &$0) })
        case .voice: ("audio", JSONWriter.object { self.writeFile(to: &$0) })
        case .file: ("file", JSONWriter.object { self.writeFile(to: &$0) })
        case .location: ("loc", self.locationBody)
        case .command: ("cmd", self.commandBody)
        case .custom: ("custom", self.customBody)
        case nil: nil
        }
    }

    private var textBody: [UInt8] {
        JSONWriter.object { json in
            json.field("msg", self.text)
            guard self.hasSubType, self.subType == Self.combined else { return }
            json.field("subType", Self.combinedName)
            if self.hasTitle { json.field("title", self.title) }
            if self.hasSummary { json.field("summary", self.summary) }
            if self.hasCombineLevel { json.field("combineLevel", self.combineLevel) }
            self.writeFile(to: &json)
        }
    }

    private func writeFile(to json: inout JSONWriter) {
        if self.hasRemotePath { json.field("url", self.remotePath) }
        if self.hasDisplayName { json.field("filename", self.displayName) }
        if self.hasSecretKey { json.field("secret", self.secretKey) }
        if self.hasFileLength { json.field("file_length", self.fileLength) }
        if self.hasSize { Self.write(self.size, as: "size", to: &json) }
        if self.hasDuration { json.field("length", self.duration) }
        if self.hasThumbnailRemotePath { json.field("thumb", self.thumbnailRemotePath) }
        if self.hasThumbnailSecretKey { json.field("thumb_secret", self.thumbnailSecretKey) }
        if self.hasThumbnailDisplayName { json.field("thumb_filename", self.thumbnailDisplayName) }
        if self.hasThumbnailFileLength { json.field("thumb_file_length", self.thumbnailFileLength) }
        if self.hasThumbnailSize { Self.write(self.thumbnailSize, as: "thumb_size", to: &json) }
    }

    private static func write(_ size: WireContent.Size, as key: String, to json: inout JSONWriter) {
        json.field(key) { json in
            json.object { json in
                json.write(size.width, as: "width")
                json.write(size.height, as: "height")
            }
        }
    }

    private var locationBody: [UInt8] {
        JSONWriter.object { json in
            json.write(self.latitude, as: "lat")
            json.write(self.longitude, as: "lng")
            if self.hasAddress { json.field("addr", self.address) }
            if self.hasBuildingName { json.field("buildingName", self.buildingName) }
        }
    }

    private var commandBody: [UInt8] {
        JSONWriter.object { json in
            json.field("action", self.action)
            if !self.params.isEmpty { json.field("params", raw: self.params.json) }
        }
    }

    private var customBody: [UInt8] {
        JSONWriter.object { json in
            json.field("customEvent", self.customEvent)
            let extras = self.customExts.isEmpty ? self.params : self.customExts
            if !extras.isEmpty { json.field("customExts", raw: extras.json) }
        }
    }

    // MARK: From there

    init(_ type: String, _ body: JSON?) {
        self.init()
        switch type {
        case "img": self.fillFile(.image, body)
        case "video": self.fillFile(.video, body)
        case "audio": self.fillFile(.voice, body)
        case "file": self.fillFile(.file, body)
        case "loc":
            self.type = Kind.location.rawValue
            self.latitude = body?["lat"]?.looseDouble ?? 0
            self.longitude = body?["lng"]?.looseDouble ?? 0
            if let address = body?["addr"]?.string { self.address = address }
            if let building = body?["buildingName"]?.string { self.buildingName = building }
        case "cmd":
            self.type = Kind.command.rawValue
            self.action = body?["action"]?.loose ?? ""
            self.params = WireKeyValue.list(body?["params"])
        case "custom":
            self.type = Kind.custom.rawValue
            self.customEvent = body?["customEvent"]?.loose ?? ""
            self.customExts = WireKeyValue.list(body?["customExts"])
        default: self.fillText(body)
        }
    }

    private mutating func fillText(_ body: JSON?) {
        self.type = Kind.text.rawValue
        self.text = body?["msg"]?.loose ?? ""
        guard body?["subType"]?.string == Self.combinedName else { return }
        self.fillFile(.text, body)
        self.subType = Self.combined
        if let title = body?["title"]?.string { self.title = title }
        if let summary = body?["summary"]?.string { self.summary = summary }
        if let level = body?["combineLevel"]?.looseInt { self.combineLevel = Int32(clamping: level) }
    }

    private mutating func fillFile(_ kind: Kind, _ body: JSON?) {
        self.type = kind.rawValue
        guard let body else { return }
        if let url = body["url"]?.string { self.remotePath = url }
        if let name = body["filename"]?.string { self.displayName = name }
        if let secret = body["secret"]?.string { self.secretKey = secret }
        if let bytes = body["file_length"]?.looseInt { self.fileLength = Int32(clamping: bytes) }
        if let size = body["size"], size.kind == .object { self.size = .init(size) }
        if let seconds = (body["length"] ?? body["Length"])?.looseDouble { self.duration = Self.whole(seconds) }
        if let url = body["thumb"]?.string { self.thumbnailRemotePath = url }
        if let secret = body["thumb_secret"]?.string { self.thumbnailSecretKey = secret }
        if let name = body["thumb_filename"]?.string { self.thumbnailDisplayName = name }
        if let bytes = body["thumb_file_length"]?.looseInt { self.thumbnailFileLength = Int32(clamping: bytes) }
        if let size = body["thumb_size"], size.kind == .object { self.thumbnailSize = .init(size) }
    }

    private static func whole(_ number: Double) -> Int32 { Int32(exactly: number.rounded()) ?? 0 }
}

extension WireContent.Size {
    fileprivate init(_ json: JSON) {
        self.init()
        self.width = json["width"]?.looseDouble ?? 0
        self.height = json["height"]?.looseDouble ?? 0
    }
}

extension JSONWriter {
    /// Without a fraction where there is none. JSON has no word for what is no number.
    fileprivate mutating func write(_ number: Double, as key: String) {
        if let whole = Int64(exactly: number) {
            self.field(key, whole)
        } else {
            self.field(key, number.isFinite ? number : 0)
        }
    }
}
