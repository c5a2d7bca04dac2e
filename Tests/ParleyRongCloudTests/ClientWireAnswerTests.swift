import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyRongCloud
import Testing

/// What client SDKs ask over HTTP (facts/rongcloud-client.md, 1, 8, 9).
@Suite struct ClientWireAnswerTests {
    private func text(_ response: WireResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    @Test(arguments: [
        ("http://im.example.com:8080", "im.example.com:8080"), ("http://im.example.com", "im.example.com:80"),
        ("https://im.example.com", "im.example.com:443"), ("https://im.example.com/parley", "im.example.com:443"),
        ("http://[::1]:8080", "[::1]:8080"), ("https://[::1]", "[::1]:443"),
    ])
    func theNavigationNamesTheHostThatWasAskedWithItsPort(origin: String, address: String) throws {
        let response = ClientAnswer.navigation(of: UserID("alice"), at: origin, for: try Form(query: ""))
        let json = try JSON(parsing: response.body)
        #expect(json["server"]?.string == address && json["userId"]?.string == "alice")
    }

    @Test func aScriptIsCalledByNameAndNothingElse() throws {
        func unread(_ query: String) throws -> String {
            self.text(ClientAnswer.unread(true, for: try Form(query: query)))
        }
        #expect(try unread("callBack=RCCallback") == #"RCCallback({"status":1});"#)
        #expect(try unread("callback=a.b_$9") == #"a.b_$9({"status":1});"#)
        let long = String(repeating: "a", count: 65)
        for name in ["", "alert(1)", "a;b", "<b>", "é", long] {
            #expect(try unread("callBack=\(name)") == #"{"status":1}"#)
        }
    }

    @Test(arguments: [
        ("appId=k&token=t&sdkVer=5.2.1", true), ("sdkVer=5.2.1&token=%FF", true), ("token=", true), ("", false),
        ("access_token=t", false), ("sessionid=x", false), ("token", false),
    ])
    func aSocketIsOfTheseClientsWhenItsAddressSaysWhoConnects(query: String, isTheirs: Bool) {
        #expect(ClientPath.isSocket(query: query) == isTheirs)
    }
}
