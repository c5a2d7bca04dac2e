package import ParleyCore
import ParleyJSON

extension ParleySocket {
    /// An entry as its clients get it: one frame.
    package static func preview(of entry: Entry, for user: UserID) -> [UInt8] {
        JSONWriter.object { $0.members(of: entry, for: user) }
    }
}
