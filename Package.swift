// swift-tools-version: 6.2
import PackageDescription

// `make fuzz`: libFuzzer sees which way an input went in our modules. A normal build knows nothing of it.
let isFuzzing = Context.environment["PARLEY_FUZZ"] != nil

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
    ] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"])] : [])

// What nearly every test stands on is optimised in debug builds as well. Assertions, and the checks of overflow and exclusivity, stay.
let hot: [SwiftSetting] = settings + [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

func module(_ name: String, _ dependencies: [Target.Dependency] = [], isHot: Bool = false) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: isHot ? hot : settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

// Who may import whom is design: see docs/architecture.md. Imports point toward ParleyCore; dialects never import
// each other, the store or the hub.
let package = Package(
    name: "parley",
    products: [
        .executable(name: "parley", targets: ["parley"]),
        .library(name: "ParleyClient", targets: ["ParleyClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.34.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        module("ParleyCore", isHot: true),
        module("ParleyJSON", ["ParleyCore"], isHot: true),
        module("ParleyStore", ["ParleyCore", "ParleyJSON", grdb, crypto], isHot: true),
        .systemLibrary(name: "CGdkPixbuf", pkgConfig: "gdk-pixbuf-2.0", providers: [.apt(["libgdk-pixbuf-2.0-dev"])]),
        module("ParleyImages", ["ParleyCore", "CGdkPixbuf"]),
        module("ParleyDialectKit", ["ParleyCore", nioHTTP1, logging], isHot: true),
        .target(
            name: "ParleyRongCloud",
            dependencies: ["ParleyCore", "ParleyJSON", "ParleyDialectKit", nioCore, nioHTTP1, crypto, protobuf],
            exclude: ["Client/Wire/rongcloud.proto"], swiftSettings: settings),
        .target(
            name: "ParleyEasemob",
            dependencies: [
                "ParleyCore", "ParleyJSON", "ParleyDialectKit", "CZlib", nioCore, nioHTTP1, crypto, cryptoExtras,
                protobuf,
                logging,
            ],
            exclude: ["Client/Wire/easemob.proto"], swiftSettings: settings),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        module("ParleyTencent", ["ParleyCore", "ParleyJSON", "ParleyDialectKit", "CZlib", nioCore, nioHTTP1, crypto]),
        module("ParleyHub", ["ParleyCore", nioCore, nioPosix, metrics]),
        module("ParleySocket", ["ParleyCore", "ParleyJSON", "ParleyDialectKit", "ParleyHub", nioCore, nioWebSocket]),
        module(
            "ParleyRongSocket",
            [
                "ParleyCore", "ParleyJSON", "ParleyDialectKit", "ParleyHub", "ParleySocket", "ParleyRongCloud", nioCore,
                nioPosix, nioWebSocket,
            ]),
        module(
            "ParleyEasemobSocket",
            [
                "ParleyCore", "ParleyJSON", "ParleyDialectKit", "ParleyHub", "ParleySocket", "ParleyEasemob", nioCore,
                nioWebSocket,
            ]),
        module("ParleyOutbound", ["ParleyCore", nioCore, nioPosix, nioHTTP1, nioSSL, asyncHTTPClient, logging]),
        module("ParleyCallbacks", ["ParleyCore", "ParleyDialectKit", "ParleyOutbound", logging]),
        module(
            "ParleyPush",
            ["ParleyCore", "ParleyJSON", "ParleyDialectKit", "ParleyOutbound", jwtKit, crypto, cryptoExtras, logging]),
        module(
            "ParleyPushSimulator",
            [
                "ParleyCore", "ParleyJSON", nioCore, nioPosix, nioHTTP1, nioHTTP2, nioSSL, jwtKit, x509, asn1, crypto,
                cryptoExtras, logging,
            ]),
        // The console's page, as bytes in the program: Swift takes half a minute over a literal of that size.
        .target(name: "CConsolePage"),
        .target(
            name: "ParleyConsole",
            dependencies: ["ParleyCore", "ParleyJSON", "ParleyDialectKit", "CConsolePage", nioCore, nioHTTP1, crypto],
            exclude: ["Page"], swiftSettings: settings),
        module(
            "ParleyServer",
            [
                "ParleyCore", "ParleyJSON", "ParleyStore", "ParleyImages", "ParleyDialectKit", "ParleyRongCloud",
                "ParleyEasemob", "ParleyTencent", "ParleyHub", "ParleySocket", "ParleyRongSocket",
                "ParleyEasemobSocket",
                "ParleyOutbound",
                "ParleyCallbacks", "ParleyPush", "ParleyConsole",
                nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL, crypto, cryptoExtras, logging, metrics, lifecycle,
                configuration,
            ]),
        module("ParleyClient", ["ParleyJSON", nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL]),
        .target(name: "CPoll"),
        .executableTarget(
            name: "parley",
            dependencies: [
                "ParleyCore", "ParleyJSON", "ParleyStore", "ParleyDialectKit", "ParleyConsole", "ParleyServer",
                "ParleyClient", "ParleyPushSimulator", "CPoll",
                argumentParser, logging, lifecycle, unixSignals, metrics, crypto, nioPosix, nioHTTP1, nioSSL, sqlite,
            ], swiftSettings: settings),

        // The paths whose instructions are counted (`make instructions`) and whose times are reported (`make microbench`).
        .target(
            name: "ParleyPaths",
            dependencies: [
                "ParleyCore", "ParleyJSON", "ParleyStore", "ParleyDialectKit", "ParleyHub", "ParleySocket",
                "ParleyRongSocket", "ParleyEasemobSocket", "ParleyRongCloud", "ParleyEasemob", "ParleyServer",
                nioCore, nioEmbedded, nioHTTP1, crypto, logging,
            ],
            path: "Benchmarks/ParleyPaths", swiftSettings: settings),
        .executableTarget(
            name: "parley-instructions", dependencies: ["ParleyPaths"], path: "Benchmarks/Instructions",
            swiftSettings: settings),

        // What tests share: a clock to turn, a core on SQLite in memory, and the runner of exchange files.
        .target(
            name: "ParleyTesting",
            dependencies: [
                "ParleyCore", "ParleyJSON", "ParleyStore", "ParleyDialectKit", "ParleyServer", nioHTTP1, logging,
            ],
            path: "Tests/ParleyTesting", swiftSettings: settings),
        tests("ParleyCoreTests", ["ParleyCore", "ParleyTesting"]),
        tests("ParleyJSONTests", ["ParleyCore", "ParleyJSON"]),
        tests("ParleyStoreTests", ["ParleyCore", "ParleyStore", "ParleyTesting", grdb]),
        tests("ParleyImagesTests", ["ParleyImages"]),
        tests("ParleyDialectKitTests", ["ParleyCore", "ParleyDialectKit", "ParleyTesting"]),
        tests(
            "ParleyRongCloudTests",
            [
                "ParleyCore", "ParleyJSON", "ParleyDialectKit", "ParleyRongCloud", "ParleyTesting", crypto, nioHTTP1,
                nioCore,
            ],
            resources: [.copy("Exchanges")]),
        tests(
            "ParleyEasemobTests",
            [
                "ParleyCore", "ParleyJSON", "ParleyDialectKit", "ParleyEasemob", "ParleyTesting", "CZlib", crypto,
                nioHTTP1,
                protobuf,
            ],
            resources: [.copy("Exchanges")]),
        tests(
            "ParleyTencentTests",
            ["ParleyCore", "ParleyJSON", "ParleyDialectKit", "ParleyTencent", "ParleyTesting", crypto, nioHTTP1],
            resources: [.copy("Exchanges")]),
        tests("ParleyHubTests", ["ParleyCore", "ParleyHub", "ParleyTesting", nioCore, nioEmbedded]),
        tests(
            "ParleySocketTests",
            [
                "ParleyCore", "ParleyJSON", "ParleyDialectKit", "ParleyHub", "ParleySocket", "ParleyTesting", nioCore,
                nioEmbedded, nioWebSocket,
            ]),
        tests(
            "ParleyRongSocketTests",
            [
                "ParleyCore", "ParleyRongCloud", "ParleyRongSocket", "ParleyDialectKit", "ParleyTesting", nioCore,
                nioEmbedded,
            ]),
        tests(
            "ParleyEasemobSocketTests",
            ["ParleyCore", "ParleyEasemob", "ParleyEasemobSocket", "ParleyTesting", nioCore]),
        tests(
            "ParleyOutboundTests",
            ["ParleyOutbound", "ParleyCore", "ParleyTesting", nioCore, nioPosix, nioHTTP1, nioHTTP2, nioSSL, logging]),
        tests(
            "ParleyPushTests",
            [
                "ParleyPush", "ParleyPushSimulator", "ParleyOutbound", "ParleyCore", "ParleyJSON", "ParleyStore",
                "ParleyServer", "ParleyDialectKit", "ParleyTesting", nioCore, nioPosix, nioSSL, jwtKit, crypto,
                cryptoExtras, logging,
            ]),
        tests(
            "ParleyPushSimulatorTests",
            [
                "ParleyPushSimulator", "ParleyOutbound", "ParleyCore", "ParleyJSON", "ParleyTesting", nioCore, nioPosix,
                nioHTTP1, nioSSL, jwtKit, crypto, cryptoExtras, logging,
            ]),
        tests(
            "ParleyClientTests", ["ParleyClient", "ParleyJSON", nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL]),
        // The terminal's values: the line editor, the screen, what is on it.
        tests("TerminalTests", ["parley", "ParleyClient"]),
        // The load generator's values, and a short run of it; the thresholds.
        tests(
            "BenchTests", ["parley", "ParleyPaths", "ParleyCore", "ParleyRongCloud", "ParleyEasemob", nioCore]),
        tests(
            "ParleyServerTests",
            [
                "ParleyDialectKit", metrics, "ParleyCore", "ParleyServer", "ParleyTesting", nioCore, nioHTTP1,
                nioEmbedded,
            ]),
        tests(
            "ParleyConsoleTests",
            [
                "ParleyConsole", "ParleyCore", "ParleyJSON", "ParleyDialectKit", "ParleyServer", "ParleyTesting",
                "ParleyClient", "ParleyRongCloud", "ParleyEasemob", "ParleyTencent", crypto, nioCore, nioPosix,
                nioHTTP1,
                logging,
            ]),
        tests(
            "EndToEndTests",
            [
                "ParleyCallbacks", "ParleyPush", "ParleyPushSimulator", "ParleyOutbound", "ParleyClient", "ParleyCore",
                "ParleyJSON", "ParleyServer", "ParleyTesting",
                "ParleyTencent",
                "ParleyRongCloud", "ParleyRongSocket", "ParleySocket", "ParleyHub",
                "ParleyEasemob", "ParleyEasemobSocket", "ParleyDialectKit", "ParleyStore", nioCore, nioPosix, nioHTTP1,
                nioWebSocket, nioSSL,
                crypto,
                cryptoExtras, logging,
            ]),
    ]
)

// What reads bytes from outside, to be run by the fuzzer or over its seeds and the cases that were found.
let fuzzed: [Target.Dependency] = [
    "ParleyCore", "ParleyJSON", "ParleyStore", "ParleyImages", "ParleyDialectKit", "ParleyRongCloud", "ParleyEasemob",
    "ParleyTencent", "ParleyHub", "ParleySocket", "ParleyRongSocket", "ParleyEasemobSocket", "ParleyServer",
    "ParleyClient", "ParleyTesting", "CZlib",
    nioCore, nioPosix, nioHTTP1, nioWebSocket, nioEmbedded, crypto, logging,
]
package.targets.append(
    isFuzzing
        ? .executableTarget(
            name: "parley-fuzz", dependencies: fuzzed, path: "Tests/FuzzTests",
            exclude: ["ReplayTests.swift", "Cases"],
            swiftSettings: settings, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
        : .testTarget(
            name: "FuzzTests", dependencies: fuzzed, exclude: ["Fuzzer.swift", "Cases"], swiftSettings: settings))
// ordo-one/benchmark, and what it brings, is fetched only when it is asked for: nobody else's build resolves it.
if Context.environment["PARLEY_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    package.targets.append(
        .executableTarget(
            name: "Micro",
            dependencies: ["ParleyPaths", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Micro",
            swiftSettings: settings, plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}
