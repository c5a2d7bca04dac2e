internal import ParleyJSON

extension Content {
    /// What cannot be read as its kind is ``unknown(kind:json:)``: a message is never lost for its content.
    init(kind: String, json: JSON) {
        self = Self.known(kind, json) ?? .unknown(kind: kind, json: String(decoding: json.raw, as: UTF8.self))
    }

    private static func known(_ kind: String, _ json: JSON) -> Content? {
        switch kind {
        case "text": json["text"]?.string.map(Content.text)
        case "image": .image(Media(json))
        case "voice": .voice(Media(json))
        case "video": .video(Media(json))
        case "file": .file(Media(json))
        case "location": Location(json).map(Content.location)
        case "face": json["index"]?.int.map { .face(index: Int($0), data: json["data"]?.string ?? "") }
        case "command": json["name"]?.string.map { .command(name: $0, data: json["data"]?.string ?? "") }
        case "custom": json["type"]?.string.map { .custom(type: $0, data: json["data"]?.string ?? "") }
        case "combined":
            json["parts"]?.array.map { parts in
                .combined(
                    parts.compactMap { part in
                        guard let kind = part["kind"]?.string, let content = part["content"] else { return nil }
                        return Content(kind: kind, json: content)
                    })
            }
        default: nil
        }
    }
}

extension Location {
    fileprivate init?(_ json: JSON) {
        guard let latitude = json["latitude"]?.double, let longitude = json["longitude"]?.double else { return nil }
        self.init(latitude: latitude, longitude: longitude, address: json["address"]?.string)
    }
}

extension Media {
    init(_ json: JSON) {
        self.init(url: json["url"]?.string, name: json["name"]?.string, bytes: json["bytes"]?.int)
        self.mediaType = json["mediaType"]?.string
        self.width = json["width"]?.int.map(Int.init)
        self.height = json["height"]?.int.map(Int.init)
        self.seconds = json["seconds"]?.double
        self.secret = json["secret"]?.string
        self.thumbnailURL = json["thumbnailURL"]?.string
        self.thumbnailSecret = json["thumbnailSecret"]?.string
        self.inline = json["inline"]?.string
    }
}

extension JSONWriter {
    /// The members `kind` and `content`.
    mutating func members(of content: Content) {
        self.field("kind", content.kind)
        self.field("content") { json in
            if case .unknown(_, let text) = content {
                json.raw(text.utf8)
            } else {
                json.object { $0.inner(content) }
            }
        }
    }

    private mutating func inner(_ content: Content) {
        switch content {
        case .text(let text): self.field("text", text)
        case .image(let media), .voice(let media), .video(let media), .file(let media): self.inner(media)
        case .location(let location):
            self.field("latitude", location.latitude)
            self.field("longitude", location.longitude)
            self.field("address", ifAny: location.address)
        case .face(let index, let data):
            self.field("index", index)
            self.field("data", data)
        case .command(let name, let data):
            self.field("name", name)
            self.field("data", data)
        case .custom(let type, let data):
            self.field("type", type)
            self.field("data", data)
        case .combined(let parts):
            self.field("parts") { $0.array(parts) { json, part in json.object { $0.members(of: part) } } }
        case .unknown: break
        }
    }

    private mutating func inner(_ media: Media) {
        self.field("url", ifAny: media.url)
        self.field("name", ifAny: media.name)
        if let bytes = media.bytes { self.field("bytes", bytes) }
        self.field("mediaType", ifAny: media.mediaType)
        if let width = media.width { self.field("width", width) }
        if let height = media.height { self.field("height", height) }
        if let seconds = media.seconds { self.field("seconds", seconds) }
        self.field("secret", ifAny: media.secret)
        self.field("thumbnailURL", ifAny: media.thumbnailURL)
        self.field("thumbnailSecret", ifAny: media.thumbnailSecret)
        self.field("inline", ifAny: media.inline)
    }

    mutating func field(_ key: String, ifAny value: String?) {
        if let value { self.field(key, value) }
    }
}
