import ParleyClient
import ParleyJSON
import Testing

/// What a client says goes where the vendors' messages go.
struct ClientSendsTests {
    @Test func aMessageThatAClientSendsReachesTheOthersAndTheVendorsHistory() async throws {
        try await withServer { live in
            let alice = try await live.listen("rongcloud", "alice")
            let bob = try await live.listen("easemob", "bob")
            _ = try await (alice.missed(), bob.missed())
            for number in 0..<100 {
                alice.socket.send(
                    #"{"type":"send","request":\#(number),"conversation":"group:demo-group","id":"\#(number)","kind":"text","content":{"text":"\#(number)"}}"#
                )
            }
            #expect(try await bob.messages(100).map(\.text) == (0..<100).map { "\($0)" })
            let history = try await live.backend().tencent(
                "group_open_http_svc/group_msg_get_simple", #"{"GroupId":"demo-group","ReqMsgNumber":1}"#)
            let last = history["RspMsgList"]?.array?.first?["MsgBody"]?.array?.first?["MsgContent"]?["Text"]?.string
            #expect(last == "99")
        }
    }
}
