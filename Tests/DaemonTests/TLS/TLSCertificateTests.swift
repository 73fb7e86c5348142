import Fixtures
import Foundation
import Testing

/// OP-07, CR-07: certificates are checked before they are used, and replaced under open connections.
@Suite("The certificate of a TLS listener", .serialized) struct TLSCertificateTests {
  /// The subject that a client is shown.
  private func subject(_ listener: TLSListener) throws -> String {
    let heard = try listener.ask([], ["-showcerts"]).errors
    return heard.split(separator: "\n").first { $0.hasPrefix("Peer certificate:") }.map(String.init) ?? heard
  }

  @Test("is loaded anew when its files are replaced, and open connections go on")
  func reload() async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try listener.certificates.issue("renewed", name: "DNS:localhost,IP:127.0.0.1")
    try await House.with(settings: listener.table()) { house in
      let person = try house.people("jdoe")[0]
      let client = try LineClient(try listener.door())
      #expect(try client.send("SIGNIN \(person.mail)").hasPrefix("ASK password"))
      #expect(try subject(listener).contains("CN = good"))
      try listener.install("renewed")
      try Fixtures.await("the new certificate", within: 60) {
        try subject(listener).contains("CN = renewed") ? true : nil
      }
      #expect(house.daemon.log.contains("certificate loaded"))
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
    }
  }

  @Test("stays in use where what replaces it does not fit, and the log says why")
  func misfit() async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try listener.certificates.issue("renewed", name: "DNS:localhost,IP:127.0.0.1")
    for end in ["pem", "key"] {
      try "nothing\n".write(
        toFile: "\(listener.certificates.directory)/nothing.\(end)", atomically: true, encoding: .utf8)
    }
    try await House.with(settings: listener.table()) { house in
      for (certificate, key, mode, why) in [
        ("renewed", "good", 0o600, "not the key of"), ("renewed", "renewed", 0o640, "others than its owner"),
        ("nothing", "renewed", 0o600, "no certificates in PEM"), ("renewed", "nothing", 0o600, "no key in PEM"),
      ] {
        #expect(chmod(listener.key, mode_t(mode)) == 0)
        try listener.install(certificate, key: key)
        #expect(chmod(listener.key, mode_t(mode)) == 0)
        try Fixtures.await("the log to say \(why)", within: 60) { house.daemon.log.contains(why) ? true : nil }
        #expect(house.daemon.log.contains("the one before it stays in use"))
        #expect(try subject(listener).contains("CN = good"), "\(why)")
      }
      try listener.install("renewed")
      try Fixtures.await("the new certificate", within: 60) {
        try subject(listener).contains("CN = renewed") ? true : nil
      }
    }
  }

  @Test(
    "and its key are checked at the start",
    arguments: [
      (0o644, "good", "others than its owner may use it"), (0o600, "misnamed", "not the key of"),
      (0o600, nil, "No such file or directory"),
    ])
  func start(mode: Int, key: String?, why: String) async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try await House.with(settings: listener.table()) { house in
      try house.daemon.terminate()
      if let key {
        try listener.install("good", key: key)
      } else {
        try FileManager.default.removeItem(atPath: listener.key)
      }
      if key != nil { #expect(chmod(listener.key, mode_t(mode)) == 0) }
      #expect(throws: FixtureError.self) { try house.daemon.start() }
      #expect(house.daemon.log.contains("\(listener.key): "), "\(house.daemon.log)")
      #expect(house.daemon.log.contains(why), "\(house.daemon.log)")
      #expect(house.daemon.log.contains("(listen.key"), "\(house.daemon.log)")
    }
  }

  @Test("an address that is taken is an error that names it, and leaves no socket behind")
  func taken() async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try await House.with(settings: listener.table()) { house in
      try house.daemon.terminate()
      let other = try Child(
        ["socat", "TCP-LISTEN:\(listener.port),bind=127.0.0.1,reuseaddr,fork", "EXEC:cat"],
        in: house.daemon.directory, log: "\(house.daemon.directory)/socat.log")
      defer { other.end() }
      try Fixtures.await("the other") { try listener.raw("x\n") == "x\n" ? true : nil }
      #expect(throws: FixtureError.self) { try house.daemon.start() }
      #expect(house.daemon.log.contains("127.0.0.1:\(listener.port): another process answers there already"))
      #expect(!FileManager.default.fileExists(atPath: house.daemon.signin))
    }
  }
}
