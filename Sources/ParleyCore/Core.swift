/// What the dialects and the sockets call: commands that decide, and the ports they act through.
///
/// It does not know that there are vendors, HTTP or JSON. Commands are in the folders of what they are about:
/// `Messages/Send.swift`, `Groups/…`, `Users/…`. Nothing of it changes; it is a class because it is handed on at every step of every request.
package final class Core: Sendable {
    package let directory: any Directory
    package let log: any Log
    package let places: any Places
    package let files: any Files
    package let signals: any Signals
    package let presence: any Presence
    package let push: any PushBook
    package let callbacks: any CallbackBook
    package let clock: any WallClock
    package let identifiers: MessageIDSource
    package let limits: CoreLimits
    let gate: any MessageGate
    let chronicle: any Chronicle
    let frequency: FrequencyControl
    /// To be stopped before those are gone whom it tells.
    package let threadTeller: ThreadTeller

    package init(
        directory: any Directory, log: any Log, places: any Places, files: any Files, signals: any Signals,
        presence: any Presence, push: any PushBook, callbacks: any CallbackBook,
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
        self.callbacks = callbacks
        self.clock = clock
        self.identifiers = identifiers
        self.limits = limits
        self.gate = gate
        self.chronicle = chronicle
        self.frequency = FrequencyControl(messagesPerSecond: limits.groupMessagesPerSecond)
        self.threadTeller = ThreadTeller()
    }

    /// The same, but that messages go to another log: one that looks on, and hands them to this one's.
    package func logging(to log: any Log) -> Core { Core(self, log: log) }

    private init(_ core: Core, log: any Log) {
        self.directory = core.directory
        self.log = log
        self.places = core.places
        self.files = core.files
        self.signals = core.signals
        self.presence = core.presence
        self.push = core.push
        self.callbacks = core.callbacks
        self.clock = core.clock
        self.identifiers = core.identifiers
        self.limits = core.limits
        self.gate = core.gate
        self.chronicle = core.chronicle
        self.frequency = core.frequency
        self.threadTeller = core.threadTeller
    }
}

package struct CoreLimits: Hashable, Sendable {
    /// Messages a second in one group before frequency control drops some (Tencent: 40). 0: no limit.
    package var groupMessagesPerSecond: Int
    /// Of one App (Easemob: 100,000).
    package var threads: Int
    /// That one user is in (Easemob: 100,000).
    package var threadsJoined: Int

    package init(groupMessagesPerSecond: Int = 40, threads: Int = 100_000, threadsJoined: Int = 100_000) {
        self.groupMessagesPerSecond = groupMessagesPerSecond
        self.threads = threads
        self.threadsJoined = threadsJoined
    }
}
