import ParleyCore
import ParleyDialectKit
import ParleyJSON
import Testing

@testable import ParleyTencent

@Suite struct OfflinePushInfoTests {
    @Test func whatTheCoreHasWordsForIsReadAndTheWholeIsKept() throws {
        let text = """
            {"PushFlag":1,"Title":"t","Desc":"d","Ext":"e","AndroidInfo":{"Sound":"android.mp3","OPPOChannelID":"c","New":[]},
            "ApnsInfo":{"Sound":"apns.mp3","BadgeMode":1,"Title":"apns title","SubTitle":"s","Image":"www.image.com"}}
            """
        let push = try #require(try self.read(text))
        #expect(push.isDisabled)
        #expect(push.title == "t")
        #expect(push.text == "d")
        #expect(push.data == "e")
        #expect(push.native == Array(text.utf8))
    }

    @Test func anEmptyApnsInfoIsNothingWrong() throws {
        let push = try #require(
            try self.read(#"{"Title":"…","AndroidInfo":{"ExtAsHuaweiIntentParam":1},"ApnsInfo":{}}"#))
        #expect(!push.isDisabled)
        #expect(push.text == nil)
    }

    @Test func nullIsNone() throws { #expect(try self.read("null") == nil) }

    @Test(
        arguments: [
            (#""x""#, "OfflinePushInfo"), ("[]", "OfflinePushInfo"),
            (#"{"PushFlag":"0"}"#, "OfflinePushInfo.PushFlag"), (#"{"PushFlag":2}"#, "OfflinePushInfo.PushFlag"),
            (#"{"Title":1}"#, "OfflinePushInfo.Title"), (#"{"Desc":{}}"#, "OfflinePushInfo.Desc"),
            (#"{"Ext":{"a":1}}"#, "OfflinePushInfo.Ext"), (#"{"AndroidInfo":[]}"#, "OfflinePushInfo.AndroidInfo"),
            (#"{"AndroidInfo":{"Sound":1}}"#, "OfflinePushInfo.AndroidInfo.Sound"),
            (#"{"AndroidInfo":{"VIVOClassification":"1"}}"#, "OfflinePushInfo.AndroidInfo.VIVOClassification"),
            (#"{"ApnsInfo":"x"}"#, "OfflinePushInfo.ApnsInfo"),
            (#"{"ApnsInfo":{"BadgeMode":true}}"#, "OfflinePushInfo.ApnsInfo.BadgeMode"),
        ])
    func theWrongFieldIsNamed(text: String, field: String) throws {
        let error = #expect(throws: Malformed.self) { try self.read(text) }
        #expect(error == Malformed(field, .invalid))
    }

    private func read(_ text: String) throws -> PushOptions? {
        try OfflinePushInfo.read(from: try Fields(JSON(parsing: #"{"OfflinePushInfo":\#(text)}"#)))
    }
}
