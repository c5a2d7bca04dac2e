import Foundation
import NIOCore
import NIOEmbedded
import NIOPosix
import Synchronization
import Testing

@testable import ParleyHub

/// What comes in turns leaves room for the sockets.
struct RoundTests {
    /// What happened on the loop, in order.
    private final class Diary: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let lines = Mutex<[String]>([])

        func write(_ line: String) { self.lines.withLock { $0.append(line) } }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.write("socket") }
    }

    /// Tasks are due all the time, for a while: the second round comes when the socket has been looked at, and not between them.
    @Test(.timeLimit(.minutes(1))) func aBusyLoopLooksAtItsSocketsBetweenTwoRounds() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let diary = Diary()
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let output = ends[1]
        let channel = try await NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in channel.pipeline.addHandler(diary) }
            .takingOwnershipOfDescriptor(input: ends[0]).get()
        let promise = loop.makePromise(of: Void.self)
        loop.execute {
            let rounds = Rounds(on: loop, gap: .microseconds(20))
            let until = loop.now + .milliseconds(20)
            @Sendable func beBusy() {
                diary.write("task")
                if loop.now < until { loop.execute(beBusy) }
            }
            var byte: UInt8 = 0
            write(output, &byte, 1)
            beBusy()
            rounds.next {
                diary.write("round")
                beBusy()
                rounds.next {
                    diary.write("round")
                    rounds.end()
                    promise.succeed()
                }
            }
        }
        try await promise.futureResult.get()
        let lines = diary.lines.withLock { $0 }.filter { $0 != "task" }
        #expect(lines.last == "round")
        #expect(lines.sorted() == ["round", "round", "socket"])
        try await channel.close().get()
        close(output)
        try await group.shutdownGracefully()
    }

    @Test func whatIsAddedInARoundIsForTheNext() {
        let loop = EmbeddedEventLoop()
        let rounds = Rounds(on: loop, gap: .microseconds(20))
        var lines: [String] = []
        rounds.next {
            lines.append("1")
            rounds.next { lines.append("3") }
        }
        rounds.next { lines.append("2") }
        loop.takeTurn()
        #expect(lines == ["1", "2"])
        loop.takeTurn()
        #expect(lines == ["1", "2", "3"])
    }
}
