import Foundation
import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct FileTests {
    private struct Halves: Thumbnailer {
        func thumbnail(of bytes: [UInt8], width: Int, height: Int) -> [UInt8]? {
            bytes.first == 1 ? [UInt8(width), UInt8(height)] : nil
        }
    }

    private func upload(_ bytes: [UInt8], restricted: Bool = false) -> Upload {
        Upload(bytes: bytes, name: "a.png", mediaType: "image/png", isRestricted: restricted, thumbnail: (17, 18))
    }

    @Test(arguments: Place.allCases)
    func aFileComesBackAsItWas(_ place: Place) async throws {
        let scene = try Scene(place)
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        let file = try await scene.store.save(self.upload(bytes, restricted: true), in: Scene.app)
        #expect(file.byteCount == 100_000 && file.isRestricted && !file.hasThumbnail)
        #expect(file.name == "a.png" && file.mediaType == "image/png")
        #expect(UUID(uuidString: file.id)?.uuidString.lowercased() == file.id)
        #expect(file.expiresAt == scene.clock.now().adding(seconds: 7 * 24 * 3600))
        #expect(file.secret.count >= 32 && file.secret.allSatisfy { $0.isLetter || $0.isNumber || "-_".contains($0) })
        #expect(try await scene.store.file(file.id, in: Scene.app) == file)
        #expect(try await scene.store.file(file.id, in: AppID("other")) == nil)
        #expect(try await scene.store.bytes(of: file, thumbnail: false) == bytes)
        #expect(try await scene.store.bytes(of: file, thumbnail: true) == bytes)

        let empty = try await scene.store.save(self.upload([]), in: Scene.app)
        #expect(try await scene.store.bytes(of: empty, thumbnail: false).isEmpty)
        #expect(empty.secret != file.secret)
    }

    @Test(arguments: Place.allCases)
    func onlyLargePicturesHaveThumbnails(_ place: Place) async throws {
        let scene = try Scene(place, thumbnailer: Halves())
        let picture = try await scene.store.save(self.upload(Array(repeating: 1, count: 10_241)), in: Scene.app)
        let other = try await scene.store.save(self.upload(Array(repeating: 2, count: 10_241)), in: Scene.app)
        let small = try await scene.store.save(self.upload(Array(repeating: 1, count: 10_240)), in: Scene.app)
        #expect([picture, other, small].map(\.hasThumbnail) == [true, false, false])
        #expect(try await scene.store.bytes(of: picture, thumbnail: true) == [17, 18])
        #expect(try await scene.store.bytes(of: picture, thumbnail: false).count == 10_241)
    }

    @Test(arguments: Place.allCases)
    func whatHasAnIdOfItsOwnIsKeptOnce(_ place: Place) async throws {
        let scene = try Scene(place)
        let (week, id) = (Int64(7 * 24 * 3600), "0123abcd-0000-8000-8000-000000000001")
        func save() async throws -> StoredFile {
            var upload = self.upload([1, 2, 3], restricted: true)
            upload.id = id
            return try await scene.store.save(upload, in: Scene.app)
        }
        let first = try await save()
        #expect(first.id == id)
        scene.clock.advance(seconds: 60)
        // Also at once.
        async let (second, third) = (save(), save())
        for again in try await [second, third] {
            #expect(again.secret == first.secret && again.createdAt == first.createdAt)
            #expect(again.expiresAt == scene.clock.now().adding(seconds: week))
            #expect(try await scene.store.file(id, in: Scene.app) == again)
        }
        _ = try await scene.store.keep([id], in: Scene.app, .endless)
        #expect(try await save().expiresAt == .distantFuture)
        _ = try await scene.store.keep([id], in: Scene.app, .renewed)
        // One that has expired is not there any more, purged or not.
        scene.clock.advance(seconds: week)
        let next = try await save()
        #expect(next.secret != first.secret && next.createdAt == scene.clock.now())
        try await scene.store.maintain()
        #expect(try await scene.store.bytes(of: next, thumbnail: false) == [1, 2, 3])
    }

    @Test(arguments: Place.allCases)
    func aFileThatIsTooLargeIsRefused(_ place: Place) async throws {
        let scene = try Scene(place) { $0.fileByteLimit = 3 }
        _ = try await scene.store.save(self.upload([1, 2, 3]), in: Scene.app)
        await #expect(throws: Rejection.fileTooLarge(limitBytes: 3)) {
            try await scene.store.save(self.upload([1, 2, 3, 4]), in: Scene.app)
        }
    }

    @Test(arguments: Place.allCases)
    func filesAreKeptForAnotherTimeThanUsual(_ place: Place) async throws {
        let scene = try Scene(place)
        let (week, begun) = (Int64(7 * 24 * 3600), scene.clock.now())
        let file = try await scene.store.save(self.upload([1]), in: Scene.app)
        let other = try await scene.store.save(self.upload([2]), in: Scene.app)
        func end(_ lifetime: FileLifetime) async throws -> Timestamp? {
            #expect(try await scene.store.keep([file.id, "none"], in: Scene.app, lifetime) == [file.id])
            return try await scene.store.file(file.id, in: Scene.app)?.expiresAt
        }
        scene.clock.advance(seconds: 60)
        #expect(try await end(.renewed) == begun.adding(seconds: week + 60))
        #expect(try await end(.endless) == .distantFuture)
        #expect(try await scene.store.keep([file.id], in: AppID("other"), .usual).isEmpty)
        #expect(try await end(.usual) == begun.adding(seconds: week))
        #expect(try await scene.store.file(other.id, in: Scene.app) == other)
        scene.clock.advance(seconds: week)
        #expect(try await scene.store.keep([file.id], in: Scene.app, .endless).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func expiredFilesGoWithTheirBytes(_ place: Place) async throws {
        let scene = try Scene(place, thumbnailer: Halves())
        let old = try await scene.store.save(self.upload(Array(repeating: 1, count: 10_241)), in: Scene.app)
        scene.clock.advance(seconds: 3600)
        let new = try await scene.store.save(self.upload([2]), in: Scene.app)
        scene.clock.advance(seconds: 7 * 24 * 3600 - 3600)
        try await scene.store.maintain()
        #expect(try await scene.store.file(old.id, in: Scene.app) == nil)
        for thumbnail in [true, false] {
            await #expect(throws: Rejection.fileNotFound) {
                try await scene.store.bytes(of: old, thumbnail: thumbnail)
            }
        }
        #expect(try await scene.store.bytes(of: new, thumbnail: false) == [2])
    }

    @Test(arguments: Place.allCases)
    func idsThatAreNotOursReachNoOtherFile(_ place: Place) async throws {
        let scene = try Scene(place)
        var file = try await scene.store.save(self.upload([1]), in: Scene.app)
        for id in ["", "../../parley.sqlite", "..%2f..%2fparley.sqlite", String(repeating: "/", count: 36), "é"] {
            file.id = id
            await #expect(throws: Rejection.fileNotFound) { try await scene.store.bytes(of: file, thumbnail: false) }
        }
    }
}
