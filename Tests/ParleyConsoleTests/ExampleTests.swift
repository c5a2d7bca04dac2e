import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

@testable import ParleyConsole
@testable import ParleyEasemob
@testable import ParleyRongCloud
@testable import ParleyTencent

/// Every example that the page offers does what it says, on a fresh demo.
@Suite(.timeLimit(.minutes(isSanitized ? 20 : 2)))
struct ExampleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let dialect: String
        let endpoint: EndpointDescription
        let example: Example
        var testDescription: String { "\(self.dialect) \(self.endpoint.method) \(self.endpoint.path)" }
    }

    static let cases: [Case] = Dialects.all.flatMap { dialect in
        dialect.endpoints.compactMap { endpoint in
            endpoint.example.map { Case(dialect: dialect.name.rawValue, endpoint: endpoint, example: $0) }
        }
    }

    @Test(arguments: cases) func theExampleWorks(_ example: Case) async throws {
        let house = try await House.make()
        try await Demo.seedRoom(house.bench.core)
        if example.example.body.contains("{{") || example.example.path.values.contains(where: { $0.contains("{{") }) {
            try await house.sayFirst()
        }
        var path = example.endpoint.path
        for (name, value) in example.example.path { path = path.replacing("{\(name)}", with: Form.encoded(value)) }
        // Gaps are the server's to fill.
        path = path.replacing("%7B%7B", with: "{{").replacing("%7D%7D", with: "}}")
        let answer = try await house.post(
            "apps/demo/calls",
            ConsoleServer.composed(
                example.dialect, example.endpoint.method, path, example.example.body,
                contentType: example.example.contentType, query: example.example.query))
        let body = answer["body"]?.string ?? ""
        #expect(answer["status"]?.int == 200, "\(body)")
        switch example.dialect {
        case "rongcloud": #expect(try JSON(parsing: body)["code"]?.int == 200, "\(body)")
        case "tencent":
            #expect(try JSON(parsing: body)["ErrorCode"]?.int == 0, "\(body)")
            #expect(try JSON(parsing: body)["ActionStatus"]?.string == "OK", "\(body)")
        default: #expect(try JSON(parsing: body)["error"] == nil, "\(body)")
        }
        #expect(answer["curl"]?.string?.hasPrefix("curl ") == true)
    }

    @Test func thereAreMany() {
        #expect(Self.cases.count >= 60)
        for dialect in Dialects.all {
            #expect(dialect.endpoints.count { $0.example?.isFirst == true } == 1, "\(dialect.name)")
        }
    }

    @Test func everyExampleBelongsToAnEndpoint() {
        let declared =
            ParleyRongCloud.Examples.all.count + ParleyEasemob.Examples.all.count
            + ParleyTencent.Examples.all.count
        #expect(Self.cases.count == declared, "an example has the path of no endpoint")
    }

    /// Who sends an example twice has said it twice: no second one is taken for the first, sent again.
    @Test(arguments: cases.filter { $0.example.body.contains("Random") }) func theSecondTryIsAnotherMessage(
        _ example: Case
    ) async throws {
        let house = try await House.make()
        var messages: Set<String> = []
        for _ in 0..<2 {
            let call = try await house.recorded(
                example.dialect, example.endpoint.method, example.endpoint.path, example.example.body)
            let ids = (call["messages"]?.array ?? []).compactMap(\.string)
            #expect(!ids.isEmpty, "\(call.text)")
            messages.formUnion(ids)
        }
        #expect(messages.count >= 2 && messages.count.isMultiple(of: 2))
    }

    @Test func everyVendorThatHasChatRoomsShowsHowToSpeakInOne() {
        for (dialect, path) in [
            ("rongcloud", "/message/chatroom/publish.json"),
            ("easemob", "/{org_name}/{app_name}/messages/chatrooms"),
        ] { #expect(Self.cases.contains { $0.dialect == dialect && $0.endpoint.path == path }) }
    }

    @Test func withoutAMessageItSaysSo() async throws {
        let house = try await House.make()
        let response = try await house.send(
            .POST, "apps/demo/calls",
            ConsoleServer.composed(
                "tencent", "POST", "/v4/group_open_http_svc/group_msg_recall",
                #"{"GroupId":"demo-group","MsgSeqList":[{"MsgSeq":"{{#group.MsgSeq}}"}]}"#,
                contentType: "application/json"))
        #expect(response.status == .conflict)
        #expect(String(decoding: response.body, as: UTF8.self).contains("noMessageYet"))
    }
}
