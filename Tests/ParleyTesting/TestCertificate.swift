package import Foundation

/// Certificates that sign themselves, made once with openssl and good until 2126. Nobody but tests trusts them.
package struct TestCertificate: Sendable {
    package let certificate: String
    package let key: String

    /// For `localhost` and `127.0.0.1`.
    package static let first = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBiDCCAS6gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
            c3QwIBcNMjYxMTIxMTgzODI1WhgPMjEyNjEwMjgxODM4MjVaMBQxEjAQBgNVBAMM
            CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDF/X0QrIPE3vuPL
            E676lnm47Z/bpDHHPMR0l8LM7ZP5psh977GSbMtW2HoMtecsOpuqAnueQpMIbW2A
            BBVxPbCjbzBtMB0GA1UdDgQWBBQAEAbgFlKCR0pNZ/y2wdCHPdjqXjAfBgNVHSME
            GDAWgBQAEAbgFlKCR0pNZ/y2wdCHPdjqXjAaBgNVHREEEzARgglsb2NhbGhvc3SH
            BH8AAAEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA9BLWriSW
            0MU/7yRB9uXCOaFYgkqbTtIXSH/ZSP5I1IcCIAD0Z8mPQwO226+XovDKgJZyCnrL
            N5m9rlRVHkfFVk6k
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJeuPcC4/+aId5tjF
            JlKNo1dUod88s7VaN8icAPd13dOhRANCAAQxf19EKyDxN77jyxOu+pZ5uO2f26Qx
            xzzEdJfCzO2T+abIfe+xkmzLVth6DLXnLDqbqgJ7nkKTCG1tgAQVcT2w
            -----END PRIVATE KEY-----
            """)

    /// The one that follows it: the same names, another key.
    package static let second = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBhzCCAS6gAwIBAgIBAjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
            c3QwIBcNMjYxMTIxMTgzODI1WhgPMjEyNjEwMjgxODM4MjVaMBQxEjAQBgNVBAMM
            CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBbneaa78paWFuW5
            TDR/+Z/+KI/Vxwj03l7gqoaWn2KYTqDD0w0/xqp7wzMRBsq+6+Ky+1yNVA6+f+yl
            2B1voqyjbzBtMB0GA1UdDgQWBBRCkop/3BbSCwZIQB/APLtXw/bTqjAfBgNVHSME
            GDAWgBRCkop/3BbSCwZIQB/APLtXw/bTqjAaBgNVHREEEzARgglsb2NhbGhvc3SH
            BH8AAAEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiB95LgkTSl0
            e2a26dEmM4vAss+2L1OBxGf+xWVl5GUvYQIgIlOGhhJKSxYZXOkRMC2153F1ukHs
            PkQY1aH+5sgGwvI=
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOK3n//Qwzm+oU8V9
            V8ZuolrMFF3SOnsRRtzCv359O6+hRANCAAQW53mmu/KWlhbluUw0f/mf/iiP1ccI
            9N5e4KqGlp9imE6gw9MNP8aqe8MzEQbKvuvisvtcjVQOvn/spdgdb6Ks
            -----END PRIVATE KEY-----
            """)

    /// For another host.
    package static let elsewhere = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBmjCCAUCgAwIBAgIBAzAKBggqhkjOPQQDAjAcMRowGAYDVQQDDBFlbHNld2hl
            cmUuZXhhbXBsZTAgFw0yNjExMjExODM4MjVaGA8yMTI2MTAyODE4MzgyNVowHDEa
            MBgGA1UEAwwRZWxzZXdoZXJlLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMB
            BwNCAASN3H/hRwAIvMj0BBJJ3MqHV7KwkxyhOZuQtehJuC4zXcPD2afx2qiPAUrL
            FjcQW8K9sloF4JqPKO95xddmqf+zo3EwbzAdBgNVHQ4EFgQU9qH9F3Se5P/6gGgs
            n3kXJVxsOMMwHwYDVR0jBBgwFoAU9qH9F3Se5P/6gGgsn3kXJVxsOMMwHAYDVR0R
            BBUwE4IRZWxzZXdoZXJlLmV4YW1wbGUwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjO
            PQQDAgNIADBFAiBibA4Esjh/Dpz1vtWyHBsn+2f8YUQOtLCWEdAHmRg/VwIhAMqR
            K9dQ0d6RumykV5JDVXYoRv1sBuEq+vAWBxI1Cv0P
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmztMRA1QYv7bkU9Z
            vm6GgzJgL1Z1tNlqdIdkuavaurehRANCAASN3H/hRwAIvMj0BBJJ3MqHV7Kwkxyh
            OZuQtehJuC4zXcPD2afx2qiPAUrLFjcQW8K9sloF4JqPKO95xddmqf+z
            -----END PRIVATE KEY-----
            """)

    /// Replaces `certificate.pem` and `key.pem` in a folder, each in one step, as tools that renew certificates do.
    package func write(to folder: URL) throws {
        try Data((self.certificate + "\n").utf8).write(to: Self.certificateFile(in: folder), options: .atomic)
        try Data((self.key + "\n").utf8).write(to: Self.keyFile(in: folder), options: .atomic)
    }

    package static func certificateFile(in folder: URL) -> URL { folder.appendingPathComponent("certificate.pem") }
    package static func keyFile(in folder: URL) -> URL { folder.appendingPathComponent("key.pem") }

    /// What the configuration needs to use them.
    package static func settings(in folder: URL) -> [String: String] {
        ["tls.certificate": self.certificateFile(in: folder).path, "tls.key": self.keyFile(in: folder).path]
    }
}
