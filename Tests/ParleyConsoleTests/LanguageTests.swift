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

/// What the server says to people is there in the languages of the page.
struct LanguageTests {
    private static func isChinese(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
    }

    private static func inChinese(_ house: House, _ path: String) async throws -> JSON {
        let response = try await house.send(.GET, path, headers: ["Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"])
        try #require(response.status == .ok)
        return try JSON(parsing: response.body)
    }

    @Test func everyEndpointHasAChineseTitle() {
        for dialect in Dialects.all {
            let folder = "Sources/\(String(reflecting: dialect).split(separator: ".")[0])"
            for endpoint in dialect.endpoints {
                #expect(
                    Self.isChinese(endpoint.title.chinese),
                    "\(endpoint.method) \(endpoint.path): say what it is in Chinese, in \(folder)/Showing/ChineseTitles.swift"
                )
                #expect(!Self.isChinese(endpoint.title.english))
            }
        }
    }

    @Test func everyChineseTitleBelongsToAnEndpoint() {
        let declared = [
            "rongcloud": ParleyRongCloud.ChineseTitles.all, "easemob": ParleyEasemob.ChineseTitles.all,
            "tencent": ParleyTencent.ChineseTitles.all,
        ]
        for dialect in Dialects.all {
            #expect(Set(dialect.endpoints.map(\.title.chinese)) == Set((declared[dialect.name.rawValue] ?? [:]).values))
        }
    }

    @Test func endpointsAndRefusalsAreInTheLanguageThatIsWanted() async throws {
        let house = try await House.make()
        for dialect in try await Self.inChinese(house, "dialects")["dialects"]?.array ?? [] {
            for endpoint in dialect["endpoints"]?.array ?? [] {
                #expect(Self.isChinese(endpoint["title"]?.string ?? ""))
            }
        }
        let english = try await house.recorded(
            "tencent", "POST", "/v4/group_open_http_svc/send_group_msg", #"{"GroupId":"nowhere"}"#)
        #expect(!Self.isChinese(english.text))
        let call = try await Self.inChinese(house, "apps/demo/calls/\(try #require(english["n"]?.int))")
        #expect(call["endpoint"]?.string == "在群组中发送普通消息")
        #expect(call.get("explanation", "reason")?.string.map(Self.isChinese) == true, "\(call.text)")
        let details = try #require(call.get("explanation", "details")?.array)
        #expect(details.allSatisfy { Self.isChinese($0.array?[0].string ?? "") })
        let items = try await Self.inChinese(house, "apps/demo/feed?after=0")["items"]?.array ?? []
        #expect(items.last?["refusal"]?.string == call.get("explanation", "reason")?.string)
        #expect(items.last?["endpoint"]?.string == "在群组中发送普通消息")
    }

    /// The console's own refusals too.
    @Test(arguments: [("zh", true), ("zh-TW", true), ("fr, zh;q=0.5", true), ("en-GB,zh", false), ("", false)])
    func theFirstLanguageThatIsSpokenIsTaken(_ wanted: String, _ isChinese: Bool) async throws {
        let house = try await House.make()
        let response = try await house.send(.GET, "apps/demo/users/nobody", headers: ["Accept-Language": wanted])
        #expect(response.status == .notFound)
        let message = try JSON(parsing: response.body).get("error", "message")?.string ?? ""
        #expect(Self.isChinese(message) == isChinese, "\(message)")
    }

    /// All that the core and the transport refuse with, and what each vendor refuses before there is a call.
    @Test func everyExplanationIsInBothLanguages() {
        let faults: [TransportFault] = [.bodyTooLarge(limitBytes: 1), .timedOut, .unreadable, .overloaded]
        let malformed: [Malformed.Reason] = [
            .missing, .invalid, .tooLong(limit: 1), .tooMany(limit: 1), .notAllowed(with: "x"), .unreadable,
        ]
        let explanations =
            faults.map { Explanation($0) } + malformed.map { Explanation(Malformed("field", $0)) }
            + [
                .fault, Explanation(Rejection.userNotFound(UserID("x"))), Explanation(Rejection.overloaded),
                Explanation(Rejection.refusedByCallback(code: 7, reason: nil)),
            ]
        for explanation in explanations {
            #expect(Self.isChinese(explanation.reason.chinese))
            #expect(!Self.isChinese(explanation.reason.english))
        }
    }
}
