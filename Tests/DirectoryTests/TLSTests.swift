import Fixtures
import Foundation
import Secrets
import SignIn
import Testing

@testable import Directory

@Suite("Opening a connection", .serialized) struct TLSTests {
  enum Way: String, CaseIterable, Sendable { case ldaps, startTLS }

  private let password = Server.Identity.simple(dn: Slapd.daemon, password: Secret(Array("daemon-secret".utf8)))

  private func server(
    _ way: Way, _ port: Int, caFile: String?, connectSeconds: Double = 5
  ) throws -> Server {
    try Server(
      uri: "\(way == .ldaps ? "ldaps" : "ldap")://127.0.0.1:\(port)", identity: password, startTLS: way == .startTLS,
      caFile: caFile, connectSeconds: connectSeconds)
  }

  /// A slapd with one of the certificates, and its ports of both ways.
  private func slapd(
    _ certificate: String, _ certificates: Certificates, ciphers: String? = nil
  ) throws -> (Slapd, [Way: Int]) {
    var options = Slapd.Options()
    let ports = [Way.ldaps: try freePort(), .startTLS: try freePort()]
    options.logsOperations = true
    options.extraGlobalLines =
      certificates.settings(certificate) + [ciphers.map { "TLSCipherSuite \($0)" }].compactMap { $0 }
    options.listeners = ports.map { "\($0.key == .ldaps ? "ldaps" : "ldap")://127.0.0.1:\($0.value)/" }
    return (try Slapd(options), ports)
  }

  /// slapd's log shows every bind with its DN and, for a simple one, method 128.
  private func wasBound(_ slapd: Slapd) -> Bool { slapd.log.contains("BIND dn=\"\(Slapd.daemon)\" method=128") }

  @Test("over TLS, a simple bind is made once the certificate is verified")
  func binds() async throws {
    let certificates = try Certificates()
    defer { certificates.remove() }
    let (slapd, ports) = try slapd("good", certificates)
    defer { slapd.remove() }
    try slapd.add(Slapd.account("jdoe"))
    for way in Way.allCases {
      let directory = try openDirectory([server(way, try #require(ports[way]), caFile: certificates.authority)])
      #expect(try await directory.account("jdoe")?.uid == "jdoe", "\(way)")
      await directory.close()
    }
    #expect(wasBound(slapd))
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let certificate: String
    let trustsStranger: Bool
    var testDescription: String { trustsStranger ? "of another authority" : certificate }
  }

  @Test(
    "a certificate that is not the server's is refused, and no password was sent",
    arguments: [
      Bad(certificate: "good", trustsStranger: true), Bad(certificate: "misnamed", trustsStranger: false),
      Bad(certificate: "expired", trustsStranger: false),
    ])
  func refuses(bad: Bad) async throws {
    let certificates = try Certificates()
    defer { certificates.remove() }
    let (slapd, ports) = try slapd(bad.certificate, certificates)
    defer { slapd.remove() }
    for way in Way.allCases {
      let caFile = bad.trustsStranger ? certificates.stranger : certificates.authority
      let directory = try openDirectory([server(way, try #require(ports[way]), caFile: caFile)])
      await #expect(throws: DirectoryError.self, "\(way)") { try await directory.ping() }
    }
    #expect(!wasBound(slapd))
  }

  @Test("a server that knows no TLS newer than 1.1 is refused, and no password was sent")
  func refusesOldVersions() async throws {
    let certificates = try Certificates()
    defer { certificates.remove() }
    // GnuTLS's, with which Debian builds slapd; the level lets the digests of TLS 1.1 in.
    let (slapd, ports) = try slapd(
      "good", certificates, ciphers: "NORMAL:%VERIFY_ALLOW_SIGN_WITH_SHA1:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0")
    defer { slapd.remove() }
    for way in Way.allCases {
      let directory = try openDirectory([server(way, try #require(ports[way]), caFile: certificates.authority)])
      await #expect(throws: DirectoryError.self, "\(way)") { try await directory.ping() }
    }
    #expect(!wasBound(slapd))
  }

  @Test("a server that refuses StartTLS sees no password")
  func refusesDowngrade() async throws {
    // protocolError, unwillingToPerform, unavailable, and a success that is followed by no handshake.
    for code: UInt8 in [2, 53, 52, 0] {
      let server = try ScriptedServer { tag in
        tag == ScriptedServer.extendedRequest ? ScriptedServer.result(0x78, code) : ScriptedServer.result(0x61, 0)
      }
      defer { server.end() }
      let directory = try openDirectory([self.server(.startTLS, server.port, caFile: nil, connectSeconds: 1)])
      await #expect(throws: DirectoryError.self) { try await directory.ping() }
      #expect(server.operations.first == ScriptedServer.extendedRequest)
      #expect(!server.operations.contains(ScriptedServer.bindRequest))
    }
  }

  @Test("a server without TLS gets no password where TLS is asked for")
  func refusesPlain() async throws {
    var options = Slapd.Options()
    let port = try freePort()
    options.logsOperations = true
    options.listeners = ["ldap://127.0.0.1:\(port)/"]
    let slapd = try Slapd(options)
    defer { slapd.remove() }
    for way in Way.allCases {
      let directory = try openDirectory([server(way, port, caFile: nil, connectSeconds: 1)])
      await #expect(throws: DirectoryError.self) { try await directory.ping() }
    }
    #expect(!wasBound(slapd))
  }

  @Test("a server that accepts and says nothing is given up", arguments: ["ldaps", "startTLS", "plain"])
  func endsSilence(way: String) async throws {
    let silent = try ScriptedServer { _ in nil }
    defer { silent.end() }
    let scheme = way == "ldaps" ? "ldaps" : "ldap"
    let server = try Server(
      uri: "\(scheme)://127.0.0.1:\(silent.port)", identity: password, startTLS: way == "startTLS", connectSeconds: 1)
    let begun = ContinuousClock.now
    await #expect(throws: DirectoryError.self) { _ = try await Connection.open(server, operationsMax: 1) }
    #expect(ContinuousClock.now - begun < .seconds(15))
    #expect(silent.operations.count == 1)
  }

  @Test("a bind that the server answers with success and takes for anonymous is refused")
  func refusesAnonymous() async throws {
    let server = try ScriptedServer { tag in
      ScriptedServer.result(tag == ScriptedServer.bindRequest ? 0x61 : 0x78, 0)
    }
    defer { server.end() }
    let plain = try Server(uri: "ldap://127.0.0.1:\(server.port)", identity: password, connectSeconds: 2)
    await #expect {
      _ = try await Connection.open(plain, operationsMax: 1)
    } throws: {
      ($0 as? DirectoryError)?.text.contains("anonymous") == true
    }
    #expect(server.operations.starts(with: [ScriptedServer.bindRequest, ScriptedServer.extendedRequest]))
  }

  @Test("a wrong password is no connection, and the right one is")
  func bindsInPlain() async throws {
    var options = Slapd.Options()
    let port = try freePort()
    options.listeners = ["ldap://127.0.0.1:\(port)/"]
    let slapd = try Slapd(options)
    defer { slapd.remove() }
    for (password, isRight) in [("wrong", false), ("daemon-secret", true)] {
      let identity = Server.Identity.simple(dn: Slapd.daemon, password: Secret(Array(password.utf8)))
      let directory = try openDirectory([Server(uri: "ldap://127.0.0.1:\(port)", identity: identity)])
      if isRight {
        try await directory.ping()
      } else {
        await #expect(throws: DirectoryError.self) { try await directory.ping() }
      }
      await directory.close()
    }
  }

  @Test("a password that would bind nobody never leaves", arguments: ["", " ", "   ", "\0", "\0secret"])
  func refusesBlank(password: String) {
    #expect(throws: DirectoryError.self) {
      try Server(
        uri: "ldap://127.0.0.1:389", identity: .simple(dn: Slapd.daemon, password: Secret(Array(password.utf8))))
    }
  }

  @Test("a password needs a name")
  func refusesNameless() {
    #expect(throws: DirectoryError.self) {
      try Server(uri: "ldap://127.0.0.1:389", identity: .simple(dn: "", password: Secret(Array("secret".utf8))))
    }
  }
}
