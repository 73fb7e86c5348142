import Fixtures
import Foundation
import Testing

/// Who trusts one authority must not be led to trust another: not by the environment, and not by a file without any.
@Suite("directory.ca-file", .serialized) struct CertificateAuthorityTests {
  @Test(
    "without a certificate in it stands for no other: no password leaves", arguments: ["empty", "garbage", "good"])
  func content(kind: String) async throws {
    let certificates = try Certificates()
    defer { certificates.remove() }
    let port = try freePort()
    var options = Slapd.Options()
    options.logsOperations = true
    options.extraGlobalLines = certificates.settings("good")
    options.listeners = ["ldaps://127.0.0.1:\(port)/"]
    try await Slapd.with(options) { slapd in
      let file = "\(certificates.directory)/\(kind).crt"
      let authority = try String(contentsOfFile: certificates.authority, encoding: .utf8)
      try (kind == "good" ? authority : kind == "empty" ? "" : "no certificate\n")
        .write(toFile: file, atomically: true, encoding: .utf8)
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
      let reply = try daemon.client().send("SIGNIN nobody@example.org")
      #expect(reply.hasPrefix(kind == "good" ? "ASK password" : "LATER directory"), "\(reply)")
      #expect(slapd.log.contains("BIND dn=\"\(Slapd.daemon)\" method=128") == (kind == "good"))
      #expect(daemon.log.contains("directory.ca-file") == (kind != "good"))
    }
  }
}
