import Fixtures
import Foundation
import Testing

/// PR-11: a client certificate names a client in the audit; what it may do, a list of names decides.
@Suite("A client certificate", .serialized) struct ClientCertificateTests {
  private static let limits = "[limits]\nrefusal-floor = \"20ms\"\nconnections-per-source-max = 100\n"

  private func with(
    _ whether: String, trusted: [String] = [], role: String = "signin", others: String = "",
    _ body: (TLSListener, House) async throws -> Void
  ) async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    let certificates = listener.certificates
    try certificates.issue("portal", name: "DNS:portal.example.org,email:ops@example.org")
    try certificates.issue("other", name: "DNS:Other.Example.org")
    try certificates.issue("portal.example.org", name: nil, by: "stranger")
    let table = listener.table("role = \"\(role)\"\n" + listener.clients(whether, trusted: trusted))
    try await House.with(settings: Self.limits + table + others) { try await body(listener, $0) }
  }

  private func awaitAudit(_ house: House, _ words: String...) throws {
    try Fixtures.await("an event with \(words)") {
      house.daemon.log.split(separator: "\n").contains { line in
        line.hasSuffix(" audit") && words.allSatisfy { line.contains($0) }
      } ? true : nil
    }
  }

  @Test("is named in the event of each flow, with the address; without one there is the address alone")
  func audit() async throws {
    try await with("optional", trusted: ["ops@example.org"]) { listener, house in
      let person = try house.people("jdoe")[0]
      for (name, ends) in [
        ("portal", ",certificate=ops@example.org "), ("other", ",certificate=other.example.org "), (nil, " "),
      ] {
        let client = try LineClient(try listener.door(as: name))
        try client.send("SIGNIN \(person.mail) service=\(name ?? "none")")
        try client.send("CANCEL")
        try awaitAudit(house, "service=\(name ?? "none")", "peer=address=127.0.0.1,port=")
        let line = house.daemon.log.split(separator: "\n").first { $0.contains("service=\(name ?? "none")") } ?? ""
        let peer = line.split(separator: " ").first { $0.hasPrefix("peer=") } ?? ""
        #expect("\(peer) ".hasSuffix(ends) && "\(peer)".contains(",certificate=") == (name != nil), "\(line)")
      }
    }
  }

  @Test("that is listed is believed about its users' addresses; one that is not, and none, are throttled themselves")
  func trusted() async throws {
    try await with("optional", trusted: ["Portal.example.org"]) { listener, house in
      func guesses(_ client: LineClient) throws -> [String] {
        try (0..<5).flatMap { number in
          let opened = try client.send("FORGOT nobody\(number)@example.org from=203.0.113.\(number)")
          return [opened] + (opened.hasPrefix("ASK") ? [try client.send("TOTP 000000")] : [])
        }
      }
      let portal = try guesses(LineClient(try listener.door(as: "portal")))
      #expect(portal.count == 10 && portal.allSatisfy { $0.hasPrefix("ASK totp") }, "\(portal)")
      let other = try guesses(LineClient(try listener.door(as: "other")))
      #expect(other.contains { $0.hasPrefix("NO locked") }, "\(other)")
      try awaitAudit(house, "from=203.0.113.0", ",certificate=portal.example.org")
      try awaitAudit(house, "claimed-from=203.0.113.0", ",certificate=other.example.org")
      // The source is the connection's own address, so that one without a certificate waits with it.
      let none = try LineClient(try listener.door())
      #expect(try none.send("FORGOT somebody@example.org").hasPrefix("NO locked"))
      #expect(try guesses(LineClient(try listener.door(as: "portal"))).allSatisfy { $0.hasPrefix("ASK totp") })
    }
  }

  @Test("of another authority is no certificate, whatever its name; where one is required, there is no way without")
  func stranger() async throws {
    try await with("required", trusted: ["portal.example.org"]) { listener, _ in
      #expect(try listener.ask(["PING"], as: "portal").output.contains("OK pong"))
      #expect(try listener.ask(["PING"], as: "other").output.contains("OK pong"))
      for name in ["portal.example.org", nil] {
        let heard = try listener.ask(["PING"], as: name)
        #expect(!heard.output.contains("OK"), "\(heard.output)")
      }
    }
    try await with("optional", trusted: ["portal.example.org"]) { listener, _ in
      let heard = try listener.ask(["PING"], as: "portal.example.org")
      #expect(!heard.output.contains("OK"), "\(heard.output)")
      #expect(try listener.ask(["PING"]).output.contains("OK pong"))
    }
  }

  @Test("asks about no account without a secret, listed or not: that is for peers on the host")
  func accounts() async throws {
    try await with("optional", trusted: ["portal.example.org"]) { listener, house in
      let person = try house.people("jdoe")[0]
      for name in ["portal", "other", nil] {
        let client = try LineClient(try listener.door(as: name))
        #expect(try client.send("ACCOUNT \(person.mail) service=x").hasPrefix("ERR not-permitted"), "\(name ?? "none")")
        #expect(try client.send("SHOW \(person.mail)").hasPrefix("ERR not-permitted"), "\(name ?? "none")")
      }
    }
  }

  @Test("administers on a listener of role admin where it is listed, and nobody else does")
  func administers() async throws {
    try await with("required", trusted: ["portal.example.org"], role: "admin") { listener, house in
      let person = try house.people("jdoe")[0]
      let portal = try LineClient(try listener.door(as: "portal"))
      #expect(try portal.send("SHOW \(person.mail)").hasPrefix("OK account"))
      try awaitAudit(house, "administration=show", "result=done", ",certificate=portal.example.org")
      let other = try LineClient(try listener.door(as: "other"))
      for line in ["SHOW \(person.mail)", "STATUS", "LIST"] {
        #expect(try other.send(line).hasPrefix("ERR not-permitted"), "\(line)")
        if line == "STATUS" { #expect(try other.send("PING") == "OK pong") }
      }
    }
  }

  @Test("stands beside the session of an organisation's administrator, who has nothing to say without one")
  func organisation() async throws {
    try await with("optional", others: Neighbours.settings) { listener, house in
      let town = try Neighbourhood(house)
      let token = try town.session(town.anna)
      let line = "SHOW \(town.alice.mail) as=\(token)"
      #expect(try LineClient(try listener.door(as: "other")).send(line).hasPrefix("OK account"))
      #expect(try LineClient(try listener.door()).send(line).hasPrefix("ERR not-permitted"))
    }
  }
}
