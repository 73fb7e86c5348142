import Fixtures
import Testing

/// OT-09: a change whose answer never came is read back; it counts if it landed, and is never made again as if new.
@Suite("An answer that is lost after the change was applied", .serialized) struct LostAnswerTests {
  @Test("at any MODIFY of a flow leaves a way to its end", arguments: Walk.allCases)
  func atEachModify(walk: Walk) async throws {
    try await FaultyHouse.with(settings: "[code]\ncooldown = \"0s\"\n", hasOwnClock: true) { house in
      var modifies = Int.max
      var number = 1
      while number <= modifies {
        house.proxy.passAll()
        house.proxy.resetCounts()
        let walker = try walk.walker(in: house, "user\(number)")
        house.proxy.set(.loseAnswer, at: .modifyRequest, number: number)
        var used: [String] = []
        while !walker.isOver { used.append(try walker.goOn()) }
        #expect(walker.reply.hasPrefix(walk.success), "MODIFY \(number): \(walker.reply)\n\(house.daemon.log)")
        #expect(house.proxy.count(of: .modifyRequest) >= number)
        for factor in ["Password", "OTP", "Forgot", "Code"] {
          // A right code that was used up by the lost change itself is a wrong one the next time, but once.
          #expect(try house.charges("drawbridge\(factor)Tries", of: walker.person) ?? 0 <= 1)
        }
        try await expectUsedUp(used, house, walker.person)
        if modifies == .max { modifies = try await self.modifies(of: walk, in: house) }
        number += 1
      }
    }
  }

  /// How many a flow makes where nothing goes wrong.
  private func modifies(of walk: Walk, in house: FaultyHouse) async throws -> Int {
    house.proxy.passAll()
    let walker = try walk.walker(in: house, "smooth")
    house.proxy.resetCounts()
    while !walker.isOver { try walker.goOn() }
    return house.proxy.count(of: .modifyRequest)
  }

  /// No code that was accepted is accepted again.
  private func expectUsedUp(_ lines: [String], _ house: FaultyHouse, _ person: Person) async throws {
    house.proxy.passAll()
    for line in lines.filter({ $0.hasPrefix("TOTP ") || $0.hasPrefix("ENROL ") }) {
      let again = try house.daemon.client()
      try again.send("FORGOT \(person.mail)")
      let reply = try again.send("TOTP " + line.split(separator: " ")[1])
      #expect(reply.contains(" refused=wrong "), "\(line): \(reply)")
    }
    for line in lines.filter({ $0.hasPrefix("CODE ") }) {
      let again = try house.daemon.client()
      try again.send("FIRST \(person.mail)")
      #expect(try again.send(line).contains(" refused=wrong "))
    }
  }

  @Test("of a charge is told by reading back, or the charge is not made again")
  func chargedOnce() async throws {
    try await FaultyHouse.with { house in
      let person = try house.person("jdoe")
      for (expected, refusing) in [(1, false), (2, true)] {
        let walker = try Walker(.signIn, in: house, person)
        try walker.goOn()
        house.proxy.set(.loseAnswer, at: .modifyRequest)
        house.proxy.refuseConnections(refusing)
        let reply = try walker.send("PASSWORD wrong")
        #expect(reply.hasPrefix(refusing ? "LATER directory" : "ASK password echo=off refused=wrong left=4"))
        house.proxy.refuseConnections(false)
        if refusing { #expect(try walker.send("PASSWORD wrong").contains(" refused=wrong left=4")) }
        #expect(try house.charges("drawbridgePasswordTries", of: person) == expected)
      }
    }
  }

  @Test("of a sign-in that cannot be read back is a LATER, and the same line then signs in")
  func signInNotReadBack() async throws {
    try await FaultyHouse.with { house in
      let walker = try Walk.signIn.walker(in: house, "jdoe")
      while !walker.reply.hasPrefix("ASK totp") { try walker.goOn() }
      let line = try walker.next()
      house.proxy.set(.loseAnswer, at: .modifyRequest)
      house.proxy.refuseConnections(true)
      #expect(try walker.send(line).hasPrefix("LATER directory"))
      house.proxy.refuseConnections(false)
      #expect(try walker.send(line).hasPrefix("OK signed-in"))
      #expect(try house.charges("drawbridgeOTPTries", of: walker.person) == nil)
      let other = try Walker(.signIn, in: house, walker.person)
      while !other.reply.hasPrefix("ASK totp") { try other.goOn() }
      #expect(try other.send(line).contains(" refused=reused "))
    }
  }

  @Test("of a change that was never applied is a LATER, and the same line then signs in", arguments: [true, false])
  func notApplied(isCut: Bool) async throws {
    try await FaultyHouse.with { house in
      let walker = try Walk.signIn.walker(in: house, "jdoe")
      while !walker.reply.hasPrefix("ASK totp") { try walker.goOn() }
      let line = try walker.next()
      house.proxy.set(isCut ? .cut : .drop, at: .modifyRequest)
      #expect(try walker.send(line).hasPrefix("LATER directory"))
      #expect(try house.slapd.entry(walker.person).string("drawbridgeLastSignIn") == nil)
      #expect(try walker.send(line).hasPrefix("OK signed-in"))
    }
  }
}
