internal import Foundation

/// Two providers that copy each other by delta-syncrepl, and a copy of the first that takes no writes.
public final class Mirror {
  public let first: Slapd
  public let second: Slapd
  public let copy: Slapd
  /// The way by which the second provider and the copy hear of the first.
  private let link: FaultyPort
  private let firstPort: Int
  private let directory: String

  public init(extraDatabaseLines: [String] = []) throws {
    directory = try temporaryDirectory()
    let folder = directory
    let ports = try (0..<3).map { _ in try freePort() }
    link = try FaultyPort(.leads(to: ports[0]))
    firstPort = ports[0]
    let sources = [link.port, ports[1]]
    func options(_ number: Int, from source: Int) throws -> Slapd.Options {
      var options = Slapd.Options()
      options.listeners = ["ldap://127.0.0.1:\(ports[number])/"]
      options.startsEmpty = number > 0
      let log = "\(folder)/log\(number)"
      try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: true)
      let isProvider = number < 2
      options.extraGlobalLines =
        ["moduleload syncprov"]
        + (isProvider
          ? [
            "moduleload accesslog", "serverID \(number + 1)", "database mdb", "suffix cn=accesslog",
            "directory \(log)", "rootdn \(Slapd.root)", "maxsize 104857600", "dbnosync",
            "index default eq", "index entryCSN,objectClass,reqEnd,reqResult,reqStart,reqDN eq", "overlay syncprov",
            "syncprov-nopresent TRUE", "syncprov-reloadhint TRUE",
          ] : [])
      options.extraDatabaseLines =
        [
          "syncrepl rid=00\(source + 1) provider=ldap://127.0.0.1:\(sources[source]) bindmethod=simple "
            + "binddn=\"\(Slapd.root)\" credentials=\(Slapd.rootPassword) searchbase=\"\(Slapd.suffix)\" "
            + "type=refreshAndPersist retry=\"1 +\" timeout=3 syncdata=accesslog logbase=\"cn=accesslog\" "
            + "logfilter=\"(&(objectClass=auditWriteObject)(reqResult=0))\""
        ] + (isProvider ? ["multiprovider on"] : []) + ["index entryCSN eq", "overlay syncprov"]
        + (isProvider ? ["overlay accesslog", "logdb cn=accesslog", "logops writes", "logsuccess TRUE"] : [])
        + extraDatabaseLines
      return options
    }
    first = try Slapd(options(0, from: 1))
    second = try Slapd(options(1, from: 0))
    copy = try Slapd(options(2, from: 0))
    try awaitCopies()
  }

  public static func with<Value>(_ body: (Mirror) async throws -> Value) async throws -> Value {
    let mirror = try Mirror()
    defer { mirror.remove() }
    return try await body(mirror)
  }

  /// Until each of the servers, all three unless told, has the same entries in the same state. `contextCSN` does not tell:
  /// slapd counts its own writes of that attribute.
  public func awaitCopies(_ servers: [Slapd]? = nil) throws {
    let servers = servers ?? [first, second, copy]
    try Fixtures.await("replication", within: 60) {
      let states = try servers.map { slapd -> Set<String> in
        let entries = try slapd.search("(objectClass=*)").filter { $0.string("dn") != Slapd.suffix }
        return Set(entries.map { "\($0.string("dn") ?? "") \($0.string("entryCSN") ?? "")" })
      }
      return Set(states).count == 1 && !(states.first?.isEmpty ?? true) ? true : nil
    }
  }

  /// What the first takes from now on stays with it.
  public func cut() throws { try link.become(.refuses) }
  public func mend() throws { try link.become(.leads(to: firstPort)) }

  public func remove() {
    link.end()
    for slapd in [copy, second, first] { slapd.remove() }
    try? FileManager.default.removeItem(atPath: directory)
  }
}
