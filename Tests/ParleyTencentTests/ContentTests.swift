import ParleyCore
import ParleyDialectKit
import ParleyJSON
import Testing

@testable import ParleyTencent

@Suite struct ContentTests {
    private static let elements: [(String, Content)] = [
        (#"{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}"#, .text("red packet")),
        (
            #"{"MsgType":"TIMFaceElem","MsgContent":{"Index":6,"Data":"abc\u0000\u0001"}}"#,
            .face(index: 6, data: "abc\u{0}\u{1}")
        ),
        (
            #"{"MsgType":"TIMLocationElem","MsgContent":{"Desc":"here","Latitude":29.340656774469956,"Longitude":-116.5}}"#,
            .location(Location(latitude: 29.340656774469956, longitude: -116.5, address: "here"))
        ),
        (
            #"{"MsgType":"TIMCustomElem","MsgContent":{"Data":"d","Desc":"","Ext":""}}"#,
            .custom(type: "TIMCustomElem", data: "d")
        ),
        (
            #"{"MsgType":"TIMSoundElem","MsgContent":{"Url":"http://u/s","UUID":"http://u/s","Size":62351,"Second":1,"Download_Flag":2}}"#,
            .voice(Self.media("http://u/s", bytes: 62351) { $0.seconds = 1 })
        ),
        (
            #"{"MsgType":"TIMFileElem","MsgContent":{"Url":"http://u/f","UUID":"http://u/f","FileSize":1773552,"FileName":"a.pdf","Download_Flag":2}}"#,
            .file(Media(url: "http://u/f", name: "a.pdf", bytes: 1_773_552))
        ),
        (
            """
            {"MsgType":"TIMImageElem","MsgContent":{"UUID":"http://u/1.jpg","ImageFormat":1,"ImageInfoArray":[\
            {"Type":1,"Size":1853095,"Width":2448,"Height":3264,"URL":"http://u/1.jpg"},\
            {"Type":2,"Size":1853095,"Width":2448,"Height":3264,"URL":"http://u/1.jpg"},\
            {"Type":3,"Size":0,"Width":0,"Height":0,"URL":"http://u/3.jpg"}]}}
            """,
            .image(
                Self.media("http://u/1.jpg", bytes: 1_853_095) {
                    $0.width = 2448
                    $0.height = 3264
                    $0.thumbnailURL = "http://u/3.jpg"
                    $0.mediaType = "image/jpeg"
                })
        ),
        (
            """
            {"MsgType":"TIMVideoFileElem","MsgContent":{"VideoUrl":"http://u/v","VideoUUID":"http://u/v","VideoSize":1194603,\
            "VideoSecond":5,"VideoFormat":"mp4","VideoDownloadFlag":2,"ThumbUrl":"http://u/t","ThumbUUID":"http://u/t",\
            "ThumbSize":0,"ThumbWidth":720,"ThumbHeight":1280,"ThumbFormat":"JPG","ThumbDownloadFlag":2}}
            """,
            .video(
                Self.media("http://u/v", bytes: 1_194_603) {
                    $0.seconds = 5
                    $0.mediaType = "video/mp4"
                    $0.thumbnailURL = "http://u/t"
                    $0.width = 720
                    $0.height = 1280
                })
        ),
    ]

    private static func media(_ url: String, bytes: Int64, _ more: (inout Media) -> Void) -> Media {
        var media = Media(url: url, bytes: bytes)
        more(&media)
        return media
    }

    @Test(arguments: elements)
    func anElementBecomesItsKind(element: String, content: Content) throws {
        #expect(Content(element: try JSON(parsing: element)) == content)
    }

    /// As another dialect's message would be shown to a Tencent backend.
    @Test(arguments: elements)
    func aKindBecomesTheElementAgain(element: String, content: Content) throws {
        let written = try self.written(content)
        #expect(written.count == 1)
        #expect(Content(element: written[0]) == content)
        let expected = try JSON(parsing: element)
        #expect(written[0]["MsgType"]?.string == expected["MsgType"]?.string)
        #expect(
            written[0]["MsgContent"]?.members?.map(\.key).sorted()
                == expected["MsgContent"]?.members?.map(\.key).sorted())
    }

    @Test func severalElementsAreCombined() throws {
        let text = "[\(Self.elements[0].0),\(Self.elements[1].0)]"
        let content = Content(msgBody: try #require(JSON(parsing: text).array))
        #expect(content == .combined([Self.elements[0].1, Self.elements[1].1]))
        #expect(content.summary == "red packet[Face]")
        #expect(try self.written(content).map { Content(element: $0) } == [Self.elements[0].1, Self.elements[1].1])
    }

    @Test func aForwardedBundleIsItsMessagesCombined() throws {
        let text = """
            {"MsgType":"TIMRelayElem","MsgContent":{"Title":"t","MsgNum":2,"CompatibleText":"c","AbstractList":["a"],"MsgList":[
            {"From_Account":"a","MsgBody":[\(Self.elements[0].0)]},{"From_Account":"b","MsgBody":[\(Self.elements[1].0)]}]}}
            """
        #expect(Content(element: try JSON(parsing: text)) == .combined([Self.elements[0].1, Self.elements[1].1]))
    }

    @Test func aBundleKeptElsewhereIsCarriedWhole() throws {
        let text = #"{"MsgType":"TIMRelayElem","MsgContent":{"Title":"t","JsonMsgKey":"k"}}"#
        #expect(
            Content(element: try JSON(parsing: text))
                == .custom(type: "TIMRelayElem", data: #"{"Title":"t","JsonMsgKey":"k"}"#))
    }

    @Test func whatIsNoKnownElementIsCarriedWhole() throws {
        let text = #"{"MsgType":"TIMStreamElem","MsgContent":{"Chunks":[1]}}"#
        #expect(Content(element: try JSON(parsing: text)) == .custom(type: "TIMStreamElem", data: #"{"Chunks":[1]}"#))
    }

    @Test func aCommandOfAnotherDialectIsCarriedWholeInACustomElement() throws {
        let element = try self.written(.command(name: "refresh", data: "x"))[0]
        #expect(element["MsgType"]?.string == "TIMCustomElem")
        let data = try JSON(parsing: try #require(element["MsgContent"]?["Data"]?.string))
        #expect(data["kind"]?.string == "command")
        #expect(data["content"]?["name"]?.string == "refresh")
        #expect(data["native"]?["dialect"]?.string == "easemob")
        #expect(data["native"]?["payload"]?["original"]?.bool == true)
    }

    @Test func aCustomMessageOfAnotherDialectKeepsItsTypeInExt() throws {
        let content = try self.written(.custom(type: "app:gift", data: "{}"))[0]["MsgContent"]
        #expect(content?["Data"]?.string == "{}")
        #expect(content?["Ext"]?.string == "app:gift")
    }

    @Test func ourOwnMessagesAreReturnedByteForByte() throws {
        let body = #"[ {"MsgType" : "TIMTextElem", "MsgContent":{"Text":"\u4f60\/"}} ]"#
        let message = Message(
            sender: UserID("a"), content: .text("x"),
            native: Native(dialect: Tencent.name, payload: Array(#"{"MsgBody":\#(body)}"#.utf8)))
        var json = JSONWriter()
        json.msgBody(of: message)
        #expect(String(decoding: json.bytes, as: UTF8.self) == body)
    }

    /// Every field of every element, given what it must not be.
    @Test(
        arguments: [
            #""text""#, "7", "null", "{}", #"[]"#, #"[null]"#, #"["x"]"#, #"[{}]"#, #"[{"MsgType":7}]"#,
            #"[{"MsgType":"TIMTextElem"}]"#, #"[{"MsgType":"TIMTextElem","MsgContent":[]}]"#,
            #"[{"MsgType":"TIMTextElem","MsgContent":null}]"#, #"[{"MsgType":"TIMTextElem","MsgContent":{}}]"#,
            #"[{"MsgType":"TIMTextElem","MsgContent":{"Text":7}}]"#,
            #"[{"MsgType":"timtextelem","MsgContent":{"Text":"x"}}]"#,
            #"[{"MsgType":"TIMNoSuchElem","MsgContent":{}}]"#,
            #"[{"MsgType":"TIMStreamElem","MsgContent":{}}]"#,
            #"[{"MsgType":"TIMFaceElem","MsgContent":{"Data":"x"}}]"#,
            #"[{"MsgType":"TIMFaceElem","MsgContent":{"Index":1.5}}]"#,
            #"[{"MsgType":"TIMFaceElem","MsgContent":{"Index":99999999999999999999}}]"#,
            #"[{"MsgType":"TIMFaceElem","MsgContent":{"Index":1,"Data":2}}]"#,
            #"[{"MsgType":"TIMCustomElem","MsgContent":{"Data":{}}}]"#,
            #"[{"MsgType":"TIMCustomElem","MsgContent":{"Ext":1}}]"#,
            #"[{"MsgType":"TIMLocationElem","MsgContent":{"Latitude":1}}]"#,
            #"[{"MsgType":"TIMLocationElem","MsgContent":{"Latitude":"1","Longitude":2}}]"#,
            #"[{"MsgType":"TIMLocationElem","MsgContent":{"Latitude":1e999,"Longitude":2}}]"#,
            #"[{"MsgType":"TIMSoundElem","MsgContent":{}}]"#,
            #"[{"MsgType":"TIMSoundElem","MsgContent":{"Url":"u","Size":"1"}}]"#,
            #"[{"MsgType":"TIMImageElem","MsgContent":{"ImageInfoArray":[]}}]"#,
            #"[{"MsgType":"TIMImageElem","MsgContent":{"ImageInfoArray":[{"Type":1}]}}]"#,
            #"[{"MsgType":"TIMImageElem","MsgContent":{"ImageInfoArray":{}}}]"#,
            #"[{"MsgType":"TIMFileElem","MsgContent":{"FileName":"a"}}]"#,
            #"[{"MsgType":"TIMVideoFileElem","MsgContent":{"VideoSize":1}}]"#,
            #"[{"MsgType":"TIMRelayElem","MsgContent":{"Title":"t"}}]"#,
            #"[{"MsgType":"TIMCustomElem","MsgContent":{}},{"MsgType":"TIMCustomElem","MsgContent":{}}]"#,
        ])
    func aBodyThatIsNoneIsMalformed(body: String) throws {
        let fields = try Fields(JSON(parsing: #"{"MsgBody":\#(body)}"#))
        let error = #expect(throws: Malformed.self) { _ = try MsgBody(fields) }
        #expect(error?.field.hasPrefix("MsgBody") == true)
    }

    @Test func olderSDKsElementsWithoutAddressesAreAccepted() throws {
        let body = """
            [{"MsgType":"TIMSoundElem","MsgContent":{"UUID":"u","Size":1,"Second":2}},
            {"MsgType":"TIMFileElem","MsgContent":{"UUID":"u","FileSize":1,"FileName":"n"}},
            {"MsgType":"TIMCustomElem","MsgContent":{"Data":"d"}}]
            """
        _ = try MsgBody(try Fields(JSON(parsing: #"{"MsgBody":\#(body)}"#)))
    }

    @Test func aCustomElementsDescIsThePushText() throws {
        let body = """
            [{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello "}},
            {"MsgType":"TIMCustomElem","MsgContent":{"Data":"d","Desc":"world","Ext":"e"}}]
            """
        let push = try MsgBody(try Fields(JSON(parsing: #"{"MsgBody":\#(body)}"#))).customPush
        #expect(push?.text == "hello world")
        #expect(push?.data == "e")
    }

    private func written(_ content: Content) throws -> [JSON] {
        let message = Message(
            sender: UserID("a"), content: content,
            native: Native(dialect: DialectName("easemob"), payload: Array(#"{"original":true}"#.utf8)))
        var json = JSONWriter()
        json.msgBody(of: message)
        return try #require(JSON(parsing: json.bytes).array)
    }
}
