import Testing

@testable import parley

/// What the generator makes of bytes, and what bytes it makes.
@Suite struct WireTests {
    private func frame(_ payload: [UInt8]) -> [UInt8] {
        payload.count < 126
            ? [0x81, UInt8(payload.count)] + payload
            : [0x81, 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)] + payload
    }

    private func message(_ sequence: Int, id: Int = 1_547_146_790_629_376, due: String = "000000000000002a") -> [UInt8]
    {
        let text = due + String(repeating: "x", count: 100)
        return Array(
            (#"{"type":"message","conversation":"group:g","seq":\#(sequence),"id":"\#(id)","sentAt":1795286184431,"#
                + #""from":"bob","kind":"text","content":{"text":"\#(text)"},"native":{"dialect":"tencent","payload":{}}}"#)
                .utf8)
    }

    @Test func framesAreFoundOneAfterTheOther() {
        let bytes = self.frame(Array("one".utf8)) + self.frame([UInt8](repeating: 1, count: 300))
        bytes.withUnsafeBufferPointer { bytes in
            let first = ServerFrame(bytes.baseAddress!, at: 0, of: bytes.count)
            #expect(first.map { [$0.start, $0.end] } == [2, 5])
            let second = ServerFrame(bytes.baseAddress!, at: 5, of: bytes.count)
            #expect(second.map { [$0.start, $0.end] } == [9, 309])
            #expect(ServerFrame(bytes.baseAddress!, at: 309, of: bytes.count) == nil)
        }
    }

    @Test func aFrameThatHasNotComeWholeIsNone() {
        let bytes = self.frame([UInt8](repeating: 1, count: 300))
        for count in 0..<bytes.count {
            #expect(bytes.withUnsafeBufferPointer { ServerFrame($0.baseAddress!, at: 0, of: count) } == nil)
        }
    }

    @Test func aLengthBeyondAnySenseIsNoFrame() {
        let bytes: [UInt8] = [0x81, 127] + [UInt8](repeating: 0xFF, count: 8) + [0]
        #expect(bytes.withUnsafeBufferPointer { ServerFrame($0.baseAddress!, at: 0, of: bytes.count) } == nil)
    }

    @Test func aMessageSaysItsSequenceItsIdentityAndWhenItWasDue() {
        var shape = MessageShape()
        func read(_ bytes: [UInt8]) -> MessageShape.Reading? {
            bytes.withUnsafeBufferPointer { shape.read($0.baseAddress!, $0.count) }
        }
        let first = read(self.message(9))
        #expect(first?.sequence == 9)
        #expect(first?.due == 42)
        let second = read(self.message(10, due: "7fffffffffffffff"))
        #expect(second?.sequence == 10)
        #expect(second?.due == .max)
        #expect(second?.identity == first?.identity)
        #expect(read(self.message(11, id: 1_547_146_790_629_377))?.identity != first?.identity)
        #expect(
            read(Array(#"{"type":"mention","about":"something else that is long enough to be looked into"}"#.utf8))
                == nil)
    }

    @Test func whatWasDueIsReadAsItWasWritten() {
        for due: Int64 in [0, 1, 0x1234_5678_9ABC_DEF0, .max] {
            var text = [UInt8](repeating: 0, count: 16)
            text.withUnsafeMutableBufferPointer { DueTime.write(due, to: $0.baseAddress!) }
            #expect(text.withUnsafeBufferPointer { DueTime.read($0.baseAddress!) } == due)
        }
    }

    @Test func aRequestIsTheSameEachTimeButForItsTimeAndItsNumber() {
        let template = RequestTemplate(
            head: "POST /x HTTP/1.1\r\nHost: h",
            body: #"{"n":\#(RequestTemplate.numberPlace),"t":"\#(RequestTemplate.text(bytes: 18))"}"#)
        func text(_ due: Int64, _ number: UInt32) -> String {
            String(decoding: template.request(due: due, number: number), as: UTF8.self)
        }
        #expect(
            text(255, 7)
                == "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 41\r\n\r\n"
                + #"{"n":1000000007,"t":"00000000000000ffxx"}"#)
        #expect(text(16, .max).hasSuffix(#"{"n":2294967295,"t":"0000000000000010xx"}"#))
    }

    @Test func anAnswerIsReadWhenItIsWholeAndSaysWhetherItIsTheOneExpected() {
        let text = Array("HTTP/1.1 200 OK\r\nContent-Length: 12\r\nDate: x\r\n\r\n{\"code\":200}HTTP".utf8)
        func scan(_ count: Int, _ expected: String) -> AnswerScan? {
            text.withUnsafeBytes {
                AnswerScan(UnsafeRawBufferPointer(rebasing: $0[..<count]), expecting: Array(expected.utf8))
            }
        }
        let whole = text.count - 4
        for count in 0..<whole { #expect(scan(count, "x") == nil) }
        #expect(scan(text.count, "\"code\":200")?.end == whole)
        #expect(scan(text.count, "\"code\":200")?.isExpected == true)
        #expect(scan(text.count, "\"code\":1004")?.isExpected == false)
    }
}
