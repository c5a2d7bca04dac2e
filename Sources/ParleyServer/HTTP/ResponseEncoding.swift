import Foundation
import NIOCore
import NIOHTTP1
import ParleyDialectKit

extension WireResponse {
    /// The whole answer as one buffer: one write, one system call.
    func encoded(
        for method: HTTPMethod, requestID: String, date: String, keepsAlive: Bool, isHTTP10: Bool,
        allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: 256 + self.body.count)
        buffer.writeString("HTTP/1.1 ")
        buffer.writeString(String(self.status.code))
        buffer.writeString(" ")
        buffer.writeString(self.status.reasonPhrase)
        buffer.writeString("\r\nContent-Type: ")
        buffer.writeString(self.contentType)
        buffer.writeString("\r\nContent-Length: ")
        buffer.writeString(String(self.body.count))
        buffer.writeString("\r\nDate: ")
        buffer.writeString(date)
        buffer.writeString("\r\nX-Request-ID: ")
        buffer.writeString(requestID)
        for (name, value) in self.headers {
            buffer.writeString("\r\n")
            buffer.writeString(name)
            buffer.writeString(": ")
            buffer.writeString(value)
        }
        if !keepsAlive {
            buffer.writeString("\r\nConnection: close")
        } else if isHTTP10 {
            buffer.writeString("\r\nConnection: keep-alive")
        }
        buffer.writeString("\r\n\r\n")
        if method != .HEAD { buffer.writeBytes(self.body) }
        return buffer
    }
}

/// The `Date` header, made once a second for each event loop.
final class HTTPDate {
    private var second: Int = 0
    private var text = ""

    func now() -> String {
        let present = time(nil)
        guard present != self.second else { return self.text }
        self.second = present
        var parts = tm()
        var moment = present
        gmtime_r(&moment, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        self.text =
            "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
        return self.text
    }
}
