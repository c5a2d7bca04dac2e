extension Core {
    /// More installations than anybody has. The oldest go: each message is pushed to every one of them.
    package static let pushDevicesPerUser = 32

    /// - Throws: ``Rejection/userNotFound(_:)``.
    package func registerForPush(_ device: PushDevice, in app: AppID) async throws {
        guard try await self.directory.user(device.user, in: app) != nil else {
            throw Rejection.userNotFound(device.user)
        }
        try await self.push.register(device, in: app)
        let devices = try await self.push.pushDevices(of: device.user, in: app)
        for old in devices.dropLast(Self.pushDevicesPerUser) {
            try await self.push.unregister(old.device, of: old.user, in: app)
        }
    }

    /// What rings of one conversation, or nothing but what rings elsewhere (nil). What lets less than everything through also mutes it
    /// (``Place/isMuted``): that is all that some vendors' APIs show.
    ///
    /// - Throws: as ``changePlace(in:of:in:_:)``.
    package func setPushLevel(
        _ level: PushLevel?, isMuted: Bool? = nil, of conversation: Conversation, for user: UserID, in app: AppID
    ) async throws {
        let mutes = isMuted ?? level.map { $0 != .all } ?? false
        try await self.changePlace(in: conversation, of: user, in: app) { place, _, _ in place.isMuted = mutes }
        try await self.push.changePushPreferences(of: user, for: .conversation(conversation), in: app) {
            $0.level = level
        }
    }

    /// What rings of one conversation, unless the wider scope says it (nil).
    package func pushLevel(of conversation: Conversation, for user: UserID, in app: AppID) async throws -> PushLevel? {
        let preferences = try await self.push.pushPreferences(of: user, in: app)[.conversation(conversation)]
        let place = try await self.places.place(of: user, in: ConversationID(app: app, conversation))
        return .combined(preferences?.level, isMuted: place.isMuted)
    }
}

extension PushLevel {
    /// Muting and unmuting is what every vendor's API can do, and it counts. The conversation's own level says what still rings while it is muted, and that it
    /// rings whatever the wider scope says while it is not.
    package static func combined(_ level: PushLevel?, isMuted: Bool) -> PushLevel? {
        switch (isMuted, level) {
        case (true, .mentions), (true, .mentionsByName), (true, .mentionsOfEveryone): level
        case (true, _): PushLevel.none
        case (false, .all): .all
        case (false, _): nil
        }
    }
}
