import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The elements of a message: `[{"MsgType":…,"MsgContent":{…}},…]`, checked against the vendor's table (facts/tencent-im.md, section 3).
struct MsgBody: Sendable {
    let json: JSON
    let content: Content

    /// - Throws: ``Malformed`` naming the element and the field in it.
    init(_ fields: Fields) throws(Malformed) {
        let items = try fields.items("MsgBody", limit: Int.max)
        guard let (_, json) = fields.value("MsgBody"), !items.isEmpty else {
            throw Malformed(fields.name("MsgBody"), .missing)
        }
        var customElements = 0
        for (path, item) in items {
            let type = try Self.check(item, at: path)
            if type == "TIMCustomElem" { customElements += 1 }
            // The vendor allows one custom element a message; the others as many as there is room for.
            if customElements > 1 { throw Malformed(path, .notAllowed(with: "another TIMCustomElem")) }
        }
        self.json = json
        self.content = Content(msgBody: items.map(\.value))
    }

    /// What is shown when a push gives no text of its own. Only custom elements have something to say that the common form does not know.
    var customPush: (text: String, data: String?)? {
        let elements = self.json.array ?? []
        guard let custom = elements.first(where: { $0["MsgType"]?.string == "TIMCustomElem" })?["MsgContent"],
            let text = custom["Desc"]?.string, !text.isEmpty
        else { return nil }
        let parts = elements.map { element -> String in
            element["MsgType"]?.string == "TIMCustomElem" ? text : Content(element: element).summary
        }
        return (parts.joined(), custom["Ext"]?.string)
    }

    private static func check(_ item: JSON, at path: String) throws(Malformed) -> String {
        let element = try Fields(item, at: path)
        let type = try element.string("MsgType")
        guard let shape = Self.shapes[type] else { throw Malformed(element.name("MsgType"), .invalid) }
        guard let content = try element.object("MsgContent") else {
            throw Malformed(element.name("MsgContent"), .missing)
        }
        try shape.check(content)
        return type
    }

    private static let shapes: [String: Shape] = [
        "TIMTextElem": Shape(required: ["Text": .string]),
        "TIMFaceElem": Shape(required: ["Index": .integer], optional: ["Data": .string]),
        "TIMCustomElem": Shape(optional: ["Data": .string, "Desc": .string, "Ext": .string, "Sound": .string]),
        "TIMLocationElem": Shape(
            required: ["Latitude": .number, "Longitude": .number], optional: ["Desc": .string]),
        // Older SDKs send an UUID without an address.
        "TIMSoundElem": Shape(
            optional: [
                "Url": .string, "UUID": .string, "Size": .integer, "Second": .number, "Download_Flag": .integer,
            ], oneOf: ["Url", "UUID"]),
        "TIMFileElem": Shape(
            optional: [
                "Url": .string, "UUID": .string, "FileSize": .integer, "FileName": .string, "Download_Flag": .integer,
            ], oneOf: ["Url", "UUID"]),
        "TIMVideoFileElem": Shape(
            optional: [
                "VideoUrl": .string, "VideoUUID": .string, "VideoSize": .integer, "VideoSecond": .number,
                "VideoFormat": .string, "VideoDownloadFlag": .integer, "ThumbUrl": .string, "ThumbUUID": .string,
                "ThumbSize": .integer, "ThumbWidth": .integer, "ThumbHeight": .integer, "ThumbFormat": .string,
                "ThumbDownloadFlag": .integer,
            ], oneOf: ["VideoUrl", "VideoUUID"]),
        "TIMImageElem": Shape(
            required: ["ImageInfoArray": .list],
            optional: ["UUID": .string, "ImageFormat": .integer],
            items: [
                "ImageInfoArray": Shape(
                    required: ["Type": .integer, "URL": .string],
                    optional: ["Size": .integer, "Width": .integer, "Height": .integer])
            ]),
        "TIMRelayElem": Shape(
            optional: [
                "Title": .string, "MsgNum": .integer, "CompatibleText": .string, "AbstractList": .list,
                "MsgList": .list, "JsonMsgKey": .string,
            ], oneOf: ["MsgList", "JsonMsgKey"]),
    ]
}

/// What an object of the vendor's is made of. Fields that are not named here are ignored.
struct Shape: Sendable {
    enum Kind: Sendable {
        case string, integer, number, list, object
    }

    var required: KeyValuePairs<String, Kind> = [:]
    var optional: KeyValuePairs<String, Kind> = [:]
    /// At least one of these must be there.
    var oneOf: [String] = []
    /// What the items of a list are made of.
    var items: [String: Shape] = [:]

    func check(_ fields: Fields) throws(Malformed) {
        for (name, kind) in self.required {
            guard let (path, value) = fields.value(name) else { throw Malformed(fields.name(name), .missing) }
            try kind.check(value, at: path)
        }
        for (name, kind) in self.optional {
            if let (path, value) = fields.value(name) { try kind.check(value, at: path) }
        }
        if let first = self.oneOf.first, !self.oneOf.contains(where: { fields.value($0) != nil }) {
            throw Malformed(fields.name(first), .missing)
        }
        for (name, shape) in self.items {
            let items = try fields.objects(name, limit: Int.max)
            if items.isEmpty, self.required.contains(where: { $0.key == name }) {
                throw Malformed(fields.name(name), .missing)
            }
            for item in items { try shape.check(item) }
        }
    }
}

extension Shape.Kind {
    func check(_ value: JSON, at path: String) throws(Malformed) {
        let fits =
            switch self {
            case .string: value.kind == .string
            case .integer: value.int != nil
            case .number: value.double?.isFinite == true
            case .list: value.kind == .array
            case .object: value.kind == .object
            }
        guard fits else { throw Malformed(path, .invalid) }
    }
}
