import Foundation
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import SwiftProtobuf
import Testing

@testable import ParleyEasemob

/// What clients say, as the server API and callbacks have it, and back.
@Suite struct ClientBodyTests {
    private static func pair(_ key: String, _ json: String) throws -> WireKeyValue {
        WireKeyValue(key, try JSON(parsing: json))
    }

    private static func back(_ body: WireMessageBody) throws -> (payload: JSON, body: ClientBody) {
        let payload = try #require(ClientBody(body).payload)
        let message = ParleyCore.Message(
            sender: UserID("alice"), content: .text(""), native: Native(dialect: Easemob.name, payload: payload))
        return (try JSON(parsing: payload), ClientBody(message))
    }

    @Test func aTextWithAnExtOfEveryKindNeedsNoOriginal() throws {
        var body = WireMessageBody()
        var content = WireContent()
        content.type = 0
        content.text = "hi 😀"
        body.contents = [content]
        body.ext = try [
            Self.pair("s", #""x""#), Self.pair("i", "5"), Self.pair("n", "-5"), Self.pair("d", "1.5"),
            Self.pair("b", "true"), Self.pair("o", #"{"a":[1]}"#), Self.pair("z", "null"),
        ]
        let (payload, back) = try Self.back(body)
        #expect(payload["type"]?.string == "txt" && payload["body"]?["msg"]?.string == "hi 😀")
        #expect(payload["ext"]?["o"]?["a"]?.array?.count == 1 && payload["ext"]?["n"]?.int == -5)
        #expect(payload[ClientBody.originalKey] == nil)
        #expect(back.contents == body.contents && back.ext == body.ext)
    }

    @Test func whatThePayloadCannotSayIsKeptAsItCame() throws {
        var body = WireMessageBody()
        var content = WireContent()
        content.type = 0
        content.text = "hi"
        try content.merge(serializedBytes: [0xF8, 0x07, 0x05] as [UInt8])
        body.contents = [content, content]
        var long = WireKeyValue()
        long.key = "n"
        long.type = 4
        long.varintValue = 1 << 40
        body.ext = [long]
        let (payload, back) = try Self.back(body)
        #expect(payload["body"]?["msg"]?.string == "hi" && payload["ext"]?["n"]?.int == 1 << 40)
        #expect(payload[ClientBody.originalKey] != nil)
        #expect(back.contents == body.contents && back.ext == body.ext)
    }

    @Test(arguments: [
        ("img", #"{"url":"u","filename":"f","secret":"s","file_length":5,"size":{"width":1,"height":2}}"#, 1 as Int32),
        ("audio", #"{"url":"u","filename":"f","length":3,"file_length":5}"#, 4),
        ("video", #"{"url":"u","thumb":"t","length":3,"file_length":5,"thumb_secret":"x"}"#, 2),
        ("file", #"{"url":"u","filename":"f"}"#, 5),
        ("loc", #"{"lat":"39.5","lng":"116","addr":"a"}"#, 3),
        ("cmd", #"{"action":"a"}"#, 6),
        ("custom", #"{"customEvent":"e","customExts":{"k":"v"}}"#, 7),
        ("txt", #"{"msg":"m"}"#, 0),
    ])
    func whatTheServerAPISendsClientsCanRead(_ type: String, _ body: String, _ kind: Int32) throws {
        let message = ParleyCore.Message(
            sender: UserID("alice"), content: .text(""),
            native: Native(dialect: Easemob.name, payload: Array(#"{"type":"\#(type)","body":\#(body)}"#.utf8)))
        let content = try #require(ClientBody(message).contents.first)
        #expect(content.type == kind && !content.hasSubType)
        switch type {
        case "img": #expect(content.remotePath == "u" && content.size.height == 2 && content.fileLength == 5)
        case "audio", "video": #expect(content.duration == 3)
        case "loc": #expect(content.latitude == 39.5 && content.longitude == 116 && content.address == "a")
        case "custom": #expect(content.customExts.first?.stringValue == "v")
        default: break
        }
    }

    @Test func aForwardedConversationSaysSo() throws {
        let message = ParleyCore.Message(
            sender: UserID("alice"), content: .text(""),
            native: Native(
                dialect: Easemob.name,
                payload: Array(#"{"type":"txt","body":{"msg":"m","subType":"sub_combine","title":"t","url":"u"}}"#.utf8)
            ))
        let content = try #require(ClientBody(message).contents.first)
        #expect(content.hasSubType && content.subType == 0 && content.title == "t" && content.remotePath == "u")
    }
}
