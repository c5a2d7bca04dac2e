package import ParleyCore

/// Who is at the other end of a connection, as the one who checked the token found.
package struct Client: Hashable, Sendable {
    package var app: AppID
    package var user: UserID
    package var device: DeviceID
    /// Under the same name, to go on where it was. False: its name is for this connection alone, or it keeps its own books.
    package var comesBack: Bool
    /// What the client says it runs on: `Web`, `iPhone`, `Android` …
    package var platform: String
    package var tokenIssuedAt: Timestamp
    /// The connection ends then. ``ParleyCore/Timestamp/distantFuture``: the token never expires.
    package var tokenExpiresAt: Timestamp
    package var confirmation: Confirmation
    package var exclusivity: Exclusivity
    package var beginning: Beginning
    /// Of what was missed in one conversation, only so many of the newest entries are sent. Nil: all.
    package var catchUpLimit: Int?
    /// Where it connects from, as backends are told (``ParleyCore/PresenceHappening``). Nil: that is not known.
    package var address: String?

    /// Which older connection of the user makes room for this one.
    package enum Exclusivity: Hashable, Sendable {
        /// The same device's.
        case device
        /// Also other devices' of the same platform (``ParleyCore/DevicePolicy/onePerPlatform``).
        case platform
        /// Also the oldest, where the user would have more than so many.
        case atMost(Int)
    }

    package enum Beginning: Hashable, Sendable {
        /// What was missed is sent at once, after the cursors that the server has.
        case byItself
        /// Nothing is sent before the client has said where it is (``Reader/begin(after:)``).
        case whenAsked
    }

    /// How it becomes known that the client has what was written to it.
    package enum Confirmation: Hashable, Sendable {
        /// By its answers to pings: whatever was written before the ping has been read.
        case automatic
        /// Only by what the client says itself.
        case manual
    }

    /// - Parameters:
    ///   - device: nil: it does not name itself.
    ///   - comesBack: nil: if it names itself.
    package init(
        app: AppID, user: UserID, device: DeviceID? = nil, comesBack: Bool? = nil, platform: String = "Web",
        tokenIssuedAt: Timestamp, tokenExpiresAt: Timestamp, confirmation: Confirmation = .automatic,
        exclusivity: Exclusivity = .device, beginning: Beginning = .byItself, catchUpLimit: Int? = nil,
        address: String? = nil
    ) {
        self.app = app
        self.user = user
        self.device = device ?? .random()
        self.comesBack = comesBack ?? (device != nil)
        self.platform = platform
        self.tokenIssuedAt = tokenIssuedAt
        self.tokenExpiresAt = tokenExpiresAt
        self.confirmation = confirmation
        self.exclusivity = exclusivity
        self.beginning = beginning
        self.catchUpLimit = catchUpLimit
        self.address = address
    }
}

extension DeviceID {
    /// For a client that does not name itself.
    fileprivate static func random() -> DeviceID { DeviceID(String(UInt64.random(in: .min ... .max), radix: 36)) }
}
