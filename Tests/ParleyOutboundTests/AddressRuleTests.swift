import NIOCore
import ParleyOutbound
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AddressRuleTests {
    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
        "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1",
        "2400:3200::1", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1", "::1.1.1.1",
    ])
    func publicAddressesAreAllowed(_ text: String) throws {
        #expect(try AddressRule().allows(Self.address(text)))
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255",
        "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "172.16.0.0",
        "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0",
        "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255",
        "::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00:ec2::254", "fdff::1", "ff02::1", "100::1",
        "2001::1", "2001:db8::1", "3fff::1", "5f00::1", "64:ff9b:1::1", "4000::1", "::ffff:0:1.1.1.1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::ffff:0.0.0.0", "64:ff9b::10.0.0.1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2002:a00:1::", "2002:c0a8:101:1:2:3:4:5", "::127.0.0.1", "::10.0.0.1",
    ])
    func whatIsNotPublicIsRefused(_ text: String) throws {
        #expect(try !AddressRule().allows(Self.address(text)))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.1.2.3"), ("10.0.0.0/8", "::ffff:10.1.2.3"), ("10.0.0.0/8", "64:ff9b::10.1.2.3"),
        ("192.168.7.0/24", "192.168.7.255"), ("192.168.7.9", "192.168.7.9"), ("0.0.0.0/0", "127.0.0.1"),
        ("fd00::/8", "fd12::1"), ("fd00::1", "fd00::1"), ("::/0", "fe80::1"), ("loopback", "127.0.0.1"),
        ("loopback", "127.9.9.9"), ("loopback", "::1"), ("loopback", "::ffff:127.0.0.1"), ("fd00::/8", "1.1.1.1"),
    ])
    func aNetworkThatWasOpenedIsAllowed(_ network: String, _ text: String) throws {
        #expect(try AddressRule(networks: ["172.16.0.0/12", network]).allows(Self.address(text)))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "192.168.0.1"), ("192.168.7.0/24", "192.168.8.0"), ("192.168.7.9", "192.168.7.8"),
        ("fd00::/8", "fc00::1"), ("::/0", "10.0.0.1"), ("::/0", "::ffff:10.0.0.1"), ("0.0.0.0/0", "::1"),
        ("loopback", "10.0.0.1"), ("loopback", "::"), ("loopback", "169.254.169.254"),
    ])
    func noMoreThanWhatWasOpenedIsAllowed(_ network: String, _ text: String) throws {
        #expect(try !AddressRule(networks: [network]).allows(Self.address(text)))
    }

    @Test(arguments: [
        ("", "\"\" is no network such as 10.0.0.0/8 or fd00::/8, nor \"loopback\""),
        ("intranet", "\"intranet\" is no network such as 10.0.0.0/8 or fd00::/8, nor \"loopback\""),
        ("10.0.0/8", "\"10.0.0/8\" is no network such as 10.0.0.0/8 or fd00::/8, nor \"loopback\""),
        ("10.0.0.0/33", "\"10.0.0.0/33\": what is behind the / must be a number of bits: 0-32, of IPv6 0-128"),
        ("10.0.0.0/", "\"10.0.0.0/\": what is behind the / must be a number of bits: 0-32, of IPv6 0-128"),
        ("10.0.0.0/8/8", "\"10.0.0.0/8/8\": what is behind the / must be a number of bits: 0-32, of IPv6 0-128"),
        ("fd00::/129", "\"fd00::/129\": what is behind the / must be a number of bits: 0-32, of IPv6 0-128"),
        ("10.1.2.3/8", "\"10.1.2.3/8\" is not the first address of its network"),
        ("::ffff:10.0.0.0/104", "\"::ffff:10.0.0.0/104\" is IPv4 inside IPv6: write the IPv4 network"),
    ])
    func whatCannotBeReadIsRefusedWithAReason(_ network: String, _ reason: String) {
        let error = #expect(throws: UnreadableNetwork.self) { try AddressRule(networks: [network]) }
        #expect(error?.description == reason)
    }

    @Test func aSocketInTheFileSystemIsNoAddress() throws {
        #expect(try !AddressRule(networks: ["0.0.0.0/0"]).allows(SocketAddress(unixDomainSocketPath: "/tmp/socket")))
    }

    private static func address(_ text: String) throws -> SocketAddress {
        try SocketAddress(ipAddress: text, port: 80)
    }
}
