/// What a client says, and what it makes of what it is told, in one protocol: as that vendor's SDKs do it, with those of their weaknesses for which a
/// server's mistake would be a message lost.
///
/// ``Member`` has the socket, and counts. The generator shares two cores with the server that it measures: frames are read where they lie, and no more of
/// them than has to be looked at.
protocol MemberProtocol: AnyObject {
    /// Path and query of the socket.
    var target: String { get }
    /// How the same client would come back if its connection ended now.
    var login: Login { get }
    /// So often it looks whether it has to show that it is alive, in nanoseconds. Nil: it answers the server's pings, and no more.
    var beat: Int64? { get }

    /// The socket is there.
    func opened(_ member: Member)
    /// A message of the server's has come.
    func received(_ message: UnsafeBufferPointer<UInt8>, by member: Member, at now: Int64)
    func beat(_ member: Member, at now: Int64)
}

extension MemberProtocol {
    var beat: Int64? { nil }
    func opened(_ member: Member) {}
    func beat(_ member: Member, at now: Int64) {}
}
