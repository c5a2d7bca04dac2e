import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How a push to those offline should look. Source: facts/tencent-im.md 3.3.
///
/// What the core has words for is read; the whole is kept as it was written, for the adapters of the push providers.
enum OfflinePushInfo {
    /// - Returns: nil when the request has none. An empty `ApnsInfo`, which one SDK always sends, is no information.
    static func read(from fields: Fields) throws(Malformed) -> PushOptions? {
        guard let info = try fields.object("OfflinePushInfo") else { return nil }
        try self.shape.check(info)
        if let android = try info.object("AndroidInfo") { try self.android.check(android) }
        if let apns = try info.object("ApnsInfo") { try self.apns.check(apns) }
        var push = PushOptions()
        push.isDisabled = try self.pushFlag(info)
        push.title = try info.optionalString("Title")
        push.text = try info.optionalString("Desc")
        push.data = try info.optionalString("Ext")
        push.native = Array(info.json.raw)
        return push
    }

    /// 0: push; 1: none.
    private static func pushFlag(_ info: Fields) throws(Malformed) -> Bool {
        switch try info.integer("PushFlag") {
        case nil, 0: return false
        case 1: return true
        default: throw Malformed(info.name("PushFlag"), .invalid)
        }
    }

    private static let shape = Shape(
        optional: [
            "Title": .string, "Desc": .string, "Ext": .string, "AndroidInfo": .object, "ApnsInfo": .object,
            "HarmonyInfo": .object,
        ])

    private static let android = Shape(
        optional: [
            "Sound": .string, "HuaWeiChannelID": .string, "XiaoMiChannelID": .string, "OPPOChannelID": .string,
            "GoogleChannelID": .string, "VIVOClassification": .integer, "VIVOCategory": .string,
            "HuaWeiImportance": .string, "HuaWeiCategory": .string, "HuaWeiImage": .string, "HonorImage": .string,
            "HonorImportance": .string, "GoogleImage": .string, "ExtAsHuaweiIntentParam": .integer,
            "PushStyle": .integer, "OPPOCategory": .string, "OPPONotifyLevel": .integer, "MeizuNotifyType": .integer,
        ])

    private static let apns = Shape(
        optional: [
            "Sound": .string, "BadgeMode": .integer, "Title": .string, "SubTitle": .string, "Image": .string,
            "MutableContent": .integer, "InterruptionLevel": .string, "ContentAvailable": .integer,
        ])
}
