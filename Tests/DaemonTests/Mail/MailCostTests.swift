import Fixtures
import Testing

/// Whoever has mails sent to others pays for them, and cannot take the owner's away.
@Suite("A mail that somebody asks for", .serialized) struct MailCostTests {
  @Test("costs the source, whether one goes out or not", arguments: ["FIRST", "AGAIN", "unknown"])
  func costs(way: String) async throws {
    let settings = "[limits]\nrefusal-floor = \"0s\"\n[code]\ncooldown = \"0s\"\n"
    try await House.with(settings: settings) { house in
      for number in 0..<10 { try house.slapd.add(Slapd.account("u\(number)")) }
      let client = try house.daemon.client()
      var asked = 0
      func ask() throws -> Bool {
        if way == "AGAIN", asked > 0 { return try client.send("AGAIN").hasPrefix("ASK code") }
        return try client.send("FIRST \(way == "unknown" ? "x" : "u")\(asked)@example.org from=198.51.100.7")
          .hasPrefix("ASK code")
      }
      func isLocked() throws -> Bool {
        try house.daemon.client().send("SIGNIN jdoe@example.org from=198.51.100.7").hasPrefix("NO locked after=")
      }
      while asked < 10, try !isLocked() {
        #expect(try ask())
        asked += 1
      }
      // Four of five seconds each are more than the fifteen that a source has free.
      #expect((3...5).contains(asked))
      #expect(try house.daemon.client().send("FIRST u9@example.org from=198.51.100.8").hasPrefix("ASK code"))
    }
  }

  @Test("is the owner's own code, though a stranger has just set off a notice")
  func notice() async throws {
    try await House.with { house in
      let mail = "jdoe@example.org"
      try house.slapd.add(Slapd.account("jdoe"))
      let stranger = try house.daemon.client()
      for _ in 0..<3 {
        try stranger.send("SIGNIN \(mail)")
        for _ in 0..<2 { try stranger.send("PASSWORD wrong") }
      }
      _ = try house.mail.message(to: mail, holding: "is not set up yet")
      let client = try house.daemon.client()
      #expect(try client.send("FIRST \(mail)").hasPrefix("ASK code"))
      #expect(try client.send("CODE \(house.mail.code(to: mail))").hasPrefix("ASK new-password"))
      #expect(try house.slapd.entry(Person("jdoe")).string("drawbridgeNoticesSent")?.hasPrefix("1 ") == true)
    }
  }
}
