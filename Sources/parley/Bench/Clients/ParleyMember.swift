/// A client of ParleySocket (docs/protocol.md). It says nothing: the server reads on for it by itself.
final class ParleyMember: MemberProtocol {
    let login: Login
    private var shape = MessageShape()

    init(_ login: Login) { self.login = login }

    var target: String { "/v1/connect?token=\(self.login.token)\(self.login.device.map { "&device=\($0)" } ?? "")" }

    /// Every frame begins with `{"type":"`, and its type.
    func received(_ message: UnsafeBufferPointer<UInt8>, by member: Member, at now: Int64) {
        guard let frame = message.baseAddress, message.count >= 16 else { return }
        if frame[9] == UInt8(ascii: "m"), message.count > 16, let reading = self.shape.read(frame, message.count) {
            member.heard(reading.sequence, reading.identity, due: reading.due, at: now)
        } else if frame[9] == UInt8(ascii: "r"), message.count == 16 {
            member.becameReady(at: now)
        }
    }
}
