import ParleyCore
import Testing

@testable import ParleyTencent

@Suite struct IdentifierTests {
    @Test func aMsgKeyLeadsBackToSequenceRandomAndTime() throws {
        let key = MsgKey(sequence: 31_906, random: 83_297, timeSeconds: 1_496_732_834)
        #expect(key.description == "31906_83297_1496732834")
        #expect(MsgKey(key.description) == key)
    }

    @Test(arguments: [
        "", "1", "1_2", "1_2_3_4", "a_2_3", "1__3", "-1_2_3", "1_4294967296_3", "1_2_99999999999999999999",
    ])
    func whatIsNoMsgKeyIsNone(text: String) {
        #expect(MsgKey(text) == nil)
    }

    @Test(arguments: GroupType.allCases)
    func idsThatAreMadeLookLikeTheVendors(type: GroupType) throws {
        let id = GroupID.made(for: type)
        #expect(id.rawValue.hasPrefix(type == .community ? "@TGS#_@TGS#" : "@TGS#"))
        #expect(GroupID(addressed: id.rawValue) == id)
        #expect(id.rawValue.utf8.count <= 48)
        #expect(GroupID.made(for: type) != id)
    }

    @Test func wantedIdsAreFortyEightBytesOfPrintableASCII() {
        #expect(GroupID(wanted: "MyFirstGroup", for: .public) != nil)
        #expect(GroupID(wanted: String(repeating: "a", count: 48), for: .public) != nil)
        #expect(GroupID(wanted: String(repeating: "a", count: 49), for: .public) == nil)
        #expect(GroupID(wanted: "群", for: .public) == nil)
        #expect(GroupID(wanted: "a\nb", for: .public) == nil)
        #expect(GroupID(wanted: "", for: .public) == nil)
    }

    @Test func theServersPrefixIsItsOwnButForCommunities() {
        #expect(GroupID(wanted: "@TGS#mine", for: .public) == nil)
        #expect(GroupID(wanted: "@TGS#_mine", for: .public) == nil)
        #expect(GroupID(wanted: "@TGS#_mine", for: .community) != nil)
        #expect(GroupID(wanted: "mine", for: .community) == nil)
    }

    @Test func typesAreReadByOldAndNewNamesAndWrittenByOldOnes() {
        #expect(GroupType.tencentNames["Work"] == .work)
        #expect(GroupType.tencentNames["Private"] == .work)
        #expect(GroupType.tencentNames["Meeting"] == .meeting)
        #expect(GroupType.tencentNames["ChatRoom"] == .meeting)
        #expect(GroupType.tencentNames["work"] == nil)
        for type in GroupType.allCases where type != .chatRoom && type != .thread {
            #expect(GroupType.tencentNames[type.tencentName] == type)
        }
        #expect(GroupType.chatRoom.tencentName == "AVChatRoom")
    }
}
