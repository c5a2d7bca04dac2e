import NIOCore
import ParleyEasemob
import Testing

@testable import ParleyEasemobSocket

@Suite struct FramingTests {
    @Test(arguments: Framing.allCases) func whatIsPackedCanBeUnpacked(_ framing: Framing) {
        var packed = framing.pack(ServerFrame.notice(.user("alice")))
        let head = packed.readBytes(length: 2)
        #expect(head?.first == (framing == .binary ? 0x82 : 0x81))
        var message = Array(packed.readableBytesView)
        if framing == .sockJS {
            #expect(message.first == UInt8(ascii: "a"))
            message.removeFirst()
        }
        #expect(framing.unpack(message) == [ServerFrame.notice(.user("alice"))])
    }

    @Test func sockJSClientsMaySendSeveralAtOnce() {
        #expect(Framing.sockJS.unpack(Array(#"["CAA=","CAE="]"#.utf8)) == [[8, 0], [8, 1]])
        #expect(Framing.sockJS.unpack(Array(#""CAA=""#.utf8)) == [[8, 0]])
        #expect(Framing.sockJS.unpack([]) == [])
    }

    @Test(arguments: ["", "[", "[1]", #"["*"]"#, #"{"a":"CAA="}"#, #"[["CAA="]]"#, "CAA="])
    func whatIsNotPackedLikeThisIsRefused(_ text: String) {
        guard !text.isEmpty else { return #expect(Framing.base64.unpack(Array("*".utf8)) == nil) }
        #expect(Framing.sockJS.unpack(Array(text.utf8)) == nil)
    }
}
