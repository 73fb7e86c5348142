import Fixtures
import Testing

/// PR-10: TLS 1.3, 1.2 where the operator wants it, and nothing else.
@Suite("What a TLS listener speaks", .serialized) struct TLSVersionTests {
  private func house(_ more: String = "", _ body: (TLSListener, House) async throws -> Void) async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try await House.with(settings: listener.table(more)) { try await body(listener, $0) }
  }

  @Test("is the line protocol in TLS 1.3, to clients that know its authority")
  func newest() async throws {
    try await house { listener, _ in
      let heard = try listener.ask(["PING"])
      #expect(heard.output == "OK ready protocol=1\nOK pong\nOK bye\n", "\(heard.errors)")
      #expect(heard.errors.contains("Protocol version: TLSv1.3"), "\(heard.errors)")
      let stranger = try listener.ask(["PING"], ["-CAfile", listener.certificates.stranger])
      #expect(!stranger.output.contains("OK") && stranger.status != 0)
    }
  }

  @Test("is nothing older by itself")
  func older() async throws {
    try await house { listener, _ in
      for version in ["-tls1_2", "-tls1_1", "-tls1"] {
        let heard = try listener.ask(["PING"], [version, "-cipher", "ALL:@SECLEVEL=0"])
        #expect(heard.output == "" && heard.status != 0, "\(version): \(heard.output)")
      }
      #expect(try listener.ask(["PING"]).output.contains("OK pong"))
    }
  }

  @Test("is 1.2, too, by configuration: with forward secrecy and authenticated encryption alone")
  func version1_2() async throws {
    try await house("tls-minimum = \"1.2\"") { listener, _ in
      #expect(try listener.ask(["PING"]).errors.contains("Protocol version: TLSv1.3"))
      let heard = try listener.ask(["PING"], ["-tls1_2"])
      #expect(heard.output.contains("OK pong"), "\(heard.errors)")
      #expect(heard.errors.contains("Protocol version: TLSv1.2"), "\(heard.errors)")
      let weak = ["AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384", "AES256-SHA"]
      for cipher in weak {
        let refused = try listener.ask(["PING"], ["-tls1_2", "-cipher", "\(cipher):@SECLEVEL=0"])
        #expect(refused.output == "" && refused.status != 0, "\(cipher): \(refused.output)")
      }
      #expect(try listener.ask(["PING"], ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]).output == "")
    }
  }

  @Test("walks a person through the flows")
  func signIn() async throws {
    try await house { listener, house in
      let person = try house.people("jdoe")[0]
      let client = try LineClient(try listener.door())
      #expect(try client.signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
    }
  }

  @Test("is answered to the end where a client says that it has said everything")
  func halfClosed() async throws {
    try await house { listener, _ in
      let address = "OPENSSL:127.0.0.1:\(listener.port),cafile=\(listener.certificates.authority),commonname=localhost"
      let heard = try Command.run("socat", ["-t", "20", "-", address], input: "PING\n")
      #expect(heard.output == "OK ready protocol=1\nOK pong\n", "\(heard.errors)")
    }
  }
}
