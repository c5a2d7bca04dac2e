import ParleyDialectKit
import ParleyRongCloud
import ParleyRongSocket
import Testing

/// The addresses that SDKs were seen to connect to (facts/rongcloud-client.md, 2.1).
struct HandshakeTests {
    private func handshake(_ query: String) throws -> Handshake { Handshake(try Form(query: query)) }

    @Test func theTokensAddressesAreCutOff() throws {
        let handshake = try self.handshake("appId=k&token=RC1_abc%40http%3A%2F%2Fx%3B%3A1&sdkVer=3.0.6&apiVer=normal")
        #expect(handshake.appKey == "k" && handshake.token == "RC1_abc")
    }

    @Test(arguments: [
        ("2.5.9", false), ("3.0.6", false), ("4.2.0", true), ("4.5.1", true), ("5.2.1", true), ("", true),
    ])
    func whoDoesNotPullOnByItselfIsTold(version: String, pullsOn: Bool) throws {
        #expect(try self.handshake("appId=k&token=t&sdkVer=\(version)").pullsOnByItself == pullsOn)
    }

    @Test func anInstanceThatIsNoneNamesNoDevice() throws {
        #expect(try self.handshake("pid=undefined").instance == nil)
        #expect(try self.handshake("pid=").instance == nil)
        #expect(try self.handshake("pid=1795").instance == "1795")
    }

    @Test func theFlagsOfTheConnackAreAskedFor() throws {
        #expect(try self.handshake("protocolVer=4").version == .v4)
        #expect(try self.handshake("protocolVer=3").version == .v3)
        #expect(try self.handshake("").version == .v3)
    }
}
