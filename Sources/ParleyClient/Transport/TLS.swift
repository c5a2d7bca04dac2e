internal import NIOCore
internal import NIOSSL

extension ChannelPipeline.SynchronousOperations {
    /// Encrypts, when the endpoint wants it. The certificate and the host's name (or address) are verified.
    func addTLS(_ endpoint: Endpoint, _ context: NIOSSLContext?) throws {
        guard let context else { return }
        let isAddress = (try? SocketAddress(ipAddress: endpoint.host, port: 0)) != nil
        // Without a name the certificate must be for the address that was connected to.
        try self.addHandler(NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : endpoint.host))
    }
}

extension Endpoint {
    /// Nil when nothing is to be encrypted.
    func tls(_ certificates: Chat.Certificates) throws -> NIOSSLContext? {
        guard self.isSecure else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        if case .file(let path) = certificates { configuration.trustRoots = .file(path) }
        return try NIOSSLContext(configuration: configuration)
    }
}
