package import ParleyDialectKit
package import ParleyRongCloud

/// What a client says of itself in the address of its socket, and of what it asks before it has one: all that it says before the server speaks
/// (facts/rongcloud-client.md, 1.1, 2.1).
package struct Handshake: Hashable, Sendable {
    package var appKey: String
    /// Without the addresses that may follow an `@`.
    package var token: String
    /// `5.2.1`; empty where it is not said.
    package var sdkVersion: String
    package var version: ServerFrame.Version
    /// What the client runs on, as presence shows it.
    package var platform: String
    /// The client's own name for this instance of it, where it has one.
    package var instance: String?

    package init(_ query: Form) {
        self.appKey = query["appId"] ?? query["appKey"] ?? ""
        self.token = String((query["token"] ?? "").prefix { $0 != "@" })
        self.sdkVersion = query["sdkVer"] ?? ""
        self.version = ServerFrame.Version(protocolVer: query["protocolVer"])
        let platform = query["platform"] ?? ""
        self.platform = Self.isLabel(platform) ? platform : "Web"
        self.instance = query["pid"].flatMap { $0 != "undefined" && Self.isLabel($0) ? $0 : nil }
    }

    private static func isLabel(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value >= 0x20 }
    }

    /// Those of the second cannot read UTF-8 of four bytes, such as emoji have (facts, 11).
    package var readsLongCharacters: Bool { !self.sdkVersion.hasPrefix("2.") }

    /// SDKs of the second and third generation do not go on by themselves when a pull was not answered whole (6.5).
    package var pullsOnByItself: Bool { !self.sdkVersion.hasPrefix("2.") && !self.sdkVersion.hasPrefix("3.") }
}
