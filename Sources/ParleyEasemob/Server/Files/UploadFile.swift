import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Keeps a file for the messages that will point to it: the part `file` of a form, whatever other parts there are. Of a picture a smaller one is made.
///
/// Source: facts/easemob-server.md 2.5 and 6. Clients add `/{uuid}` to the answer's `uri`.
struct UploadFile: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatfiles", "Upload a file", page: "上传文件 (message_upload)")
    static let callers = Callers.applicationOrUser
    static let area = Area.files

    static let maximumBytes = 10 * 1024 * 1024
    private static let defaultThumbnailSide = 170
    private static let maximumThumbnailSide = 2048

    let upload: Upload

    init(_ call: Call) throws {
        let form: Multipart
        do throws(Malformed) {
            form = try Multipart(call.request.body, contentType: call.request.header("Content-Type") ?? "")
        } catch {
            throw Malformed("file", .missing)
        }
        guard let file = form["file"] else { throw Malformed("file", .missing) }
        guard file.bytes.count <= Self.maximumBytes else {
            throw Rejection.fileTooLarge(limitBytes: Self.maximumBytes)
        }
        self.upload = Upload(
            bytes: Array(file.bytes), name: file.fileName, mediaType: file.mediaType,
            isRestricted: call.isSet("restrict-access"),
            thumbnail: (width: Self.side("thumbnail-width", call), height: Self.side("thumbnail-height", call)))
    }

    private static func side(_ header: String, _ call: Call) -> Int {
        guard let side = call.request.header(header).flatMap({ Int($0) }), side > 0 else {
            return Self.defaultThumbnailSide
        }
        return min(side, Self.maximumThumbnailSide)
    }

    func perform(_ call: Call) async throws -> StoredFile {
        try await call.core.files.save(self.upload, in: call.app.id)
    }

    func encode(_ file: StoredFile, _ call: Call) -> Answer {
        .entities([file]) { json, file in
            json.object { json in
                json.field("uuid", file.id)
                json.field("type", "chatfile")
                json.field("share-secret", file.secret)
            }
        }
    }
}

extension Call {
    /// A header that says yes: `true`, or `1` as PHP's SDK has it.
    func isSet(_ header: String) -> Bool {
        let value = self.request.header(header)?.lowercased()
        return value == "true" || value == "1"
    }
}
