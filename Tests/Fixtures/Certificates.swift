internal import Foundation

/// A certificate authority in a folder of its own, and the certificates that it gave to servers.
public struct Certificates {
  public let directory: String
  public var authority: String { "\(directory)/ca.pem" }
  /// Another authority, which signed none of them.
  public var stranger: String { "\(directory)/stranger.pem" }

  public init() throws {
    directory = try temporaryDirectory()
    for name in ["ca", "stranger"] {
      try openssl([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=\(name)", "-keyout",
        "\(directory)/\(name).key", "-out", "\(directory)/\(name).pem",
      ])
    }
    try issue("good", name: "DNS:localhost,IP:127.0.0.1")
    try issue("misnamed", name: "DNS:ldap.example.net")
    try issue("expired", name: "DNS:localhost,IP:127.0.0.1", at: "2020-01-01 00:00:00")
  }

  /// A certificate for the key that it makes beside it: `NAME.pem` and `NAME.key`, the latter its owner's alone.
  ///
  /// - Parameters:
  ///   - name: subject alternative names as OpenSSL writes them; nil for the common name alone.
  ///   - authority: `ca` or `stranger`.
  public func issue(_ server: String, name: String?, by authority: String = "ca", at time: String? = nil) throws {
    let file = "\(directory)/\(server)"
    try openssl([
      "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(server)", "-keyout", "\(file).key", "-out", "\(file).csr",
    ])
    guard chmod("\(file).key", 0o600) == 0 else { throw FixtureError("\(file).key: \(errno)") }
    let extensions = name.map { "subjectAltName=\($0)\n" } ?? "basicConstraints=CA:FALSE\n"
    try extensions.write(toFile: "\(file).ext", atomically: true, encoding: .utf8)
    let sign = [
      "openssl", "x509", "-req", "-in", "\(file).csr", "-CA", "\(directory)/\(authority).pem", "-CAkey",
      "\(directory)/\(authority).key",
      "-CAcreateserial", "-days", "30", "-extfile", "\(file).ext", "-out", "\(file).pem",
    ]
    try run(time.map { Self.faketime + [$0] + sign } ?? sign)
  }

  /// A process that was killed leaves behind what libfaketime names after it, and another with its id could not begin.
  private static let faketime = [
    "/bin/sh", "-c", "rm -f /dev/shm/faketime_shm_$$ /dev/shm/sem.faketime_sem_$$; exec faketime \"$@\"", "sh",
  ]

  private func openssl(_ arguments: [String]) throws { try run(["openssl"] + arguments) }

  private func run(_ arguments: [String]) throws {
    let result = try Command.run(arguments[0], Array(arguments.dropFirst()))
    guard result.status == 0 else { throw FixtureError("\(arguments): \(result.errors)") }
  }

  /// slapd's settings with one of the certificates.
  public func settings(_ server: String) -> [String] {
    [
      "TLSCACertificateFile \(authority)", "TLSCertificateFile \(directory)/\(server).pem",
      "TLSCertificateKeyFile \(directory)/\(server).key",
    ]
  }

  public func remove() { try? FileManager.default.removeItem(atPath: directory) }
}
