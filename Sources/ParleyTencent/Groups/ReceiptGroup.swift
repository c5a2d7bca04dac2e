import ParleyCore
import ParleyDialectKit

/// What the commands about read receipts begin with: a group whose type has them, and messages in it.
struct ReceiptGroup: Sendable {
    var group: GroupID

    init(_ fields: Fields) throws(Malformed) { self.group = try fields.group() }

    /// `MsgSeqList`: `[{"MsgSeq":1},…]`.
    static func sequences(_ fields: Fields) throws(Malformed) -> [UInt32] {
        var sequences: [UInt32] = []
        for item in try fields.objects("MsgSeqList", limit: Limits.receipts) {
            sequences.append(try item.requiredUInt32("MsgSeq"))
        }
        guard !sequences.isEmpty else { throw Malformed("MsgSeqList", .missing) }
        return sequences
    }

    func check(_ context: DialectContext, _ caller: Caller) async throws {
        _ = try await context.core.knownGroup(self.group, of: caller, with: \.allowsReadReceipts)
    }

    /// What the App may know of a message: all of it.
    func receipts(
        of sequence: UInt32, _ context: DialectContext, _ caller: Caller, limit: Int
    ) async throws -> ReadReceipts {
        try await context.core.receipts(
            of: .sequence(UInt64(sequence)), in: .group(self.group), for: nil, app: caller.app.id, limit: limit)
    }
}
