import Fixtures
import Foundation
import Testing

/// `docs/audit.md`: each flow and each act is one event, which holds no secret and nothing that was typed.
@Suite("The audit") struct AuditTests {
  /// The fields of every event so far, in order.
  private static func events(_ house: House) -> [[String: String]] {
    house.daemon.log.split(separator: "\n").filter { $0.hasSuffix(" audit") }.map { line in
      line.split(separator: " ").reduce(into: [:]) { fields, word in
        let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if pair.count == 2 { fields[String(pair[0])] = String(pair[1]) }
      }
    }
  }

  private static func awaitEvents(_ count: Int, _ house: House) throws -> [[String: String]] {
    try Fixtures.await("\(count) events") { events(house).count >= count ? events(house) : nil }
  }

  @Test("has one event for each flow: who, from where, by which peer, and how it ended")
  func flows() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let id = try #require(try house.slapd.entry(person).string("entryUUID"))
      let client = try house.daemon.client()
      try client.send("SIGNIN \(person.mail) from=203.0.113.9 service=portal")
      try client.send("PASSWORD wrong")
      try client.send("PASSWORD \(person.password)")
      #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("OK signed-in"))
      try client.send("FORGOT \(person.mail)")
      try client.send("CHANGE \(person.mail)")
      try client.send("CANCEL")
      try client.send("SIGNIN \(person.mail)")
      try client.send("QUIT")
      let events = try Self.awaitEvents(4, house)
      #expect(events.map { $0["flow"] } == ["signin", "forgot", "change", "signin"])
      #expect(events.map { $0["result"] } == ["signed-in", "dropped", "cancelled", "gone"])
      #expect(events[0]["id"] == id)
      #expect(events[0]["from"] == "203.0.113.9")
      #expect(events[0]["service"] == "portal")
      #expect(events[0]["wrong"] == "1")
      #expect(events.allSatisfy { $0["peer"]?.hasPrefix("uid=\(geteuid()),pid=") == true })
    }
  }

  @Test("names nobody by what was typed, and holds no byte that ends a line or commands a terminal")
  func typed() async throws {
    try await House.with { house in
      let client = try house.daemon.client()
      let secret = "Typed-In-The-Wr0ng-Field"
      try client.send("SIGNIN \(secret) service=a%0Ab%1B%5B31m%20result=signed-in")
      for _ in 0..<5 { try client.send("PASSWORD \(secret)") }
      let events = try Self.awaitEvents(1, house)
      #expect(events.count == 1)
      #expect(events[0]["id"] == "-")
      #expect(events[0]["result"] == "denied")
      #expect(events[0]["wrong"] == "5")
      #expect(events[0]["service"] == "a?b?[31m?result=signed-in")
      #expect(!house.daemon.log.contains(secret))
    }
  }

  @Test("has one event for each act of an administrator, refused ones too")
  func acts() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let id = try #require(try house.slapd.entry(person).string("entryUUID"))
      let admin = try house.daemon.adminClient()
      for line in ["SHOW", "DEACTIVATE", "DEACTIVATE", "REACTIVATE", "UNLOCK"] {
        try admin.send("\(line) \(person.mail)")
      }
      try house.daemon.client().send("RESET \(person.mail)")
      let events = try Self.awaitEvents(6, house)
      #expect(
        events.map { $0["administration"] } == [
          "show", "deactivate", "deactivate", "reactivate", "unlock", "reset",
        ])
      #expect(events.map { $0["result"] } == ["done", "done", "already-deactivated", "done", "done", "not-permitted"])
      #expect(events.prefix(5).allSatisfy { $0["id"] == id })
    }
  }

  @Test("is what the filter of docs/fail2ban.conf finds failing sources in")
  func fail2ban() async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    let settings =
      "[limits]\nrefusal-floor = \"0s\"\n" + listener.table(listener.clients("optional", trusted: ["portal"]))
    try listener.certificates.issue("portal", name: nil)
    try await House.with(settings: settings) { house in
      let person = try house.people("jdoe")[0]
      for (uid, address) in [("alice", "203.0.113.9"), ("bob", "2001:db8::7")] {
        let person = try house.people(uid)[0]
        let client = try house.daemon.client()
        try client.send("SIGNIN \(person.mail) from=\(address.replacingOccurrences(of: ":", with: "%3A"))")
        for _ in 0..<5 { try client.send("PASSWORD wrong") }
      }
      let good = try house.daemon.client()
      try good.send("CHANGE \(person.mail) from=198.51.100.1")
      try good.send("CANCEL")
      // Over TLS, the portal's own address is nobody's; a client without a certificate has its own.
      for (uid, name) in [("carol", "portal"), ("dan", nil)] {
        let person = try house.people(uid)[0]
        let client = try LineClient(try listener.door(as: name))
        try client.send("SIGNIN \(person.mail)" + (name == nil ? " from=198.51.100.1" : ""))
        for _ in 0..<5 { try client.send("PASSWORD wrong") }
      }
      _ = try Self.awaitEvents(5, house)
      // As fail2ban does: Python's expressions, an address in the place of <ADDR>.
      let search = """
        import configparser, re, sys
        rules = configparser.RawConfigParser()
        rules.read(sys.argv[1])
        rules = [re.compile(rule.replace("<ADDR>", r"(?P<ip>[0-9a-f.:]+)"))
                 for rule in rules["Definition"]["failregex"].split("\\n")]
        for line in open(sys.argv[2]):
            for found in filter(None, (rule.search(line.rstrip()) for rule in rules)):
                print(found["ip"])
        """
      let found = try Command.run(
        "python3", ["-c", search, "\(repository)/docs/fail2ban.conf", "\(house.daemon.directory)/log"])
      #expect(
        found.output.split(separator: "\n") == ["203.0.113.9", "2001:db8::7", "127.0.0.1"],
        "\(found.output)\(found.errors)")
    }
  }
}
