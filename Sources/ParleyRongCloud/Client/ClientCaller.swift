package import ParleyCore
package import ParleyDialectKit

/// Who speaks: the user of a connected RongCloud client SDK, and what his commands are done with.
package struct ClientCaller: Sendable {
    package let core: Core
    package let app: App
    package let user: UserID
    /// The connection's.
    package let device: DeviceID
    package let rates: RateLimiter

    package init(core: Core, app: App, user: UserID, device: DeviceID, rates: RateLimiter) {
        self.core = core
        self.app = app
        self.user = user
        self.device = device
        self.rates = rates
    }
}

/// A status other than 0 in a PUBACK or QUERYACK: the SDK hands exactly this number to the app (facts/rongcloud-client.md, 10.3).
package struct ClientRefusal: Error, Hashable, Sendable {
    package var status: UInt16

    package init(_ status: UInt16) { self.status = status }

    /// The server could not do it: nothing of what was asked is wrong. The vendor's word for clients is not known; HTTP's is.
    package static let fault = ClientRefusal(500)
}
