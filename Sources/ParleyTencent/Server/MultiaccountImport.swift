import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 导入多个账号: makes up to a hundred accounts known. Those whose ids cannot be are named in the answer.
struct MultiaccountImport: Command {
    static let description = EndpointDescription(
        "POST", "/v4/im_open_login_svc/multiaccount_import", "Import many accounts", page: Page.accounts)
    static let callsPerSecond = 100

    var accounts: [String]

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.accounts = try fields.strings("Accounts", limit: Limits.accountsInBatch)
        guard !self.accounts.isEmpty else { throw Malformed("Accounts", .missing) }
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> [String] {
        // Together, so that they share a flush of the disk.
        try await withThrowingTaskGroup(of: Void.self) { imports in
            for account in self.accounts where Self.isPossible(account) {
                imports.addTask { try await context.core.importUser(UserID(account), in: caller.app.id) }
            }
            try await imports.waitForAll()
        }
        return self.accounts.filter { !Self.isPossible($0) }
    }

    private static func isPossible(_ account: String) -> Bool { (1...Limits.accountBytes).contains(account.utf8.count) }

    func encode(_ failed: [String]) -> Envelope { .ok { $0.field("FailAccounts", failed) } }
}
