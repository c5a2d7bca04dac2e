import ParleyCore
import ParleyRongCloud
import Testing

@Suite struct MessageUIDTests {
    struct Sample: Sendable {
        var text: String
        var milliseconds: UInt64
        var slot: UInt16
        var type: UInt8
        var target: String
    }

    /// Real ids, and one that was made: facts/rongcloud-server.md 2.5.
    static let samples = [
        Sample(text: "B8FV-QAHO-I1E4-JLRI", milliseconds: 1_548_334_967_010, slot: 1047, type: 1, target: "NomSvNyME"),
        Sample(text: "BS45-NPH4-HV87-10LM", milliseconds: 1_632_648_534_162, slot: 1012, type: 1, target: "tjw3zbMrU"),
        Sample(
            text: "BVET-SJMK-AT5B-ADFN", milliseconds: 1_646_976_908_113, slot: 1490, type: 10, target: "testExp0309"),
        Sample(text: "CSSQ-OE74-27O7-TB95", milliseconds: 1_773_396_878_224, slot: 1148, type: 1, target: "i3akONcpE"),
        Sample(text: "CBPV-IMG0-002C-035A", milliseconds: 1_700_000_000_000, slot: 1, type: 3, target: "g1"),
    ]

    @Test(arguments: MessageUIDTests.samples)
    func isWrittenAsTheVendorWritesIt(_ sample: Sample) {
        let uid = MessageUID(
            milliseconds: sample.milliseconds, slot: sample.slot, type: sample.type,
            targetHash: MessageUID.hash(of: sample.target))
        #expect(uid.description == sample.text)
    }

    @Test(arguments: MessageUIDTests.samples)
    func isReadAsTheVendorWroteIt(_ sample: Sample) throws {
        let uid = try #require(MessageUID(sample.text))
        #expect(uid.milliseconds == sample.milliseconds)
        #expect(uid.slot == sample.slot)
        #expect(uid.type == sample.type)
        #expect(uid.targetHash == MessageUID.hash(of: sample.target))
        #expect(MessageUID(sample.text.lowercased().filter { $0 != "-" }) == uid)
    }

    @Test func readsTheSampleWhoseTargetIsNotKnown() throws {
        let uid = try #require(MessageUID("CLU2-NFGR-CQ82-O4IS"))
        #expect((uid.milliseconds, uid.slot, uid.type) == (1_743_499_753_581, 2468, 0))
    }

    @Test func hashesAsJavaDoes() {
        #expect(MessageUID.hash(of: "g1") == 3242)
        #expect(MessageUID.hash(of: "") == 0)
        // "群".hashCode() is its one UTF-16 unit; "😀" has two.
        #expect(MessageUID.hash(of: "群") == 0x7FA4)
        #expect(MessageUID.hash(of: "😀") == (0xD83D * 31 + 0xDE00) & 0x3F_FFFF)
    }

    @Test func givesTheCoresIdBack() throws {
        for (milliseconds, slot) in [
            (1_700_000_000_000, 0), (1_700_000_000_001, 4095), (MessageID.epochMilliseconds, 1),
        ] {
            let id = MessageID(sentAt: Timestamp(milliseconds: Int64(milliseconds)), slot: UInt16(slot))
            let text = MessageUID(id, in: .group, target: "demo-group").description
            #expect(try #require(MessageUID(text)).messageID == id)
        }
    }

    @Test func ordersAsTimeDoes() {
        let ids = (0..<300).map { MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_000 + Int64($0)), slot: 0) }
        let texts = ids.map { MessageUID($0, in: .group, target: "demo-group").description }
        #expect(texts == texts.sorted())
    }

    @Test(arguments: ["", "CBPV", "CBPV-IMG0-002C-035W", "CBPV-IMG0-002C-035A-0", "CBPV IMG0 002C 035A", "群群群群群群"])
    func isNotAnyText(_ text: String) { #expect(MessageUID(text) == nil) }

    /// Ids from before 2019 have a time one bit wider, so they read as something else: never as a message of ours,
    /// never as a fault.
    @Test(arguments: ["5FGT-7VA9-G4DD-4V5P", "0000-0000-0000-0000", "VVVV-VVVV-VVVV-VVVV"])
    func isNoMessageOfOursWhenTheTimeIsOutOfRange(_ text: String) throws {
        #expect(try #require(MessageUID(text)).messageID == nil)
    }
}
