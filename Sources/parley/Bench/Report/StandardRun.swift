/// What the standard run measures, and what each measurement must show. The targets are the project's own (issue 4), set for a machine of two cores; of the
/// vendors' client protocols it names none.
struct StandardRow: Sendable {
    let title: String
    let target: String
    /// Of `parley bench`.
    let arguments: [String]
    /// What was found, in words.
    let measured: @Sendable (Measurement) -> String
    /// Nil: there is no target.
    let isMet: (@Sendable (Measurement) -> Bool)?
    /// What stands beside it: the nearest that the machine itself gives, from ``BenchLimits``.
    let limit: @Sendable (_ found: Measurement, _ limits: Measurement) -> String

    /// Deliveries must be exact too, whatever the target is. Nil: they are, and there is none.
    func verdict(_ found: Measurement) -> Bool? { found.isExact ? self.isMet.map { $0(found) } : false }
}

enum StandardRun {
    static let rows: [StandardRow] = saturated + steady + alone + others + connections + vendorsClients + [history]

    // MARK: A group of 100, as fast as it goes

    private static let saturated =
        BenchRequests.dialects.map { dialect in
            StandardRow(
                title: "group of 100 online, saturated, 64 senders, \(dialect)",
                target: "≥ 10,000 sends/s, ≥ 1,000,000 deliveries/s, ≤ 1 µs CPU a delivery",
                arguments: ["fanout", "--dialect", dialect],
                measured: { fanOut($0) },
                isMet: {
                    $0["sendsPerSecond"] >= 10_000 && $0["deliveriesPerSecond"] >= 1_000_000
                        && $0["cpuMicrosecondsPerDelivery"] <= 1
                },
                limit: { sixteenFrames($1) })
        } + [
            StandardRow(
                title: "the same, 4 senders", target: "≥ 4,000 sends/s, ≥ 400,000 deliveries/s",
                arguments: ["fanout", "--senders", "4"], measured: { fanOut($0) },
                isMet: { $0["sendsPerSecond"] >= 4000 && $0["deliveriesPerSecond"] >= 400_000 },
                limit: { oneFrame($1) }),
            StandardRow(
                title: "group of 1,000 online, 16 senders", target: "≥ 1,500,000 deliveries/s",
                arguments: ["fanout", "--members", "1000", "--senders", "16"], measured: { fanOut($0) },
                isMet: { $0["deliveriesPerSecond"] >= 1_500_000 }, limit: { sixteenFrames($1) }),
        ]

    // MARK: At a steady rate

    private static let steady = [
        StandardRow(
            title: "group of 100 at 100 sends/s", target: "p50 ≤ 0.8 ms, p99 ≤ 2.5 ms",
            arguments: ["fanout", "--rate", "100"], measured: { latency($0) },
            isMet: { $0["deliveryP50"] <= 0.8 && $0["deliveryP99"] <= 2.5 }, limit: { calm($1) }),
        StandardRow(
            title: "the same, with a generator that does not sleep", target: "p50 ≤ 0.8 ms, p99 ≤ 2.5 ms",
            arguments: ["fanout", "--rate", "100", "--sleepless"], measured: { latency($0) },
            isMet: { $0["deliveryP50"] <= 0.8 && $0["deliveryP99"] <= 2.5 }, limit: { flush($1) }),
        StandardRow(
            title: "group of 100 at 1,000 sends/s", target: "p99 ≤ 4 ms", arguments: ["fanout", "--rate", "1000"],
            measured: { latency($0) }, isMet: { $0["deliveryP99"] <= 4 }, limit: { flush($1) }),
    ]

    // MARK: One at a time

    private static let alone = [0, 100].map { members in
        StandardRow(
            title: "one sender, one at a time, \(members == 0 ? "nobody" : "100 members") online",
            target: "≥ 90 % of what the disk's flush alone allows",
            arguments: ["flush", "--members", String(members), "--seconds", "4"],
            measured: {
                "\(count($0["sendsPerSecond"])) sends/s: \(percent($0["partOfFlushes"])) of the flushes, "
                    + "\(percent($0["partOfCommits"])) of SQLite's commits of one row"
            },
            isMet: { $0["partOfFlushes"] >= 0.9 },
            limit: { found, _ in
                "\(count(found["flushesPerSecond"])) flushes/s, \(count(found["commitsPerSecond"])) commits/s, measured before and after"
            })
    }

    // MARK: Other sends

    private static let others =
        [
            StandardRow(
                title: "direct messages, 64 senders", target: "≥ 15,000 sends/s", arguments: ["direct"],
                measured: {
                    "\(count($0["sendsPerSecond"])) sends/s, \(number($0["serverMicrosecondsPerSend"], 1)) µs CPU each"
                }, isMet: { $0["sendsPerSecond"] >= 15_000 }, limit: { flush($1) }),
            StandardRow(
                title: "sends to an offline group of 10, 1,000, 100,000", target: "same cost within 10 %",
                arguments: ["offline"],
                measured: { found in
                    ["10", "1000", "100000"].map { "\(number(found["microsecondsPerSend\($0)"], 1))" }
                        .joined(separator: " / ") + " µs CPU: \(percent(found["mostToLeast"] - 1)) apart"
                }, isMet: { $0["mostToLeast"] <= 1.1 }, limit: { _, _ in "–" }),
            StandardRow(
                title: "group of 100,000 with 10,000 online, 16 senders",
                target: "≥ 1,500,000 deliveries/s; other groups' p99 < 20 ms", arguments: ["large"],
                measured: { found in
                    fanOut(found)
                        + "; others p99 \(number(found["othersP99"], 1)) ms (alone \(number(found["othersAloneP99"], 1)))"
                }, isMet: { $0["deliveriesPerSecond"] >= 1_500_000 && $0["othersP99"] < 20 },
                limit: { oneFrame($1) }),
        ]
        + BenchRequests.dialects.map { dialect in
            StandardRow(
                title: "HTTP alone: refused sends, \(dialect)",
                target: "≥ 60,000 requests/s, at most 3 times nginx's CPU",
                arguments: ["refused", "--dialects", dialect, "--seconds", "4"],
                measured: {
                    "\(count($0["requestsPerSecond"])) requests/s, \(number($0["serverMicroseconds"], 1)) µs CPU each"
                        + ($0.has("timesNginx") ? ", \(number($0["timesNginx"], 1)) times nginx's" : ", no nginx here")
                },
                isMet: { $0["requestsPerSecond"] >= 60_000 && $0["timesNginx"] <= 3 },
                limit: { found, _ in
                    found.has("nginxMicroseconds")
                        ? "nginx: \(count(found["nginxRequestsPerSecond"])) requests/s, \(number(found["nginxMicroseconds"], 1)) µs"
                        : "–"
                })
        }

    // MARK: Connections

    private static let connections = [
        StandardRow(
            title: "idle connections, 15,000", target: "≤ 6 KB of server memory each", arguments: ["idle"],
            measured: { idle($0) }, isMet: { $0["bytesEach"] <= 6 * 1024 }, limit: { _, _ in "–" }),
        StandardRow(
            title: "reconnect storm: 10,000 clients, each 50 messages behind",
            target: "all caught up within 10 s; live traffic's p99 < 100 ms", arguments: ["storm"],
            measured: {
                "caught up in \(number($0["seconds"], 1)) s, \(number($0["serverMicrosecondsPerClient"], 0)) µs CPU each; live p99 "
                    + "\(number($0["liveP99"], 1)) ms (before \(number($0["liveBeforeP99"], 1)))"
            }, isMet: { $0["seconds"] <= 10 && $0["liveP99"] < 100 }, limit: { sixteenFrames($1) }),
    ]

    // MARK: The vendors' client protocols

    private static let vendorsClients = [Clients.rongcloud, .easemob].flatMap { clients in
        let members = ["--clients", clients.rawValue, "--dialect", clients.rawValue]
        return [
            StandardRow(
                title: "group of 100 online as \(clients.rawValue)'s SDKs, saturated, 64 senders", target: "–",
                arguments: ["fanout"] + members,
                measured: { "\(fanOut($0)); the last arrived \(number($0["secondsBehind"], 1)) s after the last send" },
                isMet: nil, limit: { oneFrame($1) }),
            StandardRow(
                title: "the same at 100 sends/s", target: "–", arguments: ["fanout"] + members + ["--rate", "100"],
                measured: { latency($0) }, isMet: nil, limit: { calm($1) }),
            StandardRow(
                title: "idle connections of \(clients.rawValue)'s SDKs, 15,000", target: "–",
                arguments: ["idle", "--clients", clients.rawValue], measured: { idle($0) }, isMet: nil,
                limit: { _, _ in "–" }),
        ]
    }

    // MARK: History

    private static let history = StandardRow(
        title: "last 50 of any of 1,000,000 conversations, 20,000,000 messages stored",
        target: "p99 < 5 ms; start-up < 2 s", arguments: ["history"],
        measured: {
            "p99 \(number($0["vendorP99"], 2)) ms through Tencent's API (p50 \(number($0["vendorP50"], 2))), "
                + "\(number($0["socketP99"], 2)) on ParleySocket; start to first answer \(count($0["startMilliseconds"])) ms"
        }, isMet: { $0["vendorP99"] < 5 && $0["socketP99"] < 5 && $0["startMilliseconds"] < 2000 },
        limit: { _, _ in "–" })

    // MARK: Words

    private static func fanOut(_ found: Measurement) -> String {
        "\(count(found["sendsPerSecond"])) sends/s, \(count(found["deliveriesPerSecond"])) deliveries/s, "
            + "\(number(found["cpuMicrosecondsPerDelivery"], 2)) µs CPU a delivery (generator \(number(found["generatorCores"], 2)) cores)"
    }

    private static func latency(_ found: Measurement) -> String {
        "p50 \(number(found["deliveryP50"], 2)), p99 \(number(found["deliveryP99"], 2)), "
            + "max \(number(found["deliveryMax"], 1)) ms; server \(number(found["serverCores"], 2)) cores"
    }

    private static func idle(_ found: Measurement) -> String {
        "\(number(found["bytesEach"] / 1024, 1)) KB each, \(number(found["connectMicrosecondsEach"], 0)) µs CPU to connect, "
            + "\(number(found["serverCoresWhenIdle"], 2)) cores when idle"
    }

    private static func oneFrame(_ limits: Measurement) -> String {
        "loopback, 1 frame a write: \(count(limits["loopbackFramesPerSecond1"])) frames/s, "
            + "\(number(limits["loopbackMicrosecondsPerFrame1"], 2)) µs CPU each"
    }

    private static func sixteenFrames(_ limits: Measurement) -> String {
        "loopback, 16 frames a write: \(count(limits["loopbackFramesPerSecond16"])) frames/s, "
            + "\(number(limits["loopbackMicrosecondsPerFrame16"], 2)) µs CPU each"
    }

    /// What a single message to a hundred sleeping readers takes of anybody.
    private static func calm(_ limits: Measurement) -> String {
        "100 writes to sleeping readers: \(number(limits["roundMilliseconds"], 2)) ms, "
            + "\(number(limits["roundMicrosecondsPerFrame"], 1)) µs CPU each; \(flush(limits))"
    }

    private static func flush(_ limits: Measurement) -> String {
        "\(count(limits["flushesPerSecond"])) flushes/s, p50 \(number(limits["flushP50"], 2)), "
            + "p99 \(number(limits["flushP99"], 2)) ms; \(count(limits["commitsPerSecond"])) commits/s"
    }

    static func count(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        let digits = String(Int(value.rounded()))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    static func number(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "?" }
        let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        let scaled = Int((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let rest = String(scaled % Int(scale))
        return "\(sign)\(scaled / Int(scale)).\(String(repeating: "0", count: digits - rest.count))\(rest)"
    }

    private static func percent(_ part: Double) -> String { "\(self.number(part * 100, 0)) %" }
}
