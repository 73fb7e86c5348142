public import Foundation

/// A real slapd with the files of `schema/` loaded, on a Unix socket in a directory of its own.
public final class Slapd: @unchecked Sendable {
  public struct Options: Sendable {
    public var ppolicy = false
    public var extraDatabaseLines: [String] = []
    public var extraGlobalLines: [String] = []
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
  private let options: Options
  private var child: Child?

  public static func uri(of socket: String) -> String { "ldapi://" + socket.replacingOccurrences(of: "/", with: "%2F") }

  public init(_ options: Options = Options()) throws {
    self.options = options
    directory = try temporaryDirectory()
    try FileManager.default.createDirectory(atPath: "\(directory)/db", withIntermediateDirectories: true)
    for name in ["identity", "access", "access-ppolicy", "index", "limits"] {
      let text = try String(contentsOfFile: "\(repository)/schema/\(name).conf", encoding: .utf8)
      try Slapd.filled(text).write(toFile: "\(directory)/\(name).conf", atomically: true, encoding: .utf8)
    }
    try configuration.write(toFile: "\(directory)/slapd.conf", atomically: true, encoding: .utf8)
    try start()
    try add(Slapd.base + (options.ppolicy ? Slapd.policy : ""))
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

  private var configuration: String {
    var lines = ["core", "cosine", "inetorgperson"].map { "include /etc/ldap/schema/\($0).schema" }
    lines += ["include \(repository)/schema/drawbridge.schema", "modulepath /usr/lib/ldap"]
    lines += (["back_mdb", "argon2", "pw-pbkdf2", "pw-sha2"] + (options.ppolicy ? ["ppolicy"] : [])).map {
      "moduleload \($0)"
    }
    lines += ["pidfile \(directory)/slapd.pid", "threads 16", "include \(directory)/identity.conf"]
    lines += options.extraGlobalLines
    lines += [
      "database mdb", "suffix \(Slapd.suffix)", "rootdn \(Slapd.root)", "rootpw \(Slapd.rootPassword)",
      "directory \(directory)/db", "maxsize 1073741824", "dbnosync",
    ]
    if options.ppolicy { lines += ["include \(directory)/access-ppolicy.conf"] }
    lines += ["include \(directory)/access.conf", "access to * by users read by anonymous auth"]
    lines += ["include \(directory)/index.conf", "include \(directory)/limits.conf"]
    if options.ppolicy { lines += ["overlay ppolicy", "ppolicy_default cn=policy,\(Slapd.suffix)"] }
    return (lines + options.extraDatabaseLines).joined(separator: "\n") + "\n"
  }

  private static let base = """
    dn: \(suffix)
    objectClass: dcObject
    objectClass: organization
    dc: example
    o: Example

    dn: \(people)
    objectClass: organizationalUnit
    ou: people

    dn: ou=services,\(suffix)
    objectClass: organizationalUnit
    ou: services

    dn: ou=groups,\(suffix)
    objectClass: organizationalUnit
    ou: groups

    dn: \(daemon)
    objectClass: organizationalRole
    objectClass: simpleSecurityObject
    cn: drawbridged
    userPassword: daemon-secret

    dn: \(admins)
    objectClass: groupOfNames
    cn: admins
    member: uid=admin,\(people)

    dn: cn=drawbridge,\(suffix)
    objectClass: drawbridgeShared
    cn: drawbridge

    """

  private static let policy = """

    dn: cn=policy,\(suffix)
    objectClass: device
    objectClass: pwdPolicy
    cn: policy
    pwdAttribute: userPassword
    pwdLockout: TRUE
    pwdMaxFailure: 5

    """

  // MARK: Life

  public func start() throws {
    let log = "\(directory)/slapd.log"
    let urls = ([uri] + options.listeners).joined(separator: " ")
    child = try Child(
      ["/usr/sbin/slapd", "-d", "0", "-h", urls, "-f", "\(directory)/slapd.conf"], in: directory, log: log)
    try Fixtures.await("slapd at \(socket)") {
      guard child?.isAlive == true else {
        throw FixtureError("slapd: \(try String(contentsOfFile: log, encoding: .utf8))")
      }
      return try Command.run("ldapwhoami", ["-Q", "-Y", "EXTERNAL", "-H", uri]).status == 0 ? true : nil
    }
  }

  public func kill() throws {
    child?.signal(SIGKILL)
    try child?.waitUntilDead()
    child?.end()
  }

  /// Stops answering without closing anything: what a hung server does.
  public func freeze() { child?.signal(SIGSTOP) }
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
  public static func account(_ uid: String, mail: String? = nil, _ lines: [String] = []) -> String {
    ([
      "dn: \(dn(uid))", "objectClass: inetOrgPerson", "objectClass: drawbridgeAccount", "uid: \(uid)", "cn: \(uid)",
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
