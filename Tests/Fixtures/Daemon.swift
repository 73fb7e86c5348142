internal import Foundation

/// The built `drawbridged`, on a slapd and with a mail server, in a directory of its own; its clock can be moved.
public final class Daemon: @unchecked Sendable {
  public let directory: String
  public var signin: String { "\(directory)/signin.sock" }
  public var admin: String { "\(directory)/admin.sock" }
  public var log: String { (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? "" }
  private var child: Child?
  private let hasOwnClock: Bool
  private let wrapper: [String]
  private var environment: [String: String] = [:]
  private var offset = 0

  /// Where SwiftPM puts what it builds: beside the test bundle.
  public static func binary(_ name: String) throws -> String {
    var folder = URL(fileURLWithPath: CommandLine.arguments.first ?? "/").resolvingSymlinksInPath()
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent(name).path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      folder.deleteLastPathComponent()
    }
    let built = "\(repository)/.build/debug/\(name)"
    guard FileManager.default.isExecutableFile(atPath: built) else { throw FixtureError("\(name) is not built") }
    return built
  }

  /// - Parameters:
  ///   - uri: of the directory; several, in the order of preference, with spaces between them.
  ///   - keys: a ring to share with another daemon; a new one unless given.
  ///   - wrapper: a command that runs the daemon, such as `prlimit`.
  ///   - settings: TOML, after what the fixture sets; `[table]`s of their own.
  public init(
    directory uri: String, mailPort: Int?, keys: String? = nil, settings: String = "", hasOwnClock: Bool = false,
    directorySettings: String = "", under wrapper: [String] = []
  ) throws {
    self.wrapper = wrapper
    directory = try temporaryDirectory()
    self.hasOwnClock = hasOwnClock
    if !settings.contains("records = ") { environment["DRAWBRIDGE_INACTIVITY_RECORDS"] = "\(directory)/sweeps" }
    let ring = keys ?? "\(directory)/keys"
    if keys == nil {
      let made = try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", ring])
      guard made.status == 0 else { throw FixtureError("key ring: \(made.errors)") }
    }
    let limits = settings.contains("[limits]") ? "" : "[limits]\nrefusal-floor = \"20ms\"\n"
    let config = """
      [directory]
      uris = [\(uri.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ", "))]
      base = "\(Slapd.suffix)"
      people = "\(Slapd.people)"
      login-attributes = ["mail", "uid"]
      \(directorySettings)
      [keys]
      ring = "\(ring)"
      [mail]
      server = "\(mailPort.map { "smtp://127.0.0.1:\($0)" } ?? "off")"
      from = "sso@example.org"
      \(limits)
      \(settings)
      [[listen]]
      path = "\(directory)/signin.sock"
      role = "signin"
      [[listen]]
      path = "\(directory)/admin.sock"
      role = "admin"

      """
    try config.write(toFile: "\(directory)/drawbridged.toml", atomically: true, encoding: .utf8)
    try setClock()
    try start()
  }

  public var keys: String { "\(directory)/keys" }

  public func start() throws {
    let clock = [
      "FAKETIME_TIMESTAMP_FILE": "\(directory)/clock", "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    ]
    let command = wrapper + [try Daemon.binary("drawbridged"), "--config", "\(directory)/drawbridged.toml"]
    child = try Child(
      (hasOwnClock ? Daemon.faketime : []) + command, in: directory, log: "\(directory)/log",
      environment: environment.merging(hasOwnClock ? clock : [:]) { $1 })
    try Fixtures.await("drawbridged at \(signin)") {
      guard child?.isAlive == true else { throw FixtureError("drawbridged: \(log)") }
      return (try? LineClient(signin)) != nil && (try? LineClient(admin)) != nil ? true : nil
    }
  }

  public func client() throws -> LineClient { try LineClient(signin) }
  public func adminClient() throws -> LineClient { try LineClient(admin) }

  // MARK: Time

  private func setClock() throws { try writeClock(offset >= 0 ? "+\(offset)" : "\(offset)") }

  /// What faketime(1) reads, anew each time that the daemon asks for the time: whole or not at all.
  private func writeClock(_ text: String) throws {
    try (text + "\n").write(toFile: "\(directory)/clock", atomically: true, encoding: .utf8)
  }

  /// Stands still from now on, of a daemon that has its own clock: a date without a sign before it (faketime(1)). Not
  /// behind the host's, or libfaketime would delay timers.
  public func stopClock(at seconds: Int) throws {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
    try writeClock(formatter.string(from: Date(timeIntervalSince1970: Double(seconds))))
  }

  public func moveClock(by seconds: Int) throws {
    offset += seconds
    try setClock()
  }

  /// The daemon's time.
  public var time: Int { Int(Date().timeIntervalSince1970) + offset }

  /// libfaketime names what it shares after the process, and a killed one leaves it behind. A daemon that is given the
  /// same pid later could not make its own. The variable stands there already because libfaketime sets it: where that
  /// moves the environment, Swift finds no arguments any more. Of its two libraries the one that locks: in the other, a
  /// thread that was overtaken while it read the file gives all threads the time from before.
  static let faketime = [
    "/bin/sh", "-c",
    "rm -f /dev/shm/faketime_shm_$$ /dev/shm/sem.faketime_sem_$$; export FAKETIME_SHARED='/none /none' "
      + "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1; exec \"$@\"", "sh",
  ]

  // MARK: The end

  private func endChild() {
    child?.end()
    guard hasOwnClock else { return }
    for name in ["faketime_shm_\(pid)", "sem.faketime_sem_\(pid)"] {
      try? FileManager.default.removeItem(atPath: "/dev/shm/\(name)")
    }
  }

  public var isAlive: Bool { child?.isAlive ?? false }
  public var pid: Int32 { child?.pid ?? 0 }

  public func kill() throws {
    child?.signal(SIGKILL)
    try child?.waitUntilDead()
    endChild()
  }

  public func terminate() throws {
    child?.signal(SIGTERM)
    try child?.waitUntilDead()
    endChild()
  }

  public func end() {
    endChild()
    try? FileManager.default.removeItem(atPath: directory)
  }
}

/// Directory, mail server and daemon together.
public final class House: @unchecked Sendable {
  public let slapd: Slapd
  public let mail: MailSink
  public let daemon: Daemon

  /// - Parameter uri: by which the daemon reaches the directory; its ldapi, unless given.
  public init(
    _ options: Slapd.Options = .init(), uri: String? = nil, settings: String = "", hasOwnClock: Bool = false,
    directorySettings: String = ""
  ) throws {
    slapd = try Slapd(options)
    mail = try MailSink()
    daemon = try Daemon(
      directory: uri ?? slapd.uri, mailPort: mail.port, settings: settings, hasOwnClock: hasOwnClock,
      directorySettings: directorySettings)
  }

  /// The clocks of the directory and of the daemon together.
  public func moveClock(by seconds: Int) throws {
    try slapd.moveClock(by: seconds)
    try daemon.moveClock(by: seconds)
  }

  public static func with<Value>(
    _ options: Slapd.Options = .init(), uri: String? = nil, settings: String = "", hasOwnClock: Bool = false,
    directorySettings: String = "", _ body: (House) async throws -> Value
  ) async throws -> Value {
    let house = try House(
      options, uri: uri, settings: settings, hasOwnClock: hasOwnClock, directorySettings: directorySettings)
    defer {
      house.daemon.end()
      house.mail.end()
      house.slapd.remove()
    }
    return try await body(house)
  }
}
