extension Core {
    /// Changes the named texts that a user shows to others (``Statuses/profiles(of:in:)``). The user need not be known.
    ///
    /// - Returns: all of them afterwards.
    /// - Throws: what `change` throws.
    @discardableResult
    package func changeProfile(
        of user: UserID, in app: AppID, _ change: @escaping @Sendable (inout [String: String]) throws -> Void
    ) async throws -> [String: String] {
        try await self.directory.write(in: app) { transaction in
            let existing = try transaction.profile(of: user)
            var profile = existing
            try change(&profile)
            if profile != existing { try transaction.save(profile, of: user) }
            return profile
        }
    }
}
