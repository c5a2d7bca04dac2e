/// Where the certificate is, and which port it is for.
package struct TLSFiles: Hashable, Sendable {
    /// The server's certificate and then those that vouch for it, in PEM.
    package var certificate: String
    /// Its private key, in PEM, without a passphrase.
    package var key: String
    /// A port beside `http.port`, which then stays as it is. Nil: `http.port` itself, and the dialects' own ports, are encrypted.
    package var port: Int?
    /// How often the files are looked at.
    package var checkSeconds: Int

    package init(certificate: String, key: String, port: Int? = nil, checkSeconds: Int = 10) {
        self.certificate = certificate
        self.key = key
        self.port = port
        self.checkSeconds = checkSeconds
    }

    /// Nil: nothing is encrypted.
    init?(settings: Settings) {
        let certificate = settings.string(
            "tls.certificate", "a PEM file: the certificate and its chain; empty: no TLS", default: "")
        let key = settings.string("tls.key", "a PEM file: the certificate's private key", default: "")
        let port = settings.int(
            "tls.port", "a port for TLS beside http.port; 0: http.port itself speaks TLS", default: 0, in: 0...65535)
        let checkSeconds = settings.int(
            "tls.check-seconds", "how often the two files are looked at for changes", default: 10, in: 1...86_400)
        guard !certificate.isEmpty || !key.isEmpty else {
            if port > 0 { settings.note("tls.port", "is \(port), and tls.certificate and tls.key are not set") }
            return nil
        }
        guard !certificate.isEmpty, !key.isEmpty else {
            settings.note(
                certificate.isEmpty ? "tls.certificate" : "tls.key", "is not set, and the other of the two is")
            return nil
        }
        self.init(
            certificate: certificate, key: key, port: port == 0 ? nil : port, checkSeconds: checkSeconds)
    }
}
