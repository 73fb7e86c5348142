internal import Foundation

/// A listener over TLS at a port of the loopback, as a daemon's settings have it, and clients of it.
public final class TLSListener {
  public let port: Int
  public let certificates: Certificates
  private let directory: String
  private var doors: [Child] = []

  /// Its certificate and key are copies, so that they can be replaced.
  public init() throws {
    port = try freePort()
    certificates = try Certificates()
    directory = try temporaryDirectory()
    try install("good")
  }

  public var certificate: String { "\(directory)/tls.pem" }
  public var key: String { "\(directory)/tls.key" }

  /// Puts a certificate and its key in place, or a certificate and the key of another.
  public func install(_ name: String, key other: String? = nil) throws {
    let files = [("\(name).pem", certificate), ("\(other ?? name).key", key)]
    for (source, target) in files {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(certificates.directory)/\(source)"))
      guard FileManager.default.createFile(atPath: target, contents: bytes, attributes: [.posixPermissions: 0o600])
      else { throw FixtureError("\(target): cannot be written") }
    }
  }

  /// Its `[[listen]]`.
  public func table(_ more: String = "") -> String {
    """

    [[listen]]
    address = "127.0.0.1:\(port)"
    certificate = "\(certificate)"
    key = "\(key)"
    \(more)

    """
  }

  /// Settings that ask for certificates of the clients.
  public func clients(_ whether: String, trusted: [String] = []) -> String {
    """
    client-certificates = "\(whether)"
    client-ca = "\(certificates.authority)"
    trusted-names = [\(trusted.map { "\"\($0)\"" }.joined(separator: ", "))]
    """
  }

  /// What `openssl s_client` hears when it sends some lines and `QUIT`.
  public func ask(_ lines: [String], _ options: [String] = [], as name: String? = nil) throws -> Command.Result {
    let own = name.map {
      ["-cert", "\(certificates.directory)/\($0).pem", "-key", "\(certificates.directory)/\($0).key"]
    }
    return try Command.run(
      "openssl",
      [
        "s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", certificates.authority, "-verify_return_error",
        "-brief",
      ]
        + ["-ign_eof"] + options + (own ?? []),
      input: (lines + ["QUIT"]).map { $0 + "\n" }.joined())
  }

  /// Bytes over bare TCP, and everything that comes back.
  public func raw(_ bytes: String) throws -> String {
    try Command.run("socat", ["-t", "20", "-", "TCP:127.0.0.1:\(port)"], input: bytes).output
  }

  /// A Unix socket whose clients go on over TLS, with the certificate of `name`, or over bare TCP.
  public func door(as name: String? = nil, isBare: Bool = false) throws -> String {
    let path = "\(directory)/door-\(doors.count)"
    let own = name.map { ",cert=\(certificates.directory)/\($0).pem,key=\(certificates.directory)/\($0).key" } ?? ""
    let secured = "OPENSSL:127.0.0.1:\(port),cafile=\(certificates.authority),commonname=localhost\(own)"
    doors.append(
      try Child(
        ["socat", "UNIX-LISTEN:\(path),fork,backlog=64", isBare ? "TCP:127.0.0.1:\(port)" : secured],
        in: directory, log: "\(directory)/socat.log"))
    try Fixtures.await("the door at \(path)") { FileManager.default.fileExists(atPath: path) ? true : nil }
    return path
  }

  public func end() {
    for door in doors { door.end() }
    certificates.remove()
    try? FileManager.default.removeItem(atPath: directory)
  }
}
