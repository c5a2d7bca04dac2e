import CPoll
import Glibc

/// One of the generator's connections, to loopback. What is read is handed to ``received(_:)`` in large pieces, without a copy.
class Connection {
    let descriptor: Int32
    /// Looked at before those that are not.
    let isUrgent: Bool
    unowned let poller: Poller
    private(set) var isClosed = false
    private var isConnected = false
    /// The beginning of something that has not come whole.
    private var rest: [UInt8] = []

    /// Begins to connect.
    init(to port: Int, on poller: Poller, isUrgent: Bool = false) throws(BenchFailure) {
        self.poller = poller
        self.isUrgent = isUrgent
        self.descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard self.descriptor >= 0 else { throw BenchFailure("no socket: \(String(cString: strerror(errno)))") }
        var one: Int32 = 1
        setsockopt(
            self.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout.size(ofValue: one)))
        guard Self.connect(self.descriptor, to: port) else {
            let reason = String(cString: strerror(errno))
            Glibc.close(self.descriptor)
            throw BenchFailure("cannot connect to port \(port): \(reason)")
        }
        poller.add(self)
    }

    private static func connect(_ descriptor: Int32, to port: Int) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 || errno == EINPROGRESS
    }

    // MARK: For those who inherit

    func opened() {}
    /// - Returns: how much of it has been dealt with. The rest comes again, with what follows it.
    func received(_ bytes: UnsafeRawBufferPointer) -> Int { bytes.count }
    /// The other side closed it, or it never came to be.
    func closed(_ reason: String) {}

    // MARK: For the poller

    final func happened(_ happenings: UInt32) {
        if !self.isConnected {
            guard happenings & (POLL_FAILED.rawValue | POLL_ENDED.rawValue) == 0 else { return self.end(self.failure) }
            self.isConnected = true
            self.poller.becameWritable(self)
            self.opened()
        }
        if happenings & POLL_READABLE.rawValue != 0 {
            self.read()
        } else if happenings & (POLL_FAILED.rawValue | POLL_ENDED.rawValue) != 0 {
            self.end(self.failure)
        }
    }

    private func read() {
        guard !self.isClosed, let base = self.poller.buffer.baseAddress else { return }
        let kept = self.rest.count
        if kept > 0 {
            self.rest.withUnsafeBytes { self.poller.buffer.copyMemory(from: $0) }
            self.rest.removeAll(keepingCapacity: true)
        }
        let count = recv(self.descriptor, base + kept, Poller.bufferBytes - kept, 0)
        guard count > 0 else {
            if count < 0, errno == EAGAIN { return self.keep(UnsafeRawBufferPointer(start: base, count: kept)) }
            return self.end(count == 0 ? "the server closed it" : String(cString: strerror(errno)))
        }
        let bytes = UnsafeRawBufferPointer(start: base, count: kept + count)
        let consumed = self.received(bytes)
        if consumed < bytes.count { self.keep(UnsafeRawBufferPointer(rebasing: bytes[consumed...])) }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        if !bytes.isEmpty { self.rest.append(contentsOf: bytes) }
    }

    private var failure: String {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout.size(ofValue: code))
        getsockopt(self.descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return String(cString: strerror(code))
    }

    private func end(_ reason: String) {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.poller.remove(self)
        self.closed(reason)
    }

    // MARK: For everyone

    /// What is sent here is small, and the server reads it: it always fits into the kernel's buffer, or the measurement is worth nothing.
    final func send(_ bytes: UnsafeRawBufferPointer) {
        guard !self.isClosed else { return }
        let sent = Glibc.send(self.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if sent != bytes.count { self.end("it takes no more") }
    }

    final func send(_ text: String) {
        var text = text
        text.withUTF8 { self.send(UnsafeRawBufferPointer($0)) }
    }

    /// - Parameter abruptly: as a phone that is gone: the server is told with a reset.
    final func close(abruptly: Bool = false) {
        guard !self.isClosed else { return }
        if abruptly {
            var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                self.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        }
        self.isClosed = true
        self.poller.remove(self)
    }
}

/// What makes a measurement worthless.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
