/// What the dialects and the sockets call: commands that decide, and the ports they act through.
///
/// It does not know that there are vendors, HTTP or JSON. Commands are in the folders of what they are about:
/// `Messages/Send.swift`, `Groups/…`, `Users/…`.
package struct Core: Sendable {
    package let directory: any Directory
    package let log: any Log
    package let places: any Places
    package let files: any Files
    package let signals: any Signals
    package let presence: any Presence
    package let push: any PushBook
    package let clock: any WallClock
    package let identifiers: MessageIDSource
    package let limits: CoreLimits
    let gate: any MessageGate
    let chronicle: any Chronicle
    let frequency: FrequencyControl

    package init(
        directory: any Directory, log: any Log, places: any Places, files: any Files, signals: any Signals,
        presence: any Presence, push: any PushBook,
        clock: any WallClock, identifiers: MessageIDSource, limits: CoreLimits = CoreLimits(),
        gate: any MessageGate = OpenGate(), chronicle: any Chronicle = NoChronicle()
    ) {
        self.directory = directory
        self.log = log
        self.places = places
        self.files = files
        self.signals = signals
        self.presence = presence
        self.push = push
        self.clock = clock
        self.identifiers = identifiers
        self.limits = limits
        self.gate = gate
        self.chronicle = chronicle
        self.frequency = FrequencyControl(messagesPerSecond: limits.groupMessagesPerSecond)
    }
}

package struct CoreLimits: Hashable, Sendable {
    /// Messages a second in one group before frequency control drops some (Tencent: 40). 0: no limit.
    package var groupMessagesPerSecond: Int

    package init(groupMessagesPerSecond: Int = 40) { self.groupMessagesPerSecond = groupMessagesPerSecond }
}
