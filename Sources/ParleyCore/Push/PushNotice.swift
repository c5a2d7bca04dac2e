/// How a message wants to be shown by a phone: what its sender's dialect says of it, in words that every provider's adapter understands.
package struct PushLook: Hashable, Sendable {
    package var title: String
    package var text: String
    /// Under the title; Apple's only.
    package var subtitle: String?
    /// Wakes the app, shows nothing.
    package var isSilent = false
    package var badge = Badge.unread
    /// The name of a sound. Nil: the usual one; empty: none.
    package var sound: String?
    package var category: String?
    /// Notices of one thread are shown together.
    package var threadID: String?
    /// A later notice with the same takes the place of an earlier one.
    package var collapseID: String?
    /// An https URL.
    package var image: String?
    /// `passive`, `active`, `time-sensitive` or `critical`.
    package var interruptionLevel: String?
    /// An extension of the app may change it before it is shown (APNs' mutable-content).
    package var isMutable = false
    /// A provider keeps it so long for a phone that is off. Nil: as the adapter has it.
    package var lifetimeSeconds: Int64?
    /// Shown in full even to who wants no details shown (RongCloud's forceShowPushContent).
    package var overridesHiding = false
    /// Rings although the user is connected, or wants quiet (Easemob's em_force_notification).
    package var isForced = false
    /// Which of the user's devices ring. Nil: all.
    package var devices: PushFilter?
    /// What was said for one kind of provider only.
    package var special: [PushProvider.Kind: PushSpecial] = [:]

    package enum Badge: Hashable, Sendable {
        /// How much the user has not read.
        case unread
        /// As it is.
        case unchanged
        case number(Int)
    }

    package init(title: String, text: String) {
        self.title = title
        self.text = text
    }
}

/// Which devices a sender wants to ring, or not to. A provider goes by the name that the device registered with.
package struct PushFilter: Hashable, Sendable {
    /// Empty: any.
    package var devices: Set<String>
    package var exceptDevices: Set<String>
    /// Empty: any.
    package var providers: Set<String>
    package var exceptProviders: Set<String>

    package init(
        devices: Set<String> = [], exceptDevices: Set<String> = [], providers: Set<String> = [],
        exceptProviders: Set<String> = []
    ) {
        self.devices = devices
        self.exceptDevices = exceptDevices
        self.providers = providers
        self.exceptProviders = exceptProviders
    }

    package func admits(_ device: PushDevice) -> Bool {
        (self.devices.isEmpty || self.devices.contains(device.device)) && !self.exceptDevices.contains(device.device)
            && (self.providers.isEmpty || self.providers.contains(device.provider))
            && !self.exceptProviders.contains(device.provider)
    }
}

/// What a sender wants at one kind of provider. What is nil is as ``PushLook`` says.
package struct PushSpecial: Hashable, Sendable {
    /// The vendors' silent pushes are Apple's alone: other phones show the notice.
    package var isSilent: Bool?
    /// Android's notification channel.
    package var channel: String?
    package var category: String?
    /// `LOW`, `NORMAL`, `HIGH`, as the provider has it.
    package var importance: String?
    package var image: String?
    package var sound: String?
    package var collapseID: String?
    /// vivo: 0 operations, 1 system.
    package var classification: Int?
    /// OPPO: 1, 2 or 16.
    package var notifyLevel: Int?
    package var title: String?
    package var text: String?
    /// Fields that are put into the provider's request as they are, in place of ours: a JSON object.
    package var fields: [UInt8]?

    package init() {}
}

/// One member of what the app finds in a notice beside what is shown. The value is JSON.
package struct PushField: Hashable, Sendable {
    package var name: String
    package var value: [UInt8]

    package init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// What is pushed to one device about one message.
package struct PushNotice: Hashable, Sendable {
    package var app: AppID
    /// The message's. A provider that takes an id of ours for a notice gets one that is made of it and the device, the same each time.
    package var message: MessageID
    package var conversation: Conversation
    package var sender: UserID
    package var device: PushDevice
    package var look: PushLook
    /// ``PushLook/badge`` as a number. Nil: leave it.
    package var badge: Int?
    /// As the client library on the device expects it.
    package var payload: [PushField]

    package init(
        app: AppID, message: MessageID, conversation: Conversation, sender: UserID, device: PushDevice, look: PushLook,
        badge: Int? = nil, payload: [PushField] = []
    ) {
        self.app = app
        self.message = message
        self.conversation = conversation
        self.sender = sender
        self.device = device
        self.look = look
        self.badge = badge
        self.payload = payload
    }
}
