internal import Foundation

/// Two providers that copy each other by delta-syncrepl, and a copy of the first that takes no writes.
public final class Mirror {
  public let first: Slapd
  public let second: Slapd
  public let copy: Slapd
  private let directory: String
  private var providers: [Slapd] { [first, second] }

  public init(extraDatabaseLines: [String] = []) throws {
    directory = try temporaryDirectory()
    let folder = directory
    let ports = try (0..<3).map { _ in try freePort() }
    func options(_ number: Int, from sources: [Int]) throws -> Slapd.Options {
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
        sources.map { source in
          "syncrepl rid=00\(source + 1) provider=ldap://127.0.0.1:\(ports[source]) bindmethod=simple "
            + "binddn=\"\(Slapd.root)\" credentials=\(Slapd.rootPassword) searchbase=\"\(Slapd.suffix)\" "
            + "type=refreshAndPersist retry=\"1 +\" timeout=3 syncdata=accesslog logbase=\"cn=accesslog\" "
            + "logfilter=\"(&(objectClass=auditWriteObject)(reqResult=0))\""
        } + (isProvider ? ["multiprovider on"] : []) + ["index entryCSN eq", "overlay syncprov"]
        + (isProvider ? ["overlay accesslog", "logdb cn=accesslog", "logops writes", "logsuccess TRUE"] : [])
        + extraDatabaseLines
      return options
    }
    first = try Slapd(options(0, from: [1]))
    second = try Slapd(options(1, from: [0]))
    copy = try Slapd(options(2, from: [0]))
    try awaitCopies()
  }

  public static func with<Value>(_ body: (Mirror) async throws -> Value) async throws -> Value {
    let mirror = try Mirror()
    defer { mirror.remove() }
    return try await body(mirror)
  }

  /// Until each of the servers, all three unless told, has what the others have.
  public func awaitCopies(_ servers: [Slapd]? = nil) throws {
    let servers = servers ?? [first, second, copy]
    try Fixtures.await("replication", within: 60) {
      let states = try servers.map { Set(try $0.entry(Slapd.suffix)?["contextcsn"] ?? []) }
      return Set(states).count == 1 && !(states.first?.isEmpty ?? true) ? true : nil
    }
  }

  public func remove() {
    for slapd in [copy, second, first] { slapd.remove() }
    try? FileManager.default.removeItem(atPath: directory)
  }
}
