import Fixtures
import Foundation
import Secrets

/// A slapd that is reached over TCP, by a port that can be made to fail, and hosts that pretend to be it.
final class FaultyHosts {
  let slapd: Slapd
  let faulty: FaultyPort
  private let certificates: Certificates
  private let way: DirectoryFaultTests.Way
  private let ports: (clear: Int, tls: Int)
  private var scripted: [ScriptedServer] = []
  private var children: [Child] = []

  private init(_ way: DirectoryFaultTests.Way) throws {
    self.way = way
    certificates = try Certificates()
    try certificates.issue("foreign", name: "DNS:localhost,IP:127.0.0.1", by: "stranger")
    ports = (try freePort(), try freePort())
    var options = Slapd.Options()
    options.extraGlobalLines = certificates.settings("good")
    options.listeners = ["ldap://127.0.0.1:\(ports.clear)/", "ldaps://127.0.0.1:\(ports.tls)/"]
    slapd = try Slapd(options)
    faulty = try FaultyPort(.leads(to: way == .ldaps ? ports.tls : ports.clear))
  }

  static func with(_ way: DirectoryFaultTests.Way, _ body: (FaultyHosts) async throws -> Void) async throws {
    let hosts = try FaultyHosts(way)
    defer {
      hosts.faulty.end()
      for server in hosts.scripted { server.end() }
      for child in hosts.children { child.end() }
      hosts.slapd.remove()
      hosts.certificates.remove()
    }
    try await body(hosts)
  }

  func port(_ way: DirectoryFaultTests.Way) -> Int { way == .ldaps ? ports.tls : ports.clear }
  func uri(of port: Int) -> String { "\(way == .ldaps ? "ldaps" : "ldap")://127.0.0.1:\(port)" }

  /// A daemon that binds by a password, with a clock of its own.
  func daemon(uris: [String]) throws -> Daemon {
    let password = "\(certificates.directory)/password"
    _ = FileManager.default.createFile(
      atPath: password, contents: Data("daemon-secret".utf8), attributes: [.posixPermissions: 0o600])
    let tls = "ca-file = \"\(certificates.authority)\"\n" + (way == .startTLS ? "start-tls = true\n" : "")
    return try Daemon(
      directory: uris.joined(separator: " "), mailPort: nil, hasOwnClock: true,
      directorySettings: "bind = \"simple\"\nbind-dn = \"\(Slapd.daemon)\"\nbind-password-file = \"\(password)\"\n"
        + (way == .plain ? "" : tls))
  }

  func person(_ uid: String, of daemon: Daemon) throws -> Person {
    let person = try Person(uid, secret: SystemRandom.bytes(20))
    try slapd.seed([person], keys: daemon.keys)
    return person
  }

  /// The port of a host with one of the certificates.
  func stranger(_ certificate: String) throws -> Int {
    let port = try freePort()
    let file = "\(certificates.directory)/\(certificate)"
    children.append(
      try Child(
        [
          "openssl", "s_server", "-quiet", "-accept", "127.0.0.1:\(port)", "-cert", "\(file).pem", "-key",
          "\(file).key",
        ],
        in: certificates.directory, log: "\(certificates.directory)/s_server.log"))
    try Fixtures.await("s_server") { TCP.accepts(port) ? true : nil }
    return port
  }

  /// The port of a host that answers StartTLS with a code, and would take any bind.
  func stripped(code: UInt8) throws -> Int {
    let server = try ScriptedServer { tag in
      tag == ScriptedServer.extendedRequest ? ScriptedServer.result(0x78, code) : ScriptedServer.result(0x61, 0)
    }
    scripted.append(server)
    return server.port
  }

  /// Whether a host that is not the server was sent a bind.
  var sawPassword: Bool { scripted.contains { $0.operations.contains(ScriptedServer.bindRequest) } }
}
