/// Whole requests, through the site's and the dialect's routing, signed as a backend would.
extension FuzzTarget {
    static let requests: [FuzzTarget] = [
        FuzzTarget("rongcloud", seeds: exchanges(of: "RongCloud"), run: answer),
        FuzzTarget("easemob", seeds: exchanges(of: "Easemob"), run: answer),
        FuzzTarget("tencent", seeds: exchanges(of: "Tencent"), run: answer),
        FuzzTarget("site", seeds: siteSeeds(), run: answer),
    ]

    private static func answer(_ bytes: [UInt8]) throws {
        let stand = try Stand.shared()
        for text in RequestText.all(bytes) { try stand.answer(text) }
    }

    /// Connecting, files, and what is nobody's.
    private static func siteSeeds() -> [[UInt8]] {
        let tokens = (try? Stand.shared().tokens) ?? []
        let handshake = """
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==
            """
        let connects = tokens.flatMap { token in
            [
                "GET /v1/connect?token=\(token)&device=phone&platform=Web&ack=manual&begin=manual&catchup=100\n"
                    + "\(handshake)\n\n",
                "GET /v1/connect?device=%E4%B8%AD&catchup=10001\nAuthorization: Bearer \(token)\n\(handshake)\n\n",
                "POST /v1/files?name=a%20b.txt\nAuthorization: Bearer \(token)\nContent-Type: text/plain\n\nhello",
                "GET /v1/files/00000000-0000-0000-0000-000000000000?secret=x&thumbnail=true\nRange: bytes=0-1\n"
                    + "Authorization: Bearer \(token)\n\n",
            ]
        }
        let others = [
            "GET /", "GET /health/ready", "GET /metrics", "OPTIONS /v1/files", "DELETE /v1/files/x",
            "GET http://h/v1/files/..%2f..%2fetc?secret=x\nshare-secret: y\nthumbnail: true", "GET //a//b?c#d",
        ]
        return (connects + others).map { Array($0.utf8) }
    }
}
