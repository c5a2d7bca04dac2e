import CGdkPixbuf

/// One reading of one picture, piece by piece, so that what turns out to be too large or no picture is left as soon as that is seen.
final class PictureLoader {
    private let box: Box
    private var isRefused = false

    init(_ box: Box) { self.box = box }

    /// - Returns: the first picture, to be released by the caller; nil when there is none, or not all of it, or no loader for it.
    func load(_ bytes: [UInt8]) -> OpaquePointer? {
        guard let type = PictureType(bytes), let loader = gdk_pixbuf_loader_new_with_type(type.rawValue, nil) else {
            return nil
        }
        defer { g_object_unref(UnsafeMutableRawPointer(loader)) }
        let handler: @convention(c) (UnsafeMutablePointer<GdkPixbufLoader>?, gint, gint, gpointer?) -> Void = {
            loader, width, height, this in
            Unmanaged<PictureLoader>.fromOpaque(this!).takeUnretainedValue()
                .prepare(loader!, width: Int(width), height: Int(height))
        }
        g_signal_connect_data(
            UnsafeMutableRawPointer(loader), "size-prepared", unsafeBitCast(handler, to: GCallback.self),
            Unmanaged.passUnretained(self).toOpaque(), nil, GConnectFlags(rawValue: 0))

        let isRead = self.write(bytes, to: loader)
        // Must be closed in any case before it is released; false also when the picture ends too early.
        let isComplete = gdk_pixbuf_loader_close(loader, nil) != 0
        guard isRead, isComplete, !self.isRefused, let picture = gdk_pixbuf_loader_get_pixbuf(loader) else {
            return nil
        }
        g_object_ref(UnsafeMutableRawPointer(picture))
        return picture
    }

    private func write(_ bytes: [UInt8], to loader: UnsafeMutablePointer<GdkPixbufLoader>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = min(64 << 10, bytes.count - offset)
                guard gdk_pixbuf_loader_write(loader, bytes.baseAddress! + offset, gsize(count), nil) != 0,
                    !self.isRefused
                else { return false }
                offset += count
            }
            return true
        }
    }

    private func prepare(_ loader: UnsafeMutablePointer<GdkPixbufLoader>, width: Int, height: Int) {
        guard self.box.admits(width: width, height: height) else {
            self.isRefused = true
            // The way to stop a loader from here: asked for nothing, it ends with an error before it takes memory for pixels.
            gdk_pixbuf_loader_set_size(loader, 0, 0)
            return
        }
        let size = self.box.loading(width: width, height: height)
        gdk_pixbuf_loader_set_size(loader, gint(size.width), gint(size.height))
    }
}
