extension Tencent {
    /// Every command that there is, in the order of the vendor's documentation.
    static let routes: [Route] = [
        Route(AccountImport.self),
        Route(MultiaccountImport.self),
        Route(AccountDelete.self),
        Route(AccountCheck.self),
        Route(Kick.self),
        Route(QueryOnlineStatus.self),

        Route(SendMsg.self),
        Route(BatchSendMsg.self),
        Route(AdminMsgWithdraw.self),

        Route(SendGroupMsg.self),
    ]

    private static let byPath: [String: Route] = Dictionary(
        uniqueKeysWithValues: routes.flatMap { route in route.paths.map { ($0, route) } })

    /// A slash at the end does no harm.
    static func route(for path: String) -> Route? {
        self.byPath[path.hasSuffix("/") ? String(path.dropLast()) : path]
    }
}
