public import Foundation

/// A real slapd with the files of `schema/` loaded, on a Unix socket in a directory of its own.
public final class Slapd: @unchecked Sendable {
  public struct Options: Sendable {
    public enum Form: Sendable, CaseIterable {
      /// One file, read at start.
      case slapdConf
      /// `cn=config`: the ldifs of `schema/` are loaded into the running server.
      case config
    }
    public var form = Form.slapdConf
    public var ppolicy = false
    /// Further files of `schema/`, by name; the last one's rules stand first.
    public var extraFiles: [String] = []
    /// Files of `schema/` that are not loaded; without `drawbridge`, the base has no shared entry.
    public var leavesOut: Set<String> = []
    /// Modules of slapd that are not loaded.
    public var leavesOutModules: Set<String> = []
    /// slapd's log of operations (`-d 256`), to be read with `log`.
    public var logsOperations = false
    public var extraDatabaseLines: [String] = []
    public var extraGlobalLines: [String] = []
    /// A folder of SASL configuration for this slapd alone, in place of `/etc/ldap/sasl2`. Needs root.
    public var saslFolder: String?
    /// Without the first entries, which come by replication.
    public var startsEmpty = false
    /// Beside ldapi, such as `ldap://127.0.0.1:3890/`.
    public var listeners: [String] = []
    public init() {}
  }

  public static let suffix = "dc=example,dc=org"
  public static let people = "ou=people,dc=example,dc=org"
  public static let daemon = "cn=drawbridged,ou=services,dc=example,dc=org"
  public static let admins = "cn=admins,ou=groups,dc=example,dc=org"
  public static let root = "cn=admin,dc=example,dc=org"
  public static let rootPassword = "root-secret"

  public let directory: String
  public var socket: String { "\(directory)/ldapi" }
  public var uri: String { Slapd.uri(of: socket) }
  public var log: String { (try? String(contentsOfFile: "\(directory)/slapd.log", encoding: .utf8)) ?? "" }
  private var options: Options
  private var offset = 0
  private var child: Child?

  public static func uri(of socket: String) -> String { "ldapi://" + socket.replacingOccurrences(of: "/", with: "%2F") }

  public init(_ options: Options = Options()) throws {
    self.options = options
    directory = try temporaryDirectory()
    try FileManager.default.createDirectory(atPath: "\(directory)/db", withIntermediateDirectories: true)
    try writeConfiguration()
    if options.form == .config { try convert() }
    try start()
    if options.form == .config { try load() }
    guard !options.startsEmpty else { return }
    try add(Slapd.base + (knowsAccounts ? Slapd.shared : "") + (options.ppolicy ? Slapd.policy : ""))
  }

  /// Runs a body against a slapd of its own.
  public static func with<Value>(_ options: Options = Options(), _ body: (Slapd) async throws -> Value) async throws
    -> Value
  {
    let slapd = try Slapd(options)
    defer { slapd.remove() }
    return try await body(slapd)
  }

  /// The placeholders of `schema/`.
  public static func filled(_ text: String) -> String {
    [
      ("@SUFFIX@", suffix), ("@PEOPLE@", people), ("@SHARED@", "cn=drawbridge,\(suffix)"), ("@DAEMON@", daemon),
      ("@ADMINS@", admins), ("@DATABASE@", "{1}mdb"), ("@UID@", "\(geteuid())"), ("@GID@", "\(getegid())"),
    ].reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
  }

  /// A file of `schema/`, its placeholders filled.
  public static func schema(_ name: String) throws -> String {
    filled(try String(contentsOfFile: "\(repository)/schema/\(name)", encoding: .utf8))
  }

  /// In the order in which `cn=config` takes them. The identity is the last: this process is both the administrator
  /// of `cn=config` and the daemon, and from then on only the daemon.
  private var files: [String] {
    (["access"] + (options.ppolicy ? ["access-ppolicy"] : []) + options.extraFiles + ["index", "limits", "identity"])
      .filter { !options.leavesOut.contains($0) }
  }

  private var knowsAccounts: Bool { !options.leavesOut.contains("drawbridge") }

  private func writeConfiguration() throws {
    for name in files {
      try Slapd.schema("\(name).conf").write(toFile: "\(directory)/\(name).conf", atomically: true, encoding: .utf8)
    }
    try configuration.write(toFile: "\(directory)/slapd.conf", atomically: true, encoding: .utf8)
  }

  private func convert() throws {
    try FileManager.default.createDirectory(atPath: "\(directory)/slapd.d", withIntermediateDirectories: true)
    // slaptest converts only where the database exists; adding nothing makes it.
    for (tool, arguments) in [("slapadd", []), ("slaptest", ["-F", "\(directory)/slapd.d"])] {
      let result = try Command.run("/usr/sbin/\(tool)", ["-f", "\(directory)/slapd.conf"] + arguments)
      guard result.status == 0 else { throw FixtureError("\(tool): \(result.errors)") }
    }
  }

  private func load() throws {
    let schema = knowsAccounts ? [("ldapadd", "drawbridge")] : []
    for (tool, name) in schema + files.map({ ("ldapmodify", $0) }) {
      let result = try Command.run(
        tool, ["-c", "-Q", "-Y", "EXTERNAL", "-H", uri], input: Slapd.schema("\(name).ldif"))
      // 20, attributeOrValueExists: an index that the directory has already.
      guard result.status == 0 || (name == "index" && result.status == 20) else {
        throw FixtureError("\(tool) \(name).ldif: \(result.errors)")
      }
    }
  }

  private var configuration: String {
    let isFile = options.form == .slapdConf
    var lines = ["core", "cosine", "inetorgperson"].map { "include /etc/ldap/schema/\($0).schema" }
    if isFile, knowsAccounts { lines += ["include \(repository)/schema/drawbridge.schema"] }
    lines += ["modulepath /usr/lib/ldap"]
    lines += (["back_mdb", "argon2", "pw-pbkdf2", "pw-sha2"] + (options.ppolicy ? ["ppolicy"] : []))
      .filter { !options.leavesOutModules.contains($0) }.map { "moduleload \($0)" }
    lines += ["pidfile \(directory)/slapd.pid", "threads 16"]
    if isFile, files.contains("identity") { lines += ["include \(directory)/identity.conf"] }
    lines += options.extraGlobalLines
    if !isFile {
      let me = "gidNumber=\(getegid())+uidNumber=\(geteuid()),cn=peercred,cn=external,cn=auth"
      lines += ["database config", "rootdn \(me)"]
    }
    lines += [
      "database mdb", "suffix \(Slapd.suffix)", "rootdn \(Slapd.root)", "rootpw \(Slapd.rootPassword)",
      "directory \(directory)/db", "maxsize 1073741824", "dbnosync",
    ]
    if isFile {
      let rules = files.filter { $0.hasPrefix("access") }.reversed()
      lines += rules.map { "include \(directory)/\($0).conf" }
    }
    lines += ["access to * by users read by anonymous auth"]
    lines +=
      isFile
      ? files.filter { ["index", "limits"].contains($0) }.map { "include \(directory)/\($0).conf" }
      : ["index objectClass eq"]
    if options.ppolicy { lines += ["overlay ppolicy", "ppolicy_default cn=policy,\(Slapd.suffix)"] }
    return (lines + options.extraDatabaseLines).joined(separator: "\n") + "\n"
  }

  // MARK: Life

  public func start() throws {
    let urls = ([uri] + options.listeners).joined(separator: " ")
    let form = options.form == .config ? ["-F", "\(directory)/slapd.d"] : ["-f", "\(directory)/slapd.conf"]
    // libfaketime's file, which could be changed while slapd runs, makes slapd crash.
    let clock = ["FAKETIME": "+\(offset)", "FAKETIME_DONT_FAKE_MONOTONIC": "1"]
    // slapd takes the folder from nothing but its build, so it gets mounts of its own.
    let mount = "mount --make-rprivate / && mount --bind \"$1\" /etc/ldap/sasl2 && shift && exec \"$@\""
    let ownMounts = options.saslFolder.map { ["unshare", "--mount", "/bin/sh", "-c", mount, "sh", $0] } ?? []
    child = try Child(
      ownMounts + (offset == 0 ? [] : Daemon.faketime) + [
        "/usr/sbin/slapd", "-d", options.logsOperations ? "256" : "0", "-h", urls,
      ] + form, in: directory,
      log: "\(directory)/slapd.log", environment: offset == 0 ? [:] : clock)
    try Fixtures.await("slapd at \(socket)") {
      guard child?.isAlive == true else { throw FixtureError("slapd: \(log)") }
      return try Command.run("ldapwhoami", ["-Q", "-Y", "EXTERNAL", "-H", uri]).status == 0 ? true : nil
    }
  }

  public func kill() throws {
    child?.signal(SIGKILL)
    try child?.waitUntilDead()
    child?.end()
  }

  /// Starts again on the same database, differently configured: from a `slapd.conf` alone.
  public func restart(_ change: (inout Options) -> Void = { _ in }) throws {
    try kill()
    change(&options)
    try writeConfiguration()
    try start()
  }

  /// Moves its time forward. It rests meanwhile, and connections end.
  public func moveClock(by seconds: Int) throws {
    offset += seconds
    try restart()
  }

  /// Puts entries into the database of a slapd that rests meanwhile: the way for very many.
  public func load(_ ldif: String) throws {
    let path = "\(directory)/load.ldif"
    try ldif.write(toFile: path, atomically: true, encoding: .utf8)
    try kill()
    let arguments = ["-q", "-f", "\(directory)/slapd.conf", "-l", path]
    let result = try Command.run("/usr/sbin/slapadd", arguments, within: 600)
    guard result.status == 0 else { throw FixtureError("slapadd: \(result.errors.suffix(2000))") }
    try start()
  }

  /// Stops answering without closing anything: what a hung server does.
  public func freeze() { child?.stop() }
  public func thaw() { child?.signal(SIGCONT) }

  public func remove() {
    child?.signal(SIGCONT)
    child?.end()
    try? FileManager.default.removeItem(atPath: directory)
  }

  // MARK: The administrator's tools

  private var credentials: [String] { ["-x", "-H", uri, "-D", Slapd.root, "-w", Slapd.rootPassword] }

  public func add(_ ldif: String) throws { try tool("ldapadd", ldif) }
  public func modify(_ ldif: String) throws { try tool("ldapmodify", ldif) }

  private func tool(_ name: String, _ ldif: String) throws {
    let result = try Command.run(name, credentials, input: ldif)
    guard result.status == 0 else { throw FixtureError("\(name): \(result.errors)") }
  }

  public typealias Entry = [String: [Data]]

  /// Entries by DN order of the server; attribute names lower-cased.
  public func search(_ filter: String, base: String = Slapd.suffix, scope: String = "sub") throws -> [Entry] {
    let result = try Command.run(
      "ldapsearch", credentials + ["-LLL", "-o", "ldif-wrap=no", "-b", base, "-s", scope, filter, "*", "+"])
    guard result.status == 0 || result.status == 32 else { throw FixtureError("ldapsearch: \(result.errors)") }
    return result.output.components(separatedBy: "\n\n").compactMap(Slapd.entry)
  }

  public func entry(_ dn: String) throws -> Entry? { try search("(objectClass=*)", base: dn, scope: "base").first }

  private static func entry(_ ldif: String) -> Entry? {
    var entry: Entry = [:]
    for line in ldif.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let name = line[..<colon].lowercased()
      let rest = line[line.index(after: colon)...]
      let value =
        rest.hasPrefix(":")
        ? Data(base64Encoded: rest.dropFirst().trimmingCharacters(in: .whitespaces)) ?? Data()
        : Data(rest.dropFirst().utf8)
      entry[name, default: []].append(value)
    }
    return entry.isEmpty ? nil : entry
  }

  // MARK: Accounts

  public static func dn(_ uid: String) -> String { "uid=\(uid),\(people)" }

  /// The LDIF of an account; `lines` are further attributes.
  public static func account(
    _ uid: String, mail: String? = nil, below parent: String = people, _ lines: [String] = []
  ) -> String {
    ([
      "dn: uid=\(uid),\(parent)", "objectClass: inetOrgPerson", "objectClass: drawbridgeAccount", "uid: \(uid)",
      "cn: \(uid)",
      "sn: \(uid)", "mail: \(mail ?? "\(uid)@example.org")",
    ] + lines).joined(separator: "\n") + "\n\n"
  }

  /// `name:: base64`, for values of any bytes.
  public static func line(_ name: String, _ value: some DataProtocol) -> String {
    "\(name):: \(Data(value).base64EncodedString())"
  }
}

extension Slapd.Entry {
  public func string(_ name: String) -> String? {
    self[name.lowercased()]?.first.map { String(decoding: $0, as: UTF8.self) }
  }
}
