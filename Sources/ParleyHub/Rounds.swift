import Foundation
import NIOCore
import NIOPosix

/// Runs what comes in turns when the loop has looked at its sockets.
///
/// A loop runs every task that is due before it looks at them again, and then those that have become due meanwhile, and so on: a turn that was a task, due a
/// moment later, kept a busy loop from its sockets for hundreds of milliseconds. So the next turn is a byte in a pipe, which the loop finds where it finds what
/// has come in. Used on the loop only.
final class Rounds {
    private let loop: any EventLoop
    /// Where there is no pipe: more than nothing, so that it comes after what is due now.
    private let gap: TimeAmount
    private var tasks: [() -> Void] = []
    /// Tasks that come while others run are for the next time round.
    private var isRung = false
    private var bell = Bell.notMade

    private enum Bell {
        case notMade
        /// Not yet, not any more, or never: a loop that is turned by hand has no sockets.
        case none
        case pipe(PipeEnd, any Channel)
    }

    init(on loop: any EventLoop, gap: TimeAmount) {
        self.loop = loop
        self.gap = gap
    }

    /// Runs `task` the next time round.
    func next(_ task: @escaping () -> Void) {
        self.tasks.append(task)
        guard !self.isRung else { return }
        self.isRung = true
        if case .notMade = self.bell { self.makePipe() }
        if case .pipe(let end, _) = self.bell, end.ring() { return }
        self.schedule()
    }

    private func schedule() {
        let bound = NIOLoopBound(self, eventLoop: self.loop)
        // Behind everything that waits already.
        self.loop.execute {
            bound.value.loop.scheduleTask(in: bound.value.gap) { bound.value.run() }
        }
    }

    fileprivate func run() {
        self.isRung = false
        for task in exchange(&self.tasks, for: []) { task() }
    }

    // MARK: The pipe

    private func makePipe() {
        self.bell = .none
        guard let bootstrap = NIOPipeBootstrap(validatingGroup: self.loop) else { return }
        guard let (input, output) = PipeEnd.pair() else {
            self.bell = .notMade
            return
        }
        let bound = NIOLoopBound(self, eventLoop: self.loop)
        bootstrap.channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RingHandler(bound.value))
                }
            }
            .takingOwnershipOfDescriptor(input: input)
            // A failure is of a loop that ends; by then the channel has closed what it was given.
            .whenSuccess { channel in
                if channel.isActive { bound.value.bell = .pipe(output, channel) }
            }
    }

    /// Closes the pipe, which otherwise is open as long as the loop runs.
    func end() {
        if case .pipe(_, let channel) = self.bell { channel.close(promise: nil) }
    }

    fileprivate func pipeEnded() {
        self.bell = .none
        if self.isRung { self.schedule() }
    }
}

/// The end that is written to; when nobody has it any more the other ends too.
private final class PipeEnd: Sendable {
    private let descriptor: CInt

    private init(_ descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(self.descriptor) }

    /// Nil: there are no descriptors left.
    static func pair() -> (input: CInt, output: PipeEnd)? {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
        }
        return (ends[0], PipeEnd(ends[1]))
    }

    func ring() -> Bool {
        var byte: UInt8 = 0
        return write(self.descriptor, &byte, 1) == 1
    }
}

private final class RingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Until the pipe ends.
    private var rounds: Rounds?

    init(_ rounds: Rounds) { self.rounds = rounds }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.rounds?.run() }

    func channelInactive(context: ChannelHandlerContext) {
        exchange(&self.rounds, for: nil)?.pipeEnded()
        context.fireChannelInactive()
    }
}
