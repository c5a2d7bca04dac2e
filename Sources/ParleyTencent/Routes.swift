extension Tencent {
    /// Every command that there is, in the order of the vendor's documentation.
    static let routes: [Route] = [
        Route(SendGroupMsg.self)
    ]

    private static let byPath: [String: Route] = Dictionary(
        uniqueKeysWithValues: routes.flatMap { route in route.paths.map { ($0, route) } })

    /// A slash at the end does no harm.
    static func route(for path: String) -> Route? {
        self.byPath[path.hasSuffix("/") ? String(path.dropLast()) : path]
    }
}
