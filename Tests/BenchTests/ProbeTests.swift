import Foundation
import Testing

@testable import parley

@Suite struct ProbeTests {
    @Test func aProcessSaysItsTimeAndMemory() throws {
        let own = ServerProcess.own
        let before = own.cpuSeconds
        #expect(before > 0)
        #expect(own.residentBytes > 1 << 20)
        #expect(ServerProcess(id: 0) == nil)
        #expect(ServerProcess(id: .max) == nil)
        #expect(ServerProcess.residentBytes(status: "Name:\tx\nVmRSS:\t    1234 kB\n") == 1234 * 1024)
        #expect(ServerProcess.residentBytes(status: "Name:\tx\n") == nil)
    }

    @Test func aServerSaysItsPort() {
        #expect(LocalServer.port(in: "\nParley is running.        http://127.0.0.1:40423\n  health") == 40423)
        #expect(LocalServer.port(in: "Parley is running.        http://127.0.0.1:404") == nil)
    }

    @Test func theDiskIsMeasuredAndLeftClean() throws {
        let probe = try DiskProbe.measure(seconds: 0.02)
        #expect(probe.flushesPerSecond > 0)
        #expect(probe.commitsPerSecond > 0)
        #expect(probe.flushes.milliseconds(at: 1) > 0)
    }

    @Test func loopbackIsMeasured() throws {
        let result = try LoopbackProbe(sockets: 4, framesPerWrite: 16).measure(seconds: 0.02)
        #expect(result.writesPerSecond > 0)
        #expect(result.framesPerSecond >= result.writesPerSecond * 15.9)
        #expect(result.microsecondsPerFrame > 0)
    }

    @Test func nginxIsToldItsPortAndToKeepItsFilesInItsFolder() {
        let text = Nginx.configuration(port: 1234, folder: "/x")
        #expect(text.contains("listen 127.0.0.1:1234;"))
        #expect(text.contains("pid /x/pid;"))
    }
}
