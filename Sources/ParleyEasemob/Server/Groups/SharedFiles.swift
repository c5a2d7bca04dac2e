import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Files that the members of a group or chat room share. They are kept as long as those in messages. Source: facts/easemob-server.md 3.8.

/// As it was when it was shared.
struct SharedFile: Sendable {
    let id: String
    let owner: UserID
    let createdAt: Timestamp
    let byteCount: Int
    let name: String

    init(_ file: StoredFile, by owner: UserID) {
        self.id = file.id
        self.owner = owner
        self.createdAt = file.createdAt
        self.byteCount = file.byteCount
        self.name = file.name ?? file.id
    }

    /// As it is written in the group: `1700000000000 959 alice index.html`.
    fileprivate var note: String { "\(self.createdAt.milliseconds) \(self.byteCount) \(self.owner) \(self.name)" }

    fileprivate init?(_ id: String, _ note: String) {
        let words = note.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count == 4, let createdAt = Int64(words[0]), let byteCount = Int(words[1]) else { return nil }
        self.id = id
        self.owner = UserID(String(words[2]))
        self.createdAt = Timestamp(milliseconds: createdAt)
        self.byteCount = byteCount
        self.name = String(words[3])
    }
}

extension Group {
    /// More are not shared in one group at a time.
    fileprivate static let maximumSharedFiles = 500

    /// Newest first.
    fileprivate var sharedFiles: [SharedFile] {
        self.listed(in: .files).compactMap { SharedFile($0.key, $0.value) }
            .sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
    }

    fileprivate func sharedFile(_ id: String) -> SharedFile? {
        self.note(of: id, in: .files).flatMap { SharedFile(id, $0) }
    }
}

struct ListSharedFiles<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path)/share_files", "List the files shared in a \(Kind.noun)",
            page: "获取\(Kind.word)共享文件 (\(Kind.page)_file)")
    }

    let right = Right.member
    let pageNumber: Int
    let pageSize: Int

    init(_ call: Call) {
        self.pageNumber = call.number("pagenum", default: 1, in: 1...Int(Int32.max))
        self.pageSize = call.number("pagesize", default: 1000, in: 1...1000)
    }

    func perform(_ call: Call, in group: GroupSnapshot) -> [SharedFile] {
        Array(group.group.sharedFiles.dropFirst((self.pageNumber - 1) * self.pageSize).prefix(self.pageSize))
    }

    func encode(_ files: [SharedFile], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(files) { json, file in
                json.object { json in
                    json.field("file_id", file.id)
                    json.field("file_name", file.name)
                    json.field("file_owner", file.owner.rawValue)
                    json.field("file_size", file.byteCount)
                    json.field("created", file.createdAt.milliseconds)
                }
            }
        }
        .noEntities().params(call.query).count(files.count)
    }
}

struct ShareFile<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/share_files", "Share a file in a \(Kind.noun)",
            page: "上传\(Kind.word)共享文件 (\(Kind.page)_file)")
    }

    let right = Right.member
    let upload: Upload

    init(_ call: Call) throws {
        var upload: Upload
        do {
            upload = try UploadFile(call).upload
        } catch is Malformed {
            throw Refusal.illegalArgument("file must be provided.")
        }
        // Only who is in the group may have it, through the group.
        upload.isRestricted = true
        self.upload = upload
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> SharedFile {
        guard group.group.listed(in: .files).count < Group.maximumSharedFiles else {
            throw Refusal.exceedsLimit("shared files exceed the limit \(Group.maximumSharedFiles)")
        }
        let file = SharedFile(try await call.core.files.save(self.upload, in: call.app.id), by: call.actor)
        try await call.core.changeGroup(
            group.group.id, in: call.app.id, by: call.callingUser, as: .file(file.id, isShared: true)
        ) { $0.enlist(file.id, in: .files, file.note) }
        return file
    }

    func encode(_ file: SharedFile, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("file_url", "\(call.uri)/\(file.id)")
                json.field("group_id", call.parameter(Kind.parameter))
                json.field("file_name", file.name)
                json.field("created", file.createdAt.milliseconds)
                json.field("file_id", file.id)
                json.field("file_size", file.byteCount)
            }
        }
        .noEntities()
    }
}

struct DownloadSharedFile<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path)/share_files/{file_id}", "Download a file shared in a \(Kind.noun)",
            page: "下载\(Kind.word)共享文件 (\(Kind.page)_file)")
    }

    let right = Right.member

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> DownloadFile.File {
        let shared = try call.sharedFile(in: group)
        guard let file = try await call.core.files.file(shared.id, in: call.app.id) else {
            throw Refusal.sharedFileNotFound(shared.id)
        }
        guard file.expiresAt > call.now else { throw Refusal.fileExpired(file.id) }
        let bytes = try await call.core.files.bytes(of: file, thumbnail: false)
        return DownloadFile.File(stored: file, bytes: bytes, isThumbnail: false)
    }

    func encode(_ file: DownloadFile.File, _ call: Call) -> Answer { .file(file) }
}

/// Who shared it may take it back, and so may administrators.
struct DeleteSharedFile<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "\(Kind.path)/share_files/{file_id}", "Delete a file shared in a \(Kind.noun)",
            page: "删除\(Kind.word)共享文件 (\(Kind.page)_file)")
    }

    let right = Right.member

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        let file = try call.sharedFile(in: group)
        if file.owner != call.callingUser { try call.require(.administrator, in: group) }
        try await call.core.changeGroup(
            group.group.id, in: call.app.id, by: call.callingUser, as: .file(file.id, isShared: false)
        ) { $0.strike(file.id, from: .files) }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("group_id", call.parameter(Kind.parameter))
                if Kind.self == ChatRooms.self { json.field("id", call.parameter(Kind.parameter)) }
                json.field("file_id", call.parameter("file_id"))
                json.field("result", true)
            }
        }
        .noEntities()
    }
}

extension Call {
    /// The one that the path names.
    fileprivate func sharedFile(in group: GroupSnapshot) throws(Refusal) -> SharedFile {
        let id = self.parameter("file_id").lowercased()
        guard let file = group.group.sharedFile(id) else { throw .sharedFileNotFound(id) }
        return file
    }
}

extension Refusal {
    fileprivate static func sharedFileNotFound(_ id: String) -> Refusal {
        Refusal(
            .notFound, "resource_not_found", "share file \(id) does not exist!", exception: "RestGroupFeignException")
    }
}
