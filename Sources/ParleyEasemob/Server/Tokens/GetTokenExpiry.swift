import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// When the token that is shown expires, for clients that were given a new one (`renewToken`). Source: facts/easemob-client.md 6.
struct GetTokenExpiry: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/sdk/users/{username}/token/expires", "When a user's token expires (clients)",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> Timestamp {
        // Of one that never expires, as POST /token says it.
        min(try call.tokenExpiry(), call.now.adding(seconds: IssueToken.foreverSeconds))
    }

    func encode(_ moment: Timestamp, _ call: Call) -> Answer {
        Answer().with("expire_timestamp") { $0.int(moment.milliseconds) }
    }
}
