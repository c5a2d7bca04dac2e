import ParleyCore
import ParleyDialectKit

/// Who may come in as a client: whose token it is, and which pages may open sockets.
struct Admittance: Sendable {
    let dialects: [any Dialect]
    let core: Core
    /// Pages that may open sockets, as browsers name them; nil: any.
    let origins: Set<String>?

    /// Only browsers say where a page is from, and a page cannot leave it out.
    func allowsPage(of request: WireRequest) -> Bool {
        guard let origins = self.origins, let origin = request.header("Origin") else { return true }
        return origins.contains(origin.lowercased())
    }

    /// Whose token it is, in whichever dialect, if it may be used now.
    ///
    /// - Throws: ``TokenRefusal``, or what the store throws.
    func holder(of token: String) async throws -> TokenHolder {
        guard !token.isEmpty else { throw TokenRefusal(.unknown, "token: missing") }
        for dialect in self.dialects {
            guard let holder = try await dialect.holder(of: token) else { continue }
            guard holder.expiresAt > self.core.clock.now() else { throw TokenRefusal(.expired, "token: expired") }
            guard let user = try await self.core.directory.user(holder.user, in: holder.app) else {
                throw TokenRefusal(.unknown, "token: its user is not known")
            }
            guard user.mayLogIn(at: self.core.clock.now()) else {
                throw TokenRefusal(.userBlocked, "token: its user may not log in")
            }
            guard holder.issuedAt >= user.tokensValidFrom else { throw TokenRefusal(.revoked, "token: revoked") }
            return holder
        }
        throw TokenRefusal(.unknown, "token: not valid in any dialect")
    }
}

package struct TokenRefusal: Error, Hashable, Sendable {
    package var cause: Cause
    /// For people.
    package var reason: String

    package enum Cause: Hashable, Sendable {
        case unknown
        case expired
        case revoked
        case userBlocked
    }

    package init(_ cause: Cause, _ reason: String) {
        self.cause = cause
        self.reason = reason
    }
}
