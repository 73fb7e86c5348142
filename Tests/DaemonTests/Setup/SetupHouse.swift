import Fixtures
import Foundation

/// A slapd with `cn=config` that has never heard of Drawbridge, and what `drawbridge setup` makes of it. The daemon is
/// another Unix user than whoever administers slapd.
struct SetupHouse {
  let slapd: Slapd
  let mail: MailSink
  /// Of the daemon's configuration, keys and sockets.
  let folder: String

  static func options(_ change: (inout Slapd.Options) -> Void = { _ in }) -> Slapd.Options {
    var options = Slapd.Options()
    options.form = .config
    options.leavesOut = ["drawbridge", "access", "index", "limits", "identity"]
    options.leavesOutModules = ["argon2"]
    change(&options)
    return options
  }

  static func with<Value>(
    _ options: Slapd.Options = options(), _ body: (SetupHouse) async throws -> Value
  ) async throws -> Value {
    try await Slapd.with(options) { slapd in
      let mail = try MailSink()
      let folder = try temporaryDirectory()
      defer {
        mail.end()
        try? FileManager.default.removeItem(atPath: folder)
      }
      // The daemon's user passes through.
      for path in [folder, slapd.directory] {
        try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: path)
      }
      for name in ["run", "sweeps"] {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
        try FileManager.default.setAttributes(
          [.ownerAccountID: OtherUser.uid, .groupOwnerAccountID: OtherUser.uid], ofItemAtPath: "\(folder)/\(name)")
      }
      return try await body(SetupHouse(slapd: slapd, mail: mail, folder: folder))
    }
  }

  var config: String { "\(folder)/etc/drawbridged.toml" }
  var sockets: String { "\(folder)/run" }
  var records: String { "\(folder)/etc/setup" }

  func setup(_ arguments: [String] = ["--yes"], slapdConfig: String = "slapd.d") throws -> Command.Result {
    try Command.run(
      Daemon.binary("drawbridge"),
      [
        "setup", "--ldapi", slapd.uri, "--slapd-config", "\(slapd.directory)/\(slapdConfig)", "--user", "nobody",
        "--config", config, "--key-ring", "\(folder)/etc/keys", "--sockets", sockets, "--smtp",
        "smtp://127.0.0.1:\(mail.port)",
      ] + arguments, within: 120)
  }

  func configure(_ ldif: String) throws {
    let result = try Command.run("ldapmodify", ["-Q", "-Y", "EXTERNAL", "-H", slapd.uri], input: ldif + "\n")
    guard result.status == 0 else { throw FixtureError("ldapmodify: \(result.errors)") }
  }

  /// Every setting of cn=config, but for the schema and the modules, which a running slapd does not give up.
  func settings() throws -> String {
    let result = try Command.run(
      "ldapsearch",
      [
        "-Q", "-Y", "EXTERNAL", "-H", slapd.uri, "-LLL", "-o", "ldif-wrap=no", "-b", "cn=config",
        "(!(|(objectClass=olcSchemaConfig)(objectClass=olcModuleList)))",
      ])
    guard result.status == 0 else { throw FixtureError("ldapsearch: \(result.errors)") }
    return result.output
  }

  /// What anybody, or who binds, is shown of the directory, sorted: slapd's own order is not always the same.
  func shown(_ credentials: [String] = []) throws -> (status: Int32, output: String) {
    let result = try Command.run(
      "ldapsearch",
      ["-x", "-H", slapd.uri, "-LLL", "-o", "ldif-wrap=no", "-b", Slapd.suffix] + credentials + [
        "(!(cn=drawbridge))", "*",
      ])
    return (result.status, result.output.components(separatedBy: "\n\n").sorted().joined(separator: "\n\n"))
  }

  /// An account, as Drawbridge leaves one.
  func addAccount() throws {
    try slapd.add(
      """
      dn: \(Slapd.dn("jdoe"))
      objectClass: inetOrgPerson
      objectClass: drawbridgeAccount
      uid: jdoe
      cn: John
      sn: Doe
      mail: jdoe@example.org
      drawbridgeTOTPSecret: sealed
      drawbridgeLastSignIn: 20260101000000Z

      """)
  }

  func withDaemon<Value>(_ body: () async throws -> Value) async throws -> Value {
    let daemon = try Child(
      OtherUser.command + [try Daemon.binary("drawbridged"), "--config", config], in: folder,
      log: "\(folder)/log", environment: ["DRAWBRIDGE_INACTIVITY_RECORDS": "\(folder)/sweeps"])
    defer { daemon.end() }
    try Fixtures.await("drawbridged at \(sockets)") {
      guard daemon.isAlive else { throw FixtureError("drawbridged: \(log)") }
      return (try? LineClient("\(sockets)/admin.sock")) != nil ? true : nil
    }
    return try await body()
  }

  var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }
}
