import ParleyCore
import ParleyDialectKit

/// Makes the notices of one page of the log at one provider. What several messages need is looked up once: a busy conversation costs a page
/// what it would cost a message.
struct NoticeMaker {
    private let office: PushOffice
    private let app: App
    private let provider: PushProvider
    private let now: Timestamp
    private var devices: [Conversation: [(user: UserID, devices: [PushDevice])]] = [:]
    private var groups: [GroupID: GroupSnapshot?] = [:]
    private var senders: [UserID: User?] = [:]
    private var recipients: [UserID: Recipient] = [:]
    private var places: [Seat: Place] = [:]
    private var templates: [PushTemplate]?

    private struct Recipient {
        var preferences: [PushScope: PushPreferences]
        var isOnline: Bool
    }

    private struct Seat: Hashable {
        let user: UserID
        let conversation: Conversation
    }

    /// More than a group may have members and they devices.
    private static let deviceLimit = 10_000

    init(_ office: PushOffice, _ app: App, _ provider: PushProvider) {
        self.office = office
        self.app = app
        self.provider = provider
        self.now = office.core.clock.now()
    }

    /// One for each of the provider's devices whose user is to be told: not the sender, not who is connected, not who wants quiet.
    mutating func notices(about entry: Entry, _ message: Message) async throws -> [PushNotice] {
        guard let form = self.office.forms[message.native.dialect] else { return [] }
        var notices: [PushNotice] = []
        for (user, devices) in try await self.devices(in: entry.conversation) {
            guard user != message.sender, message.audience.includes(user) else { continue }
            let subject = try await self.subject(of: entry, message, for: user)
            guard let look = form.look(of: subject), try await self.rings(subject, look) else { continue }
            for device in devices where look.devices?.admits(device) ?? true {
                notices.append(
                    PushNotice(
                        app: self.app.id, message: entry.id, conversation: subject.conversation, sender: message.sender,
                        device: device, look: look,
                        payload: self.office.forms[device.dialect]?.payload(of: subject, at: self.provider.kind) ?? []))
            }
        }
        return notices
    }

    private mutating func subject(
        of entry: Entry, _ message: Message, for user: UserID
    ) async throws -> PushSubject {
        var group: Group?
        if case .group(let id) = entry.conversation.conversation { group = try await self.group(id)?.group }
        return PushSubject(
            app: self.app, entry: entry, message: message, group: group,
            sender: try await self.sender(message.sender), recipient: user,
            preferences: try await self.recipient(user).preferences[.everywhere] ?? PushPreferences(),
            templates: try await self.allTemplates())
    }

    private mutating func rings(_ subject: PushSubject, _ look: PushLook) async throws -> Bool {
        // Who is not connected is in no room for long; and what is said there is for those who listen.
        if subject.group?.type.rules.isRoom == true { return false }
        let user = subject.recipient
        let recipient = try await self.recipient(user)
        guard look.isForced || !recipient.isOnline else { return false }
        var member: Member?
        if case .group(let id) = subject.conversation { member = try await self.group(id)?.members[user] }
        let place = try await self.place(of: user, in: subject.entry.conversation)
        // Read on another device, or from before he joined, or cleared: nothing new.
        guard
            subject.entry.sequence ?? 0 > max(place.readThrough, place.clearedThrough, member?.joinedAtSequence ?? 0)
        else { return false }
        return PushRules(
            user: user, message: subject.message, look: look, preferences: recipient.preferences,
            conversation: subject.conversation, member: member, isMuted: place.isMuted, now: self.now,
            offsetMinutes: self.app.settings.pushOffsetMinutes
        ).mayRing
    }
}

// MARK: What is looked up once

extension NoticeMaker {
    private mutating func devices(
        in conversation: ConversationID
    ) async throws -> [(user: UserID, devices: [PushDevice])] {
        if let known = self.devices[conversation.conversation] { return known }
        let devices = try await self.office.book.pushDevices(
            in: conversation, at: [self.provider.name] + self.provider.aliases,
            largestGroup: self.app.settings.largestPushedGroup, limit: Self.deviceLimit)
        let ofUsers = Dictionary(grouping: devices, by: \.user).map { (user: $0.key, devices: $0.value) }
            .sorted { $0.user < $1.user }
        self.devices[conversation.conversation] = ofUsers
        return ofUsers
    }

    private mutating func group(_ id: GroupID) async throws -> GroupSnapshot? {
        if let known = self.groups[id] { return known }
        let group = try await self.office.core.directory.group(id, in: self.app.id)
        self.groups[id] = .some(group)
        return group
    }

    private mutating func sender(_ id: UserID) async throws -> User? {
        if let known = self.senders[id] { return known }
        let user = try await self.office.core.directory.user(id, in: self.app.id)
        self.senders[id] = .some(user)
        return user
    }

    private mutating func recipient(_ id: UserID) async throws -> Recipient {
        if let known = self.recipients[id] { return known }
        let recipient = Recipient(
            preferences: try await self.office.book.pushPreferences(of: id, in: self.app.id),
            isOnline: await self.office.core.presence.isOnline(id, in: self.app.id))
        self.recipients[id] = recipient
        return recipient
    }

    private mutating func place(of user: UserID, in conversation: ConversationID) async throws -> Place {
        let seat = Seat(user: user, conversation: conversation.conversation)
        if let known = self.places[seat] { return known }
        let place = try await self.office.core.places.place(of: user, in: conversation)
        self.places[seat] = place
        return place
    }

    private mutating func allTemplates() async throws -> [PushTemplate] {
        if let templates { return templates }
        let templates = try await self.office.book.pushTemplates(nil, in: self.app.id)
        self.templates = templates
        return templates
    }
}
