import ParleyCore
import ParleyJSON
import ParleyRongCloud
import Testing

@Suite struct ContentTests {
    static func read(_ objectName: String, _ content: String) -> WireMessage.Reading {
        WireMessage(objectName: objectName, content: content).reading
    }

    @Test func readsATextWithItsExtraAndMention() {
        let reading = Self.read(
            "RC:TxtMsg",
            #"{"content":"@测试11 c#hello","extra":"e","mentionedInfo":{"type":2, "userIdList":["wX7zFv8dR"],"mentionedContent":""}}"#
        )
        #expect(reading.content == .text("@测试11 c#hello"))
        #expect(reading.extra == "e")
        #expect(reading.mention == .users([UserID("wX7zFv8dR")]))
        #expect(Self.read("RC:TxtMsg", #"{"content":"x","mentionedInfo":{"type":1}}"#).mention == .everyone)
        #expect(Self.read("RC:TxtMsg", #"{"content":"x","mentionedInfo":{"type":2,"userIdList":[]}}"#).mention == nil)
        #expect(Self.read("RC:TxtMsg", #"{"content":"x","mentionedInfo":"all"}"#).mention == nil)
        #expect(Self.read("RC:TxtMsg", #"{"content":"x","extra":{"a":1}}"#).extra == #"{"a":1}"#)
    }

    @Test func readsMedia() {
        var image = Media(url: "https://e.com/i.jpg")
        image.inlineBase64 = "bmls"
        #expect(
            Self.read("RC:ImgMsg", #"{"content":"bmls","imageUri":"https://e.com/i.jpg"}"#).content == .image(image))

        var gif = Media(url: "https://e.com/i.gif", bytes: 34)
        (gif.width, gif.height, gif.mediaType) = (2, 3, "image/gif")
        #expect(
            Self.read("RC:GIFMsg", #"{"remoteUrl":"https://e.com/i.gif","gifDataSize":34,"width":2,"height":3}"#)
                .content
                == .image(gif))

        var voice = Media()
        (voice.inlineBase64, voice.seconds, voice.mediaType) = ("YW1y", 7, "audio/amr")
        #expect(Self.read("RC:VcMsg", #"{"content":"YW1y","duration":7}"#).content == .voice(voice))

        var video = Media(url: "https://e.com/v.mp4", name: "v.mp4", bytes: 99)
        (video.seconds, video.inlineBase64) = (12, "dGh1bWI=")
        #expect(
            Self.read(
                "RC:SightMsg",
                #"{"sightUrl":"https://e.com/v.mp4","content":"dGh1bWI=","duration":12,"size":"99","name":"v.mp4"}"#
            ).content == .video(video))

        #expect(
            Self.read("RC:FileMsg", #"{"name":"a.txt","size":4,"type":"txt","fileUrl":"https://e.com/a.txt"}"#).content
                == .file(Media(url: "https://e.com/a.txt", name: "a.txt", bytes: 4)))
    }

    @Test func readsPlacesCommandsAndForwardedMessages() {
        #expect(
            Self.read("RC:LBSMsg", #"{"content":"","latitude":39.9,"longitude":116.4,"poi":"北京"}"#).content
                == .location(Location(latitude: 39.9, longitude: 116.4, address: "北京")))
        #expect(
            Self.read("RC:CmdMsg", #"{"name":"mute","data":"{\"a\":1}"}"#).content
                == .command(name: "mute", data: #"{"a":1}"#))
        #expect(
            Self.read("RC:CombineMsg", #"{"remoteUrl":"u","nameList":["a"],"summaryList":["a: x","b: y"]}"#).content
                == .combined([.text("a: x\n"), .text("b: y\n")]))
        #expect(Self.read("RC:ReferenceMsg", #"{"content":"yes","objName":"RC:TxtMsg"}"#).content == .text("yes"))
    }

    /// Every type of the facts' table is read without loss; those that no other dialect has are custom messages with
    /// the whole inside.
    @Test(arguments: [
        "RC:ImgTextMsg", "RC:ContactNtf", "RC:ProfileNtf", "RC:InfoNtf", "RC:GrpNtf", "RC:RcNtf", "RC:DizNtf",
        "RC:chrmKVNotiMsg", "RC:RcCmd", "RC:ReadNtf", "RC:RRReqMsg", "RC:RRRspMsg", "RC:SRSMsg", "RC:TypSts",
        "RC:MsgExMsg", "RC:SomethingNew", "App:Order",
    ])
    func whatHasNoCounterpartIsCarriedWhole(_ objectName: String) {
        let content = #"{"message": "x" ,"n":1.0}"#
        #expect(Self.read(objectName, content).content == .custom(type: objectName, data: content))
    }

    /// The vendor's own Node tests send a bare text as RC:TxtMsg.
    @Test(arguments: [
        #""helloworld""#, "helloworld", "", "[]", "null", "{", #"{"content":1}"#, #"{"text":"x"}"#, "{}", "\u{0}",
    ])
    func whatIsNotAsItsTypeHasItIsDeliveredVerbatim(_ content: String) {
        #expect(Self.read("RC:TxtMsg", content).content == .custom(type: "RC:TxtMsg", data: content))
    }

    @Test func keepsTheContentByteForByte() throws {
        for content in [#"{"content" : "é\u00e9\/" , "a":1e0}"#, "\u{0}\u{1}\\\"\n", "💬", ""] {
            let wire = WireMessage(objectName: "RC:TxtMsg", content: content)
            #expect(wire.native.dialect == RongCloud.name)
            let json = try JSON(parsing: wire.native.payload)
            #expect(json["objectName"]?.string == "RC:TxtMsg")
            #expect(json["content"]?.string == content)
            #expect(WireMessage(wire.native) == wire)
        }
    }

    static let common: [Content] = [
        .text("hello\n\"世界\""),
        .image(
            {
                var media = Media(url: "https://e.com/i.jpg")
                media.inlineBase64 = "bmls"
                return media
            }()),
        .image(
            {
                var media = Media(url: "https://e.com/i.gif", bytes: 34)
                (media.width, media.height, media.mediaType) = (2, 3, "image/gif")
                return media
            }()),
        .voice(
            {
                var media = Media()
                (media.inlineBase64, media.seconds, media.mediaType) = ("YW1y", 7, "audio/amr")
                return media
            }()),
        .voice(
            {
                var media = Media(url: "https://e.com/v.aac")
                (media.seconds, media.mediaType) = (7, "audio/aac")
                return media
            }()),
        .video(
            {
                var media = Media(url: "https://e.com/v.mp4", name: "v.mp4", bytes: 99)
                (media.seconds, media.inlineBase64) = (12, "dGh1bWI=")
                return media
            }()),
        .file(Media(url: "https://e.com/a.txt", name: "a.txt", bytes: 4)),
        .location(Location(latitude: 39.9, longitude: 116.4, address: "北京")),
        .command(name: "mute", data: #"{"a":1}"#),
        .custom(type: "App:Order", data: "not json"),
    ]

    @Test(arguments: ContentTests.common)
    func commonContentSurvivesTheRoundTrip(_ content: Content) {
        #expect(WireMessage(content).reading.content == content)
    }

    @Test func rendersOptionsOfOtherDialectsMessages() throws {
        var options = MessageOptions()
        options.attachment = #"{"k":"v"}"#
        options.mention = .users([UserID("bob")])
        let message = Message(
            sender: UserID("alice"), content: .text("hi"),
            native: Native(dialect: DialectName("tencent"), payload: Array("{}".utf8)), options: options)
        let reading = WireMessage(message).reading
        #expect(reading.content == .text("hi"))
        #expect(reading.extra == #"{"k":"v"}"#)
        #expect(reading.mention == .users([UserID("bob")]))
    }

    @Test func showsItsOwnMessagesAsTheyWereSent() {
        let wire = WireMessage(objectName: "RC:InfoNtf", content: #"{ "message":"x" }"#)
        let message = Message(sender: UserID("alice"), content: wire.reading.content, native: wire.native)
        #expect(WireMessage(message) == wire)
    }

    @Test func joinsWhatItCannotShowTogether() {
        let wire = WireMessage(.combined([.text("a"), .face(index: 3, data: ""), .image(Media(url: "u"))]))
        #expect(wire.reading.content == .text("a[Face][Image]"))
        #expect(WireMessage(.combined([.text("only")])).reading.content == .text("only"))
    }

    @Test func wrapsWhatItHasNoTypeFor() throws {
        let face = WireMessage(.face(index: 3, data: "d"), extra: "e")
        #expect(face.objectName == "Parley:Face")
        #expect(try JSON(parsing: face.content)["index"]?.int == 3)
        #expect(try JSON(parsing: face.content)["extra"]?.string == "e")
        for type in ["", String(repeating: "x", count: 33), "名", "a b"] {
            let custom = WireMessage(.custom(type: type, data: "d"))
            #expect(custom.objectName == "Parley:Custom")
            #expect(try JSON(parsing: custom.content)["type"]?.string == type)
            #expect(try JSON(parsing: custom.content)["data"]?.string == "d")
        }
    }
}
