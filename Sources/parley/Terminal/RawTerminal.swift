import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The terminal that this process runs in, switched so that each key comes at once and is not shown; and switched back, whatever happens.
enum RawTerminal {
    /// What it was like before, for signal handlers too: those may only read it and call what is safe in them.
    private nonisolated(unsafe) static var before = termios()
    private nonisolated(unsafe) static var isRaw = false

    static var isThere: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Bracketed paste: what is pasted comes marked as such.
    private static let enterSequence = "\u{1B}[?2004h"
    private static let leaveSequence: StaticString = "\u{1B}[?2004l"

    static func enter() {
        guard !Self.isRaw, tcgetattr(STDIN_FILENO, &Self.before) == 0 else { return }
        var raw = Self.before
        raw.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
        raw.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
        Self.isRaw = true
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        Self.write(Self.enterSequence)
    }

    static func leave() {
        guard Self.isRaw else { return }
        Self.isRaw = false
        tcsetattr(STDIN_FILENO, TCSADRAIN, &Self.before)
        _ = systemWrite(STDOUT_FILENO, Self.leaveSequence.utf8Start, Self.leaveSequence.utf8CodeUnitCount)
    }

    /// However this process ends, short of SIGKILL, the terminal is as it was. Crashes are left to crash, after that.
    static func restoreAtEnd() {
        atexit { RawTerminal.leave() }
        for number in [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] {
            signal(number) { number in
                RawTerminal.leave()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    /// Stops this process as Ctrl-Z would, until it is continued.
    static func suspend() {
        Self.leave()
        raise(SIGSTOP)
        Self.enter()
    }

    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    static func write(_ text: String) {
        guard !text.isEmpty else { return }
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}

private func systemWrite(_ descriptor: Int32, _ pointer: UnsafePointer<UInt8>, _ count: Int) -> Int {
    write(descriptor, pointer, count)
}

/// Standard input, piece by piece, on a thread of its own. The next piece is read when the one before it has been dealt with, so a pipe that
/// has much to say waits.
final class StandardInput: Sendable {
    let pieces: AsyncStream<[UInt8]>
    private let dealtWith = DispatchSemaphore(value: 0)

    init() {
        let (pieces, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        self.pieces = pieces
        let dealtWith = self.dealtWith
        Thread {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                continuation.yield(Array(buffer[..<count]))
                dealtWith.wait()
            }
            continuation.finish()
        }.start()
    }

    func next() { self.dealtWith.signal() }
}
