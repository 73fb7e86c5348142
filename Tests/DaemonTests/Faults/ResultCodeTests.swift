import Fixtures
import Testing

/// ID-08: a failure of the directory is neither "not found" nor success, and says nothing about a credential.
@Suite("An LDAP result code (RFC 4511, appendix A)", .serialized) struct ResultCodeTests {
  /// Of the standard, of its extensions, and unknown ones.
  static let codes: [UInt8] =
    [1, 2, 3, 4, 7, 8, 10, 11, 12, 13, 14] + Array(16...21) + Array(32...36) + Array(48...54) + Array(64...71)
    + [5, 6, 9, 22, 31, 37, 47, 55, 63, 72, 79, 80, 81, 99, 112, 113, 117, 118, 119, 120, 121, 122, 123, 127]

  @Test("at the search of a sign-in is LATER, unless it says that there is nothing, and charges nobody")
  func atSearch() async throws {
    try await FaultyHouse.with { house in
      let walker = try Walk.signIn.walker(in: house, "jdoe")
      for code in Self.codes {
        try walker.send("SIGNIN \(walker.person.mail)")
        house.proxy.setRule { $0.operation == .searchDone ? .replace([$0.recoded(code)]) : .pass }
        let reply = try walker.send("PASSWORD \(walker.person.password)")
        switch code {
        case 4: #expect(reply.hasPrefix("ASK totp"))  // sizeLimitExceeded: one entry of two that were asked for
        case 32: #expect(reply.hasPrefix("ASK password echo=off refused=wrong"))  // noSuchObject: nobody there
        default: #expect(reply.hasPrefix("LATER directory after="), "\(code): \(reply)")
        }
        house.proxy.passAll()
      }
      #expect(try house.charges("drawbridgePasswordTries", of: walker.person) == nil)
      while !walker.isOver { try walker.goOn() }
      #expect(walker.reply.hasPrefix("OK signed-in"))
    }
  }

  @Test("at the modification of a sign-in is LATER, and charges nobody")
  func atModify() async throws {
    try await FaultyHouse.with { house in
      let walker = try Walk.signIn.walker(in: house, "jdoe")
      while !walker.reply.hasPrefix("ASK totp") { try walker.goOn() }
      for code in Self.codes {
        house.proxy.setRule { $0.operation == .modifyRequest ? .answer(code: code) : .pass }
        let reply = try walker.send(try walker.next())
        #expect(reply.hasPrefix("LATER "), "\(code): \(reply)")
      }
      house.proxy.passAll()
      let entry = try house.slapd.entry(walker.person)
      #expect(entry.keys.filter { $0.hasPrefix("drawbridge") } == ["drawbridgetotpsecret"])
      try walker.goOn()
      #expect(walker.reply.hasPrefix("OK signed-in"))
    }
  }

  @Test("at the charge of a wrong password is LATER, and the answer is charged once after that")
  func atCharge() async throws {
    try await FaultyHouse.with { house in
      let walker = try Walk.signIn.walker(in: house, "jdoe")
      try walker.goOn()
      for code in Self.codes {
        house.proxy.setRule { $0.operation == .modifyRequest ? .answer(code: code) : .pass }
        let reply = try walker.send("PASSWORD wrong")
        #expect(reply.hasPrefix("LATER "), "\(code): \(reply)")
      }
      house.proxy.passAll()
      #expect(try walker.send("PASSWORD wrong").contains(" refused=wrong left=4"))
      #expect(try house.charges("drawbridgePasswordTries", of: walker.person) == 1)
    }
  }
}
