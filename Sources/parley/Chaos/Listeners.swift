import Foundation
import NIOCore
import NIOPosix
import ParleyClient
import Synchronization

/// Sockets of one group that read as slowly as they are told, and count what they get.
final class Listeners: Sendable {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let channels = Mutex<[any Channel]>([])
    private let counts = Mutex((ready: 0, closed: 0, messages: 0))

    var ready: Int { self.counts.withLock { $0.ready } }
    var closed: Int { self.counts.withLock { $0.closed } }
    var messages: Int { self.counts.withLock { $0.messages } }

    func join(port: Int, targets: [String]) async throws {
        for target in targets {
            let channel = try await ClientBootstrap(group: self.loop)
                // Small, so that the kernel does not take all that is sent in the reader's place.
                .channelOption(.socketOption(.so_rcvbuf), value: 16 << 10)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let socket = FrameSocket(target: target, host: "127.0.0.1", listener: Counter(self))
                        try channel.pipeline.syncOperations.addHandler(socket)
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            self.channels.withLock { $0.append(channel) }
        }
    }

    /// From now on they take nothing.
    func stick() async {
        for channel in self.channels.withLock({ $0 }) { try? await channel.setOption(.autoRead, value: false).get() }
    }

    /// They take one bite each, at most so many bytes.
    func bite(_ bytes: Int) async {
        for channel in self.channels.withLock({ $0 }) {
            try? await channel.setOption(.maxMessagesPerRead, value: 1).get()
            try? await channel.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: bytes)).get()
            channel.read()
        }
    }

    /// They read on as they can.
    func recover() async {
        for channel in self.channels.withLock({ $0 }) {
            try? await channel.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 << 10))
                .get()
            try? await channel.setOption(.autoRead, value: true).get()
            channel.read()
        }
    }

    func leave() async {
        for channel in self.channels.withLock({ $0 }) { try? await channel.close().get() }
    }

    private final class Counter: FrameSocket.Listener {
        private let all: Listeners
        init(_ all: Listeners) { self.all = all }
        func opened() {}
        func refused(_ answer: String) {}
        func receivedAll() {}
        func closed() { self.all.counts.withLock { $0.closed += 1 } }

        func received(_ frame: UnsafeRawBufferPointer) {
            if frame.starts(with: Array(#"{"type":"ready""#.utf8)) { self.all.counts.withLock { $0.ready += 1 } }
            if frame.starts(with: Array(#"{"type":"message""#.utf8)) { self.all.counts.withLock { $0.messages += 1 } }
        }
    }
}
