import Fixtures
import Foundation
import Testing

/// Who trusts one authority must not be led to trust another: not by the environment, and not by a file without any.
@Suite("directory.ca-file", .serialized) struct CertificateAuthorityTests {
  /// Runs a body with a daemon that reaches slapd over TLS, and trusts what stands in a file. Its environment names an
  /// authority that signed slapd's certificate.
  private func with(authorities: String?, _ body: (Slapd, Daemon, String) throws -> Void) async throws {
    let certificates = try Certificates()
    defer { certificates.remove() }
    let port = try freePort()
    var options = Slapd.Options()
    options.logsOperations = true
    options.extraGlobalLines = certificates.settings("good")
    options.listeners = ["ldaps://127.0.0.1:\(port)/"]
    try await Slapd.with(options) { slapd in
      let file = "\(certificates.directory)/trusted.pem"
      let authority = try String(contentsOfFile: certificates.authority, encoding: .utf8)
      try (authorities ?? authority).write(toFile: file, atomically: true, encoding: .utf8)
      let password = "\(certificates.directory)/password"
      #expect(
        FileManager.default.createFile(
          atPath: password, contents: Data("daemon-secret".utf8), attributes: [.posixPermissions: 0o600]))
      let settings = """
        bind = "simple"
        bind-dn = "\(Slapd.daemon)"
        bind-password-file = "\(password)"
        ca-file = "\(file)"
        """
      let daemon = try Daemon(
        directory: "ldaps://127.0.0.1:\(port)", mailPort: nil, directorySettings: settings,
        under: ["env", "LDAPTLS_CACERT=\(certificates.authority)"])
      defer { daemon.end() }
      try body(slapd, daemon, file)
    }
  }

  private func binds(_ slapd: Slapd) -> Int {
    slapd.log.components(separatedBy: "BIND dn=\"\(Slapd.daemon)\" method=128").count - 1
  }

  @Test("without a certificate in it stands for no other: no password leaves", arguments: ["", "no certificate\n"])
  func content(authorities: String) async throws {
    try await with(authorities: authorities) { (slapd, daemon, _) throws in
      #expect(try daemon.client().send("SIGNIN nobody@example.org").hasPrefix("LATER directory"))
      #expect(binds(slapd) == 0)
      #expect(daemon.log.contains("directory.ca-file"))
    }
  }

  @Test("that has gone since the start stands for no other, and is read again once it is back")
  func gone() async throws {
    try await with(authorities: nil) { (slapd, daemon, file) throws in
      #expect(try daemon.client().send("SIGNIN nobody@example.org").hasPrefix("ASK password"))
      #expect(binds(slapd) == 1)
      let authority = try String(contentsOfFile: file, encoding: .utf8)
      try FileManager.default.removeItem(atPath: file)
      try slapd.kill()
      try slapd.start()
      #expect(try daemon.client().send("SIGNIN nobody@example.org").hasPrefix("LATER directory"))
      #expect(binds(slapd) == 1)
      #expect(daemon.log.contains("TLS cannot be set up"))
      try authority.write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try daemon.client().send("SIGNIN nobody@example.org").hasPrefix("ASK password"))
    }
  }
}
