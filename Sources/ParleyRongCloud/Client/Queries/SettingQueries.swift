import ParleyCore

// v5's settings of a user: `pullUS`; `addTag`, `delTag`, `disTag`, `addSeTag`, `delSeTag`. Parley has no such settings and keeps no tags of
// conversations, but SDKs do not begin without answers.

extension ClientQuery {
    /// None, and none newer than what the client has.
    func userSettings() throws -> [UInt8] {
        let input = try self.read(WirePullUserSettingInput.self)
        return WirePullUserSettingOutput.with { $0.version = input.version }.wireBytes
    }

    /// Accepted, and not kept: the device that sets a tag has it, others do not learn of it.
    func acceptTags() throws -> [UInt8] {
        WireSetUserSettingOutput.with {
            $0.version = self.now.milliseconds
            $0.reserve = false
        }.wireBytes
    }
}
