import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyTencent

/// Whatever comes, the answer is the vendor's, and never a fault.
@Suite struct BadInputTests {
    private static let commands = Tencent.endpoints.map { String($0.path.dropFirst("/v4/".count)) }

    @Test(arguments: commands)
    func bytesThatAreNoJSONAreRefused(command: String) async throws {
        let stage = try await Stage.make()
        let deep = String(repeating: "[", count: 100_000)
        let nested = String(repeating: #"{"MsgBody":"#, count: 500) + "1" + String(repeating: "}", count: 500)
        let bodies: [[UInt8]] = [
            [], [0], [0xFF, 0xFE], Array("{".utf8), Array("nonsense".utf8), Array("{}{}".utf8), Array(deep.utf8),
            Array(nested.utf8), Array("[]".utf8), Array("7".utf8), Array("null".utf8), Array(#""x""#.utf8),
            Array(#"{"GroupId":"x","#.utf8) + [0xC3, 0x28] + Array(#"":1}"#.utf8), Array("{\"a\":\"\u{1}\"}".utf8),
        ]
        for body in bodies {
            let answer = try JSON(parsing: await stage.tencent.answer(try stage.request(command, body)).body)
            #expect([60003, 10011, 90001].contains(answer.errorCode))
        }
    }

    /// Every field that any command knows, with values of every wrong kind: each command gets a third of the pairs, and all together get them all.
    @Test(arguments: Array(commands.enumerated()))
    func fieldsOfTheWrongTypeAreRefusedAndNeverAFault(number: Int, command: String) async throws {
        let stage = try await Stage.make()
        let fields = [
            "GroupId", "Random", "MsgRandom", "MsgBody", "MsgPriority", "From_Account", "To_Account", "OfflinePushInfo",
            "ForbidCallbackControl", "OnlineOnlyFlag", "SendMsgControl", "CloudCustomData", "SupportMessageExtension",
            "GroupAtInfo", "TopicId", "NeedReadReceipt", "UserID", "Accounts", "CheckItem", "DeleteItem", "Type",
            "Name", "GroupIdList", "ResponseFilter", "MemberList", "MemberToDel_Account", "Member_Account",
            "Members_Account", "MuteTime", "MsgSeqList", "ReqMsgNumber", "ReqMsgSeq", "Limit", "Offset", "Next",
            "MsgKey", "MsgSeq", "MsgTimeStamp", "MsgLifeTime", "SyncOtherMachine", "Owner_Account", "AppDefinedData",
            "User_Account", "NewOwner_Account",
        ]
        let values = [
            "-1", "1.5", "99999999999999999999999", "true", #""text""#, "[7]", #"[null,"\ud800"]"#, #"{"a":{}}"#,
            "[{}]",
        ]
        let valid =
            #""GroupId":"public","Random":1,"MsgRandom":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}],"To_Account":["bob"]"#
        for (row, field) in fields.enumerated() {
            for (column, value) in values.enumerated() where (number + row + column) % 3 == 0 {
                let body = #"{\#(valid),"\#(field)":\#(value)}"#
                let answer = try await stage.call(command, body)
                #expect(![10002, 91000, 70500, nil].contains(answer.errorCode), "\(command) \(body)")
            }
        }
    }

    @Test func ofRepeatedKeysTheLastCounts() async throws {
        let stage = try await Stage.make()
        #expect(try await stage.send(#","Random":2,"Random":3"#).errorCode == 0)
        #expect(stage.messages.first?.options.random == 3)
    }

    @Test func hugeListsOfMembersAreRefusedForTheirSize() async throws {
        let stage = try await Stage.make()
        let many = (0..<5000).map { #"{"Member_Account":"u\#($0)"}"# }.joined(separator: ",")
        let answer = try await stage.call(
            "group_open_http_svc/add_group_member", #"{"GroupId":"public","MemberList":[\#(many)]}"#)
        #expect(answer.errorCode == 10005)
    }
}
