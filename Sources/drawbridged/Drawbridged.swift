internal import ArgumentParser
internal import Configuration
internal import Glibc
internal import Logging
internal import Secrets
internal import SignInServer

/// The daemon's command line. Secrets never stand in it: the configuration names files.
@main
struct Drawbridged: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drawbridged", abstract: "The sign-in daemon for an OpenLDAP directory.",
    discussion: """
      Serves the sign-in flows on Unix sockets and over TLS, and keeps all state in the directory.

        drawbridged --make-key-ring FILE   once, before the first start
        drawbridged --make-jwt-key FILE    for signed tokens (jwt.keys)
        drawbridged --check-config         says what is wrong; as the daemon's user
        drawbridged                        serves until SIGTERM

      SIGTERM finishes what is under way, within 25 seconds; a second one ends at once. SIGHUP, as drawbridge reload, \
      reads the configuration anew, where all of it is good.

      Every setting but the listeners' can come from the environment, too: DRAWBRIDGE_DIRECTORY_BASE is directory.base. \
      docs/configuration.md describes them all.

      Exit status: 0 done, 1 could not serve, 64 wrong usage, 73 a key could not be made, 78 the configuration \
      is wrong.
      """,
    version: "drawbridged \(Daemon.version)")

  @Option(name: .long, help: "The configuration, a TOML file.")
  var config = "/etc/drawbridge/drawbridged.toml"

  @Flag(name: .long, help: "Check the configuration, the key ring and the templates, and exit.")
  var checkConfig = false

  @Option(name: .long, help: ArgumentHelp("Make a key ring in a new file, and exit.", valueName: "file"))
  var makeKeyRing: String?

  @Option(
    name: .customLong("make-jwt-key"),
    help: ArgumentHelp("Make a key that tokens are signed with in a new file, and exit.", valueName: "file"))
  var makeJWTKey: String?

  func run() async throws {
    Memory.conceal()
    if let makeJWTKey {
      try Self.orExit(EX_CANTCREAT) { try SigningKey.create(path: makeJWTKey) }
      return print("made \(makeJWTKey)")
    }
    if let makeKeyRing {
      try Self.orExit(EX_CANTCREAT) {
        try KeyRing.create(path: makeKeyRing) { count throws(RandomFailure) in try SystemRandom.bytes(count) }
      }
      return print("made \(makeKeyRing): keep a copy offline; without it every authenticator has to be enrolled anew")
    }
    let environment = Self.environment()
    let hangups = await Hangups()
    let (configuration, daemon) = try Self.orExit(EX_CONFIG) {
      let configuration = try Configuration.load(path: config, environment: environment)
      var logger = Logger(label: "drawbridged") { StreamLogHandler.standardError(label: $0) }
      logger.logLevel = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
      return (configuration, try Daemon(configuration, file: config, logger: logger))
    }
    if checkConfig {
      return print(Self.summary(of: configuration, from: config))
    }
    try await daemon.run(environment: environment, hangups: hangups)
  }

  /// What was found good, and where nobody would be heard.
  private static func summary(of configuration: Configuration, from file: String) -> String {
    let places = configuration.listen.map { "  \($0.role) at \($0.address?.description ?? $0.path)" }
    let missing = [Listener.Role.signin, .admin].filter { role in !configuration.listen.contains { $0.role == role } }
      .map { "  no listener is for \($0): any [[listen]] replaces the two that are there by themselves" }
    return (["\(file): good; \(configuration.directory.base), listening for"] + places + missing)
      .joined(separator: "\n")
  }

  private static func orExit<Value>(_ status: Int32, _ work: () throws -> Value) throws -> Value {
    do { return try work() } catch {
      let text = Array("drawbridged: \(error)\n".utf8)
      _ = write(STDERR_FILENO, text, text.count)
      throw ExitCode(status)
    }
  }

  private static func environment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { result[String(pair[0])] = String(pair[1]) }
      entry += 1
    }
    return result
  }
}
