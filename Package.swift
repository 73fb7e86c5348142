// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .treatAllWarnings(as: .error),
]

/// A C library of the host, seen through one tiny module.
func host(_ name: String, pkgConfig: String, debian: String) -> Target {
  .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([debian])])
}

/// A room of the house: what it may import stands here and nowhere else.
func room(_ name: String, imports: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: imports, path: "Sources/\(name)", resources: resources, swiftSettings: settings)
}

func tests(of name: String, imports: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: imports, path: "Tests/\(name)Tests",
    exclude: name == "Daemon" ? ["Transcripts", "Terminal/terminal.py", "TLS/cut.py", "Metrics/parse.py"] : [],
    swiftSettings: settings)
}

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]
let tls: [Target.Dependency] = [
  .product(name: "NIOSSL", package: "swift-nio-ssl"),
  .product(name: "NIOTLS", package: "swift-nio"),
]
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: [Target.Dependency] = [
  .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
  .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "drawbridge",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "drawbridged", targets: ["drawbridged"]),
    .executable(name: "drawbridge", targets: ["drawbridge"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    host("CLDAP", pkgConfig: "ldap", debian: "libldap-dev"),
    host("COpenSSL", pkgConfig: "libcrypto", debian: "libssl-dev"),
    host("CSodium", pkgConfig: "libsodium", debian: "libsodium-dev"),
    host("CArgon2", pkgConfig: "libargon2", debian: "libargon2-dev"),
    host("CCrypt", pkgConfig: "libcrypt", debian: "libcrypt-dev"),
    host("CQREncode", pkgConfig: "libqrencode", debian: "libqrencode-dev"),
    .systemLibrary(name: "CProcess", path: "Sources/C/CProcess"),
    .target(name: "CCurl", path: "Sources/C/CCurl", linkerSettings: [.linkedLibrary("curl")]),

    room("Secrets", imports: ["COpenSSL", "CSodium", "CArgon2", "CCrypt", "CProcess"]),
    room("SignIn", imports: ["Secrets"]),
    room("Directory", imports: ["CLDAP", "SignIn", "Secrets", logging]),
    room("Wire"),
    room("Mail", imports: ["CCurl"]),
    room("QRCode", imports: ["CQREncode"]),
    room("Configuration", imports: ["TOMLKit"]),
    room(
      "SignInServer",
      imports: ["SignIn", "Secrets", "Directory", "Wire", "Mail", "QRCode", "Configuration", logging]
        + lifecycle + nio + tls,
      resources: ["en", "fr", "nl", "de"].map { .embedInCode("Texts/\($0).txt") }),
    .executableTarget(
      name: "drawbridged", dependencies: ["SignInServer", "Configuration", "Secrets", arguments, logging],
      swiftSettings: settings),
    .executableTarget(
      name: "drawbridge", dependencies: ["Wire", "Secrets", arguments],
      // Links to the files of schema/: `setup` loads, and `doctor` looks for, what stands there.
      resources: [
        "drawbridge", "identity", "limits", "index", "access", "access-ppolicy", "access-deactivated-bind", "shared",
      ].map { .embedInCode("Setup/Schema/\($0).ldif") }, swiftSettings: settings),

    .target(name: "Fixtures", dependencies: ["Secrets"], path: "Tests/Fixtures", swiftSettings: settings),
    tests(of: "Secrets", imports: ["Secrets", "Fixtures"]),
    tests(of: "SignIn", imports: ["SignIn", "Secrets", "Fixtures"]),
    tests(of: "Wire", imports: ["Wire", "Fixtures"]),
    tests(of: "Configuration", imports: ["Configuration", "QRCode", "Mail", "Fixtures"]),
    tests(of: "Directory", imports: ["Directory", "SignIn", "Secrets", "Fixtures", logging]),
    tests(
      of: "SignInServer",
      imports: [
        "SignInServer", "SignIn", "Directory", "Secrets", "Configuration", "Mail", "Wire",
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ] + nio),
    tests(of: "Doctor", imports: ["drawbridge", "Wire", "Fixtures", arguments]),
    tests(of: "Daemon", imports: ["Fixtures", "Wire", "Secrets", "drawbridged", "drawbridge"]),
  ],
  swiftLanguageModes: [.v6]
)
