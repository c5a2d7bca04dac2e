import ParleyCore

extension Core {
    /// - Throws: ``Rejection/groupNotFound(_:)``.
    func knownGroup(_ id: GroupID, of caller: Caller) async throws -> GroupSnapshot {
        // Another vendor's threads are no groups of this one's.
        guard let group = try await self.directory.group(id, in: caller.app.id), !group.group.type.rules.isThread else {
            throw Rejection.groupNotFound(id)
        }
        return group
    }

    /// A group whose type has what `rule` says.
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/notSupported(by:)``.
    func knownGroup(
        _ id: GroupID, of caller: Caller, with rule: any KeyPath<GroupRules, Bool> & Sendable
    ) async throws -> GroupSnapshot {
        let group = try await self.knownGroup(id, of: caller)
        guard group.group.type.rules[keyPath: rule] else { throw Rejection.notSupported(by: group.group.type) }
        return group
    }
}
