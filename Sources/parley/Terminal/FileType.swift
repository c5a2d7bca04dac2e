import Foundation
import ParleyClient

/// What a file is, by its name.
struct FileType: Equatable {
    enum Kind { case image, voice, video, file }

    var kind: Kind
    var mediaType: String

    init(_ path: String) {
        (self.kind, self.mediaType) =
            switch (path as NSString).pathExtension.lowercased() {
            case "jpg", "jpeg": (.image, "image/jpeg")
            case "png": (.image, "image/png")
            case "gif": (.image, "image/gif")
            case "webp": (.image, "image/webp")
            case "mp3": (.voice, "audio/mpeg")
            case "m4a", "aac": (.voice, "audio/mp4")
            case "amr": (.voice, "audio/amr")
            case "wav": (.voice, "audio/wav")
            case "mp4": (.video, "video/mp4")
            case "mov": (.video, "video/quicktime")
            case "txt", "md": (.file, "text/plain")
            case "pdf": (.file, "application/pdf")
            default: (.file, "application/octet-stream")
            }
    }

    func content(_ media: Media) -> Content {
        switch self.kind {
        case .image: .image(media)
        case .voice: .voice(media)
        case .video: .video(media)
        case .file: .file(media)
        }
    }
}
