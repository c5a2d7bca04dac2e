package import ParleyCore

/// The common form of content as JSON: one shape, on disk and on ParleySocket. Keys that have nothing to say are left out.
///
///     kind "text":  {"text":"hello"}
///     kind "image": {"url":…,"name":…,"bytes":…,"width":…,"height":…,"secret":…,"thumbnailURL":…,"inline":…}   (voice, video, file alike)
///     kind "location": {"latitude":…,"longitude":…,"address":…}       kind "face": {"index":…,"data":…}
///     kind "command": {"name":…,"data":…}                             kind "custom": {"type":…,"data":…}
///     kind "combined": {"parts":[{"kind":…,"content":{…}},…]}
extension JSONWriter {
    package mutating func content(_ content: Content) {
        self.object { json in
            switch content {
            case .text(let text): json.field("text", text)
            case .image(let media), .voice(let media), .video(let media), .file(let media): json.members(of: media)
            case .location(let location):
                json.field("latitude", location.latitude)
                json.field("longitude", location.longitude)
                if let address = location.address { json.field("address", address) }
            case .face(let index, let data):
                json.field("index", index)
                json.field("data", data)
            case .command(let name, let data):
                json.field("name", name)
                json.field("data", data)
            case .custom(let type, let data):
                json.field("type", type)
                json.field("data", data)
            case .combined(let parts):
                json.field("parts") { json in
                    json.array(parts) { json, part in
                        json.object {
                            $0.field("kind", part.kind)
                            $0.field("content") { $0.content(part) }
                        }
                    }
                }
            }
        }
    }

    private mutating func members(of media: Media) {
        if let url = media.url { self.field("url", url) }
        if let name = media.name { self.field("name", name) }
        if let bytes = media.bytes { self.field("bytes", bytes) }
        if let mediaType = media.mediaType { self.field("mediaType", mediaType) }
        if let width = media.width { self.field("width", width) }
        if let height = media.height { self.field("height", height) }
        if let seconds = media.seconds { self.field("seconds", seconds) }
        if let secret = media.secret { self.field("secret", secret) }
        if let url = media.thumbnailURL { self.field("thumbnailURL", url) }
        if let secret = media.thumbnailSecret { self.field("thumbnailSecret", secret) }
        if let inline = media.inlineBase64 { self.field("inline", inline) }
    }
}

extension Content {
    /// Nil when the kind is unknown or something it cannot do without is missing.
    package init?(kind: String, json: JSON) {
        switch kind {
        case "text":
            guard let text = json["text"]?.string else { return nil }
            self = .text(text)
        case "image": self = .image(Media(json: json))
        case "voice": self = .voice(Media(json: json))
        case "video": self = .video(Media(json: json))
        case "file": self = .file(Media(json: json))
        case "location":
            guard let latitude = json["latitude"]?.double, let longitude = json["longitude"]?.double else { return nil }
            self = .location(
                Location(latitude: latitude, longitude: longitude, address: json["address"]?.string))
        case "face":
            guard let index = json["index"]?.int else { return nil }
            self = .face(index: Int(index), data: json["data"]?.string ?? "")
        case "command":
            guard let name = json["name"]?.string else { return nil }
            self = .command(name: name, data: json["data"]?.string ?? "")
        case "custom":
            guard let type = json["type"]?.string else { return nil }
            self = .custom(type: type, data: json["data"]?.string ?? "")
        case "combined":
            guard let parts = json["parts"]?.array else { return nil }
            var contents: [Content] = []
            for part in parts {
                guard let kind = part["kind"]?.string, let inner = part["content"],
                    let content = Content(kind: kind, json: inner)
                else { return nil }
                contents.append(content)
            }
            self = .combined(contents)
        default: return nil
        }
    }
}

extension Media {
    fileprivate init(json: JSON) {
        self.init(url: json["url"]?.string, name: json["name"]?.string, bytes: json["bytes"]?.int)
        self.mediaType = json["mediaType"]?.string
        self.width = json["width"]?.int.map(Int.init)
        self.height = json["height"]?.int.map(Int.init)
        self.seconds = json["seconds"]?.double
        self.secret = json["secret"]?.string
        self.thumbnailURL = json["thumbnailURL"]?.string
        self.thumbnailSecret = json["thumbnailSecret"]?.string
        self.inlineBase64 = json["inline"]?.string
    }
}
