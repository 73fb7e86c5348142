import Fixtures
import Testing

@Suite("A slapd that dies", .serialized) struct SlapdKilledTests {
  @Test(
    "before any step of a flow costs a LATER, and the same line goes on once slapd is back", arguments: Walk.allCases)
  func beforeEachStep(walk: Walk) async throws {
    try await FaultyHouse.with { house in
      let walker = try walk.walker(in: house, "jdoe")
      var laters = 0
      while !walker.isOver {
        let line = try walker.next()
        try house.slapd.kill()
        let first = try walker.send(line)
        try house.slapd.start()
        guard first.hasPrefix("LATER") else { continue }
        #expect(first.hasPrefix("LATER directory after="))
        laters += 1
        try walker.send(line)
      }
      #expect(walker.reply.hasPrefix(walk.success), "\(walker.reply)\n\(house.daemon.log)")
      // The opening, the first answer, and the change of the entry need slapd; rules of passwords do not.
      #expect(laters >= 3)
      for factor in ["Password", "OTP", "Forgot", "Code"] {
        #expect(try house.charges("drawbridge\(factor)Tries", of: walker.person) ?? 0 == 0)
      }
    }
  }

  @Test(
    "charges a wrong answer once, whenever it died",
    arguments: [
      (Walk.signIn, "password", "PASSWORD wrong", "drawbridgePasswordTries"),
      (.signIn, "totp", "TOTP 000000", "drawbridgeOTPTries"), (.forgot, "totp", "TOTP 000000", "drawbridgeForgotTries"),
      (.first, "code", "CODE 000000", "drawbridgeCodeTries"),
    ])
  func wrongAnswer(walk: Walk, ask: String, wrong: String, attribute: String) async throws {
    try await FaultyHouse.with { house in
      let walker = try walk.walker(in: house, "jdoe")
      while !walker.reply.hasPrefix("ASK \(ask) ") { try walker.goOn() }
      try house.slapd.kill()
      #expect(try walker.send(wrong).hasPrefix("LATER directory"))
      #expect(try walker.send(wrong).hasPrefix("LATER directory"))
      try house.slapd.start()
      #expect(try walker.send(wrong).contains(" refused=wrong left=4"))
      #expect(try house.charges(attribute, of: walker.person) == 1)
      while !walker.isOver { try walker.goOn() }
      #expect(walker.reply.hasPrefix(walk.success), "\(walker.reply)")
    }
  }
}
