import Fixtures
import Foundation
import Testing

/// ID-07: a bind without a password succeeds on many servers, as nobody (RFC 4513, section 5.1.2).
@Suite("A daemon without a bind password") struct BlankBindPasswordTests {
  static let contents: [String?] = [
    nil, "", "\n", "\r\n", "\n\n", " ", "   \n", "\t", "\t \r\n", "\0", "\0secret", "daemon-secret\0",
  ]

  @Test("does not start, and names the setting", arguments: contents)
  func refusesToStart(content: String?) async throws {
    try await Self.with(content) { daemon in
      // Not only with --check-config: the start itself.
      for flags in [[], ["--check-config"]] {
        let result = try daemon(flags)
        #expect(result.status == 78, "\(flags): \(result.output)\(result.errors)")
        #expect(result.errors.contains("directory.bind-password-file"), "\(result.errors)")
        #expect(!result.errors.contains("secret"))
      }
    }
  }

  @Test("starts once there is one")
  func accepts() async throws {
    for content in ["daemon-secret", "daemon-secret\n", " x ", "\u{1}"] {
      try await Self.with(content) { daemon in
        let status = try daemon(["--check-config"]).status
        #expect(status == 0)
      }
    }
  }

  /// Against a slapd that lets anybody in who gives no password.
  private static func with(
    _ content: String?, _ body: (([String]) throws -> Command.Result) throws -> Void
  ) async throws {
    var options = Slapd.Options()
    options.extraGlobalLines = ["allow bind_anon_cred"]
    try await Slapd.with(options) { slapd in
      let folder = try temporaryDirectory()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      if let content {
        let isMade = FileManager.default.createFile(
          atPath: "\(folder)/word", contents: Data(content.utf8), attributes: [.posixPermissions: 0o600])
        #expect(isMade)
      }
      let ring = try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", "\(folder)/keys"])
      #expect(ring.status == 0)
      try """
      [directory]
      uris = ["\(slapd.uri)"]
      base = "\(Slapd.suffix)"
      bind = "simple"
      bind-dn = "\(Slapd.daemon)"
      bind-password-file = "\(folder)/word"
      [keys]
      ring = "\(folder)/keys"
      [mail]
      server = "off"
      [[listen]]
      path = "\(folder)/signin.sock"
      role = "signin"
      """.write(toFile: "\(folder)/d.toml", atomically: true, encoding: .utf8)
      try body {
        try Command.run(Daemon.binary("drawbridged"), ["--config", "\(folder)/d.toml"] + $0, within: 30)
      }
    }
  }
}
