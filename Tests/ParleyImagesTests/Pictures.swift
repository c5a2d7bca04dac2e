import CGdkPixbuf

/// Small pictures, made as they are needed.
enum Pictures {
    /// A gradient, so that it does not shrink to nothing.
    static func make(_ width: Int, _ height: Int, alpha: Bool = false, as type: String) -> [UInt8] {
        let picture = gdk_pixbuf_new(GDK_COLORSPACE_RGB, alpha ? 1 : 0, 8, gint(width), gint(height))!
        defer { g_object_unref(UnsafeMutableRawPointer(picture)) }
        let stride = Int(gdk_pixbuf_get_rowstride(picture))
        let channels = alpha ? 4 : 3
        let pixels = gdk_pixbuf_get_pixels(picture)!
        for y in 0..<height {
            for x in 0..<width {
                let pixel = pixels + y * stride + x * channels
                pixel[0] = UInt8(x * 255 / width)
                pixel[1] = UInt8(y * 255 / height)
                pixel[2] = UInt8((x ^ y) & 255)
                if alpha { pixel[3] = UInt8(x * 255 / width) }
            }
        }
        var keys: [UnsafeMutablePointer<CChar>?] = [nil]
        var values: [UnsafeMutablePointer<CChar>?] = [nil]
        var buffer: UnsafeMutablePointer<gchar>?
        var count: gsize = 0
        precondition(gdk_pixbuf_save_to_bufferv(picture, &buffer, &count, type, &keys, &values, nil) != 0)
        defer { g_free(buffer) }
        return Array(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
    }

    /// A JPEG whose camera says how it was held (EXIF orientation 1...8).
    static func jpeg(_ width: Int, _ height: Int, orientation: UInt8) -> [UInt8] {
        let jpeg = self.make(width, height, as: "jpeg")
        let exif: [UInt8] =
            Array("Exif\0\0MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]
            + [0, 0, 0, 0]
        let segment: [UInt8] = [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif
        return Array(jpeg[..<2]) + segment + jpeg[2...]
    }

    /// One transparent pixel.
    static let gif: [UInt8] = [
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x21, 0xF9, 4, 1, 0, 0, 0,
        0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
    ]

    /// A PNG that says it is so large, and has a row or two of it.
    static func pngClaiming(width: UInt32, height: UInt32) -> [UInt8] {
        var png = self.make(16, 16, as: "png")
        for (place, value) in [(16, width), (20, height)] {
            for byte in 0..<4 { png[place + byte] = UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32(byte))) }
        }
        let checksum = self.checksum(png[12..<29])
        for byte in 0..<4 { png[29 + byte] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * UInt32(byte))) }
        return png
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF as UInt32) { checksum, byte in
            (0..<8).reduce(checksum ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
            }
        }
    }

    /// What a picture is, by gdk's own reading of it.
    static func describe(_ bytes: [UInt8]) -> (type: String, width: Int, height: Int, hasAlpha: Bool)? {
        guard let loader = gdk_pixbuf_loader_new() else { return nil }
        defer { g_object_unref(UnsafeMutableRawPointer(loader)) }
        guard gdk_pixbuf_loader_write(loader, bytes, gsize(bytes.count), nil) != 0,
            gdk_pixbuf_loader_close(loader, nil) != 0, let picture = gdk_pixbuf_loader_get_pixbuf(loader),
            let format = gdk_pixbuf_loader_get_format(loader), let name = gdk_pixbuf_format_get_name(format)
        else { return nil }
        defer { g_free(name) }
        return (
            String(cString: name), Int(gdk_pixbuf_get_width(picture)), Int(gdk_pixbuf_get_height(picture)),
            gdk_pixbuf_get_has_alpha(picture) != 0
        )
    }
}
