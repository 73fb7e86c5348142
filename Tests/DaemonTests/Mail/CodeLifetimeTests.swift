import Fixtures
import Testing

/// EC-02: five minutes from its making, by the daemon's clock and whatever flow it is entered in.
@Suite("A mailed code's lifetime", .serialized) struct CodeLifetimeTests {
  @Test(
    "is 300 s: a second less is in time, a second more is not", arguments: [(299, true), (300, false), (301, false)])
  func sameFlow(seconds: Int, isInTime: Bool) async throws {
    try await House.with(hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      try house.slapd.add(Slapd.account("jdoe"))
      let client = try house.daemon.client()
      try client.send("FIRST jdoe@example.org")
      let code = try house.mail.code(to: "jdoe@example.org")
      try clock.advance(by: seconds)
      let reply = try client.send("CODE \(code)")
      #expect(reply.hasPrefix("ASK \(isInTime ? "new-password" : "code")"), "\(reply)")
      #expect(reply.contains(" refused=expired ") == !isInTime)
    }
  }

  @Test(
    "is that of the code, not of the flow: a later flow, which sent none, does not prolong it",
    arguments: [(299, true), (300, false), (301, false), (3600, false)])
  func laterFlow(seconds: Int, isInTime: Bool) async throws {
    // A cooldown that outlasts the code keeps the later flow from sending one of its own.
    try await House.with(settings: "[code]\ncooldown = \"1h\"\n", hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      try house.slapd.add(Slapd.account("jdoe"))
      try house.daemon.client().send("FIRST jdoe@example.org")
      let code = try house.mail.code(to: "jdoe@example.org")
      try clock.advance(by: seconds - 1)
      let client = try house.daemon.client()
      #expect(try client.send("FIRST jdoe@example.org").hasPrefix("ASK code"))
      try clock.advance(by: 1)
      let reply = try client.send("CODE \(code)")
      #expect(reply.hasPrefix("ASK \(isInTime ? "new-password" : "code")"), "\(reply)")
      #expect(reply.contains(" refused=wrong left=4") == !isInTime)
      #expect(try house.recipients() == ["jdoe@example.org"])
    }
  }

  @Test("does not begin anew where a clock that was ahead is put right")
  func clockGoesBack() async throws {
    try await House.with(hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      try house.slapd.add(Slapd.account("jdoe"))
      let client = try house.daemon.client()
      try client.send("FIRST jdoe@example.org")
      let code = try house.mail.code(to: "jdoe@example.org")
      try clock.advance(by: -60)
      #expect(try client.send("CODE \(code)").hasPrefix("ASK new-password"))
      #expect(try client.send("FIRST jdoe@example.org").hasPrefix("ASK code"))
      #expect(try client.send("CODE \(code)").contains(" refused=wrong "))
    }
  }
}
