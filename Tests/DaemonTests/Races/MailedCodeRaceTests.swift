import Fixtures
import Testing

/// EC-03: five wrong tries kill a mailed code, and only the one that they were made at.
@Suite("A wrong mailed code that is charged while another daemon writes", .serialized) struct MailedCodeRaceTests {
  /// One flow has given so many wrong codes, and the charge for one more is on its way from its daemon; `other` is a
  /// client of a second daemon.
  private func afterWrong(
    _ count: Int, cooldown: String,
    _ body: (_ house: FaultyHouse, _ flow: LineClient, _ other: LineClient, _ held: HeldChange) async throws -> Void
  ) async throws {
    let settings = "[code]\ncooldown = \"\(cooldown)\"\n"
    try await FaultyHouse.with(settings: settings, directorySettings: HeldChange.directorySettings) { house in
      let direct = try Daemon(
        directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys, settings: settings)
      defer { direct.end() }
      try house.slapd.invite(Self.person)
      let flow = try house.daemon.client()
      #expect(try flow.send("FIRST \(Self.person.mail)").hasPrefix("ASK code"))
      for _ in 0..<count { #expect(try flow.send("CODE 000000").contains(" refused=wrong ")) }
      let held = HeldChange(in: house.proxy)
      try flow.write(Array("CODE 000000\n".utf8))
      try held.waitUntilHeld()
      try await body(house, flow, direct.client(), held)
    }
  }
  private static let person = Person("jdoe")

  @Test("is the fifth, wherever the fourth came from: the code is dead")
  func fifth() async throws {
    try await afterWrong(3, cooldown: "60s") { house, flow, other, held in
      // Within the cooldown: this flow is about the same code.
      let asked = try other.send("FIRST \(Self.person.mail)")
      #expect(asked.hasPrefix("ASK code"))
      #expect(try other.send("CODE 000000").contains(" refused=wrong left=4 "))
      held.release()
      #expect(try flow.reply().contains(" refused=wrong left=1 "))
      #expect(try house.slapd.inARow("drawbridgeCodeTries", of: Self.person) == 5)
      #expect(try house.slapd.entry(Self.person).string("drawbridgeCode") == nil)
      #expect(try other.send("CODE \(house.mail.code(to: Self.person.mail))").contains(" refused=wrong "))
    }
  }

  @Test("is no try at the code that was mailed meanwhile, which stays good")
  func newCode() async throws {
    try await afterWrong(4, cooldown: "0s") { house, flow, other, held in
      let asked = try other.send("FIRST \(Self.person.mail)")
      #expect(asked.hasPrefix("ASK code"))
      held.release()
      #expect(try flow.reply().hasPrefix("NO denied"))
      #expect(try house.slapd.remembered("drawbridgeCodeTries", of: Self.person) == 5)
      #expect(
        try other.send("CODE \(house.mail.code(to: Self.person.mail, number: 2))").hasPrefix("ASK new-password"))
    }
  }
}
