import ParleyCore
import ParleyJSON
import Testing

@testable import ParleyEasemob

struct ContentTests {
    private static func content(_ type: String, _ body: String) throws -> Content {
        Content(easemob: type, body: try JSON(parsing: body), filesURL: "http://h/o/a/chatfiles")
    }

    private static func media(_ change: (inout Media) -> Void) -> Media {
        var media = Media(url: "http://h/f", name: "f.bin", bytes: 5)
        change(&media)
        return media
    }

    /// Out and in again is the same, for all that this vendor has a type for.
    @Test(arguments: [
        Content.text("你好 \"x\"\n"),
        .image(
            media {
                $0.width = 480
                $0.height = 720
                $0.secret = "s"
            }),
        .voice(media { $0.seconds = 10 }),
        .voice(media { $0.seconds = 1.5 }),
        .video(
            media {
                $0.seconds = 3
                $0.thumbnailURL = "http://h/t"
                $0.thumbnailSecret = "t"
            }),
        .file(media { _ in }),
        .location(Location(latitude: 39.966, longitude: -116.322, address: "北京")),
        .command(name: "go", data: ""),
        .command(name: "go", data: "there"),
        .custom(type: "event", data: ""),
        .custom(type: "event", data: #"{"k":"v"}"#),
    ])
    func contentGoesBothWays(_ content: Content) throws {
        let (type, body) = content.easemob
        #expect(Content(easemob: type, body: try JSON(parsing: body), filesURL: "") == content)
    }

    @Test func whatTheVendorLacksIsCarriedByWhatItHas() throws {
        #expect(Content.face(index: 3, data: "tt").easemob.type == "custom")
        let combined = Content.combined([.text("a"), .image(Media()), .text("b")]).easemob
        #expect(combined.type == "txt")
        #expect(try JSON(parsing: combined.body)["msg"]?.string == "a[Image]b")
        let custom = Content.custom(type: "RC:X", data: "no JSON").easemob
        #expect(try JSON(parsing: custom.body)["customExts"]?["data"]?.string == "no JSON")
        let nested = Content.custom(type: "x", data: #"{"k":{"deep":1}}"#).easemob
        #expect(try JSON(parsing: nested.body)["customExts"]?["data"]?.string == #"{"k":{"deep":1}}"#)
    }

    @Test func bodiesOfThePageAreRead() throws {
        guard
            case .image(let image) = try Self.content(
                "img", #"{"filename":"testimg.jpg","secret":"V","url":"http://u","size":{"width":480,"height":720}}"#)
        else { Issue.record("no image"); return }
        #expect(image.name == "testimg.jpg" && image.secret == "V" && image.url == "http://u")
        #expect(image.width == 480 && image.height == 720)
        guard
            case .video(let video) = try Self.content(
                "video",
                #"{"thumb":"http://t","length":7,"secret":"V","file_length":58103,"thumb_secret":"Z","url":"http://u"}"#
            )
        else { Issue.record("no video"); return }
        #expect(video.bytes == 58103 && video.seconds == 7)
        #expect(video.thumbnailURL == "http://t" && video.thumbnailSecret == "Z")
    }

    @Test func lengthIsReadInBothSpellings() throws {
        for body in [#"{"length":10}"#, #"{"Length":10}"#, #"{"length":"10"}"#] {
            guard case .voice(let media) = try Self.content("audio", body) else { Issue.record("no voice"); return }
            #expect(media.seconds == 10)
        }
    }

    @Test func aFileNamedByUuidAloneGetsItsURL() throws {
        #expect(
            try Self.content("file", #"{"uuid":"0e1d","filename":"a"}"#)
                == .file(Media(url: "http://h/o/a/chatfiles/0e1d", name: "a")))
    }

    @Test func aLocationMayBeOfNumbersOrTexts() throws {
        let expected = Content.location(Location(latitude: 1.5, longitude: 2, address: nil))
        #expect(try Self.content("loc", #"{"lat":"1.5","lng":"2"}"#) == expected)
        #expect(try Self.content("loc", #"{"lat":1.5,"lng":2}"#) == expected)
    }

    @Test func oddBodiesBecomeSomethingAndNothingIsLost() throws {
        #expect(try Self.content("loc", #"{"lat":"north"}"#) == .custom(type: "loc", data: #"{"lat":"north"}"#))
        #expect(try Self.content("loc", #"{"lat":"nan","lng":"inf"}"#).kind == "custom")
        #expect(try Self.content("sticker", #"{"id":1}"#) == .custom(type: "sticker", data: #"{"id":1}"#))
        #expect(
            try Self.content("cmd", #"{"event":"n","id":"123"}"#)
                == .command(name: "", data: #"{"event":"n","id":"123"}"#))
        #expect(try Self.content("txt", #"{"text":"x"}"#) == .text(""))
        #expect(try Self.content("txt", #"{"msg":5}"#) == .text("5"))
        #expect(try Self.content("custom", #"{"customExts":null}"#) == .custom(type: "", data: ""))
    }

    @Test(arguments: ["txt", "img", "audio", "video", "file", "loc", "cmd", "custom", ""])
    func noBodyIsTooOddToRead(_ type: String) throws {
        let names = [
            "msg", "url", "filename", "secret", "size", "length", "thumb", "thumb_secret", "file_length", "lat", "lng",
            "addr", "action", "customEvent", "customExts", "uuid",
        ]
        for value in [
            "null", "1", "-1e999", "99999999999999999999", "true", "[]", "{}", #""x""#, #"{"width":[],"height":"1"}"#,
        ] {
            let body = "{" + names.map { "\"\($0)\":\(value)" }.joined(separator: ",") + "}"
            let content = try Self.content(type, body)
            _ = try JSON(parsing: content.easemob.body)
        }
    }

    @Test func theOwnPayloadIsHandedOnUntouchedAndOthersAreRendered() throws {
        let native = Array(#"{"type":"txt","body":{"msg" : "\u4e2d"}}"#.utf8)
        var message = Message(
            sender: UserID("a"), content: .text("中"), native: Native(dialect: Easemob.name, payload: native))
        #expect(message.easemobPayload == native)
        message.native = Native(dialect: DialectName("tencent"), payload: Array("[]".utf8))
        #expect(String(decoding: message.easemobPayload, as: UTF8.self) == #"{"type":"txt","body":{"msg":"中"}}"#)
        message.options.attachment = #"{"k":1}"#
        #expect(try JSON(parsing: message.easemobPayload)["ext"]?["k"]?.int == 1)
        message.options.attachment = "no JSON"
        #expect(try JSON(parsing: message.easemobPayload)["ext"]?["attachment"]?.string == "no JSON")
    }

    // MARK: ext

    private static func options(_ ext: String) throws -> MessageOptions {
        var options = MessageOptions()
        options.apply(ext: try JSON(parsing: ext))
        return options
    }

    @Test func pushKeysOfExtBecomePushOptions() throws {
        let ext =
            #"{"k":"v","em_ignore_notification":true,"em_push_ext":{"title":"T","content":"C","custom":{"a":1}},"em_force_notification":true}"#
        let options = try Self.options(ext)
        #expect(options.attachment == ext)
        #expect(options.push.isDisabled)
        #expect(options.push.title == "T")
        #expect(options.push.text == "C")
        #expect(options.push.data == #"{"a":1}"#)
        let native = try JSON(parsing: try #require(options.push.native))
        #expect(native.members?.map(\.key) == ["em_ignore_notification", "em_push_ext", "em_force_notification"])
    }

    @Test func appleOwnTextsCountWhereThereAreNoOthers() throws {
        let options = try Self.options(#"{"em_apns_ext":{"em_push_title":"T","em_push_content":"C"}}"#)
        #expect(options.push.title == "T" && options.push.text == "C")
    }

    @Test func extWithoutPushKeysLeavesPushAlone() throws {
        let options = try Self.options(#"{"k":1}"#)
        #expect(options.push == PushOptions())
        #expect(options.mention == nil)
    }

    @Test func mentionsAreRead() throws {
        #expect(try Self.options(#"{"em_at_list":"ALL"}"#).mention == .everyone)
        #expect(
            try Self.options(#"{"em_at_list":["Bob","carol"]}"#).mention == .users([UserID("bob"), UserID("carol")]))
        #expect(try Self.options(#"{"em_at_list":["all"]}"#).mention == .everyone)
        #expect(try Self.options(#"{"em_at_list":["bob","all"]}"#).mention == .everyoneAnd([UserID("bob")]))
        for ext in [#"{"em_at_list":[]}"#, #"{"em_at_list":"bob"}"#, #"{"em_at_list":5}"#, #"{"em_at_list":[1]}"#] {
            #expect(try Self.options(ext).mention == nil)
        }
    }
}
