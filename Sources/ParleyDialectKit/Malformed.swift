/// What a dialect's `decode` throws: the request cannot be read, or passes one of the vendor's own limits. Each dialect words the answer from it.
package struct Malformed: Error, Hashable, Sendable {
    /// The parameter, in the vendor's spelling; empty when it is the body as a whole.
    package var field: String
    package var reason: Reason

    package enum Reason: Hashable, Sendable {
        case missing
        /// Present, and of the wrong type or not one of the values there are.
        case invalid
        /// Longer than the vendor allows.
        case tooLong(limit: Int)
        /// More items than the vendor allows.
        case tooMany(limit: Int)
        /// In conflict with another parameter.
        case notAllowed(with: String)
        /// The body is not in the format at all.
        case unreadable
    }

    package init(_ field: String, _ reason: Reason) {
        self.field = field
        self.reason = reason
    }
}
