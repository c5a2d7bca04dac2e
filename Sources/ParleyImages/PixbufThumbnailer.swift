import CGdkPixbuf
import ParleyCore

/// Thumbnails by gdk-pixbuf of JPEG, PNG, GIF and BMP, and of WebP where its loader is installed.
///
/// The picture is made smaller while it is read, turned as its camera says, and never larger than it was. What has transparency becomes a PNG,
/// anything else a JPEG. Blocks for as long as decoding takes (a tenth of a second for twelve megapixels).
package struct PixbufThumbnailer: Thumbnailer {
    private let pixelLimit: Int
    private let jpegQuality: Int

    /// - Parameter pixelLimit: larger pictures are not read: a few hundred kilobytes of PNG can claim gigabytes of pixels.
    package init(pixelLimit: Int = 50_000_000, jpegQuality: Int = 80) {
        self.pixelLimit = pixelLimit
        self.jpegQuality = jpegQuality
    }

    package func thumbnail(of bytes: [UInt8], width: Int, height: Int) -> [UInt8]? {
        guard width > 0, height > 0, !bytes.isEmpty else { return nil }
        let box = Box(width: width, height: height, pixelLimit: self.pixelLimit)
        guard let picture = PictureLoader(box).load(bytes) else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(picture)) }
        // Turned pictures were read into a box that lies the other way: see `Box.loading(width:height:)`.
        guard let upright = gdk_pixbuf_apply_embedded_orientation(picture) else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(upright)) }
        guard let fitted = Self.fit(upright, in: box) else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(fitted)) }
        return self.encode(fitted)
    }

    /// Loaders may ignore the size that was asked for, and a picture that is turned can stand out of the box.
    private static func fit(_ picture: OpaquePointer, in box: Box) -> OpaquePointer? {
        let (width, height) = (Int(gdk_pixbuf_get_width(picture)), Int(gdk_pixbuf_get_height(picture)))
        let size = box.fitted(width: width, height: height)
        guard size != (width, height) else {
            g_object_ref(UnsafeMutableRawPointer(picture))
            return picture
        }
        return gdk_pixbuf_scale_simple(picture, gint(size.width), gint(size.height), GDK_INTERP_BILINEAR)
    }

    private func encode(_ picture: OpaquePointer) -> [UInt8]? {
        gdk_pixbuf_get_has_alpha(picture) != 0
            ? Self.encode(picture, as: "png", options: [])
            : Self.encode(picture, as: "jpeg", options: [("quality", String(self.jpegQuality))])
    }

    private static func encode(_ picture: OpaquePointer, as type: String, options: [(String, String)]) -> [UInt8]? {
        var keys: [UnsafeMutablePointer<CChar>?] = options.map { g_strdup($0.0) } + [nil]
        var values: [UnsafeMutablePointer<CChar>?] = options.map { g_strdup($0.1) } + [nil]
        defer { for text in keys + values { g_free(text) } }
        var buffer: UnsafeMutablePointer<gchar>?
        var count: gsize = 0
        guard gdk_pixbuf_save_to_bufferv(picture, &buffer, &count, type, &keys, &values, nil) != 0, let buffer else {
            return nil
        }
        defer { g_free(buffer) }
        return Array(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
    }
}
