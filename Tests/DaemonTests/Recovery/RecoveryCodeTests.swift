import Fixtures
import Foundation
import Secrets
import Testing

@Suite("A recovery code", .serialized) struct RecoveryCodeTests {
  @Test("signs in once, in the place of the app's; the owner is told, and the audit knows")
  func once() async throws {
    try await House.with { house in
      let (person, codes) = try house.recoverable("jdoe")
      let client = try house.daemon.client()
      #expect(
        try client.recover(person, with: codes[3]).hasPrefix("OK signed-in login=jdoe%40example.org uid=jdoe dn="))
      #expect(try house.slapd.recoveryCodes(of: person) == 7)
      #expect(try house.mail.message(to: person.mail, holding: "So many are left: 7.").contains("recovery code"))
      try Fixtures.await("the audit") {
        house.daemon.log.contains(" recovery-codes-left=7 result=signed-in ") ? true : nil
      }

      #expect(try client.recover(person, with: codes[3]).contains(" refused=wrong left=4 "))
      #expect(try house.slapd.inARow("drawbridgeOTPTries", of: person) == 1)
      #expect(try client.send("RECOVERY \(codes[0])").hasPrefix("OK signed-in"))
      #expect(try house.slapd.entry(person).string("drawbridgeOTPTries") == nil)
      #expect(try house.slapd.recoveryCodes(of: person) == 6)
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      #expect(house.mail.messages(to: person.mail).count { $0.contains("recovery code") } == 2)
    }
  }

  @Test("is taken as people type it")
  func spellings() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      try house.slapd.giveRecoveryCodes(
        to: person, keys: house.daemon.keys, symbols: ["0101ABCDEFGHJ", "KMNPQRSTVWXYZ", "0123456789ABC"])
      for typed in ["oiOL-abcd-efghj", "  kmnp QRST vw xyz ", "0123456789abc"] {
        #expect(try house.daemon.client().recover(person, with: typed).hasPrefix("OK signed-in"), "\(typed)")
      }
      #expect(try house.slapd.recoveryCodes(of: person) == 0)
    }
  }

  @Test("that is wrong shares the budget of the app's codes; while that rests, a right one is neither tried nor used")
  func budget() async throws {
    try await House.with { house in
      let (person, codes) = try house.recoverable("jdoe")
      let other = try house.recoverable("other")
      let client = try house.daemon.client()
      try client.toTheCode(person)
      for line in ["RECOVERY \(other.codes[0])", "TOTP 12345", "RECOVERY", "RECOVERY \(codes[0])0"] {
        #expect(try client.send(line).contains(" refused=wrong "), "\(line)")
      }
      try client.toTheCode(person, "CHANGE")
      #expect(try client.send("RECOVERY 0000-0000-00000").contains(" refused=wrong "))
      #expect(try house.slapd.inARow("drawbridgeOTPTries", of: person) == 5)
      #expect(try client.send("RECOVERY \(codes[0])").hasPrefix("NO locked after="))
      #expect(try house.slapd.recoveryCodes(of: person) == 8)
      #expect(try house.slapd.entry(person).string("drawbridgeLastSignIn") == nil)
      #expect(try client.recover(other.person, with: other.codes[0]).hasPrefix("OK signed-in"))
    }
  }

  @Test("that is wrong is answered alike where there are eight, or none")
  func withoutAny() async throws {
    try await House.with { house in
      let (person, _) = try house.recoverable("jdoe")
      let without = try house.people("other")[0]
      let replies = try [person, without].map { person in
        let client = try house.daemon.client()
        try client.toTheCode(person)
        return try (0..<5).map { _ in try client.send("RECOVERY 7HQ2-M9XN-F48DV") }
      }
      #expect(replies[0] == replies[1])
      #expect(replies[0].last?.hasPrefix("NO denied") == true)
    }
  }

  @Test("is of no use in another entry, nor where an LDAP tool has deleted it")
  func otherEntry() async throws {
    try await House.with { house in
      let (alice, codes) = try house.recoverable("alice")
      let bob = try house.people("bob")[0]
      let values = try #require(try house.slapd.entry(alice)["drawbridgerecoverycode"])
      let lines = values.map { Slapd.line("drawbridgeRecoveryCode", $0) }
      try house.slapd.modify(bob, "add: drawbridgeRecoveryCode\n" + lines.joined(separator: "\n"))
      #expect(try house.daemon.client().recover(bob, with: codes[0]).contains(" refused=wrong "))
      #expect(try house.slapd.recoveryCodes(of: bob) == 8)
      try house.slapd.modify(alice, "delete: drawbridgeRecoveryCode")
      #expect(try house.daemon.client().recover(alice, with: codes[0]).contains(" refused=wrong "))
    }
  }

  @Test("is good beside values that are none, and where it is the sixteenth")
  func damagedNeighbours() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      try house.slapd.modify(
        person, "add: drawbridgeRecoveryCode\ndrawbridgeRecoveryCode: x\ndrawbridgeRecoveryCode:: AAAA")
      let codes = try house.slapd.giveRecoveryCodes(to: person, keys: house.daemon.keys, count: 14)
      #expect(try house.daemon.client().recover(person, with: codes[13]).hasPrefix("OK signed-in"))
      #expect(house.daemon.log.contains("a recovery code cannot be read"))
    }
  }

  @Test("lets nobody in who is no member of the service's group")
  func serviceGroup() async throws {
    let group = "cn=wiki,\(Slapd.suffix)"
    try await House.with(settings: "[[service]]\nname = \"wiki\"\ngroup = \"\(group)\"\n") { house in
      let members = try ["jdoe", "mallory"].map { try house.recoverable($0) }
      try house.slapd.add("dn: \(group)\nobjectClass: groupOfNames\ncn: wiki\nmember: \(members[0].person.dn)\n")
      for ((person, codes), reply) in zip(members, ["OK signed-in", "NO denied"]) {
        let client = try house.daemon.client()
        try client.send("SIGNIN \(person.mail) service=wiki")
        try client.send("PASSWORD \(person.password)")
        #expect(try client.send("RECOVERY \(codes[0])").hasPrefix(reply))
      }
    }
  }

  @Test("cannot be read off what is stored")
  func stored() async throws {
    try await House.with { house in
      let person = Person("jdoe")
      try house.slapd.seed([person], keys: house.daemon.keys)
      let shown = try #require(try house.enrol(person).value("recovery")).components(separatedBy: "%2C")
      #expect(shown.count == 8 && Set(shown).count == 8)
      #expect(shown.allSatisfy { RecoveryCode.symbols(of: Array($0.utf8)) != nil && $0.count == 15 })
      let values = try #require(try house.slapd.entry(person)["drawbridgerecoverycode"])
      #expect(values.count == 8 && values.allSatisfy { $0.count == 97 })
      for code in shown {
        let symbols = try #require(RecoveryCode.symbols(of: Array(code.utf8)))
        for value in values { #expect(value.firstRange(of: Data(symbols)) == nil) }
      }
      #expect(try house.daemon.client().recover(person, with: shown[7]).hasPrefix("OK signed-in"))
    }
  }

  @Test(
    "comes in the number that is configured; with none, those of an earlier authenticator go", arguments: [0, 1, 16])
  func number(count: Int) async throws {
    try await House.with(settings: "[recovery]\ncodes = \(count)\n") { house in
      let person = Person("jdoe")
      try house.slapd.seed([person], keys: house.daemon.keys)
      let old = try house.slapd.giveRecoveryCodes(to: person, keys: house.daemon.keys)
      let shown = try house.enrol(person).value("recovery")?.components(separatedBy: "%2C") ?? []
      #expect(shown.count == count)
      #expect(try house.slapd.recoveryCodes(of: person) == count)
      let client = try house.daemon.client()
      #expect(try client.recover(person, with: old[0]).contains(" refused=wrong "))
      for code in shown { #expect(try client.recover(person, with: code).hasPrefix("OK signed-in")) }
    }
  }
}

extension House {
  /// The end of a sign-in by which a person with a password only enrols an authenticator.
  func enrol(_ person: Person) throws -> String {
    let client = try daemon.client()
    try client.toTheCode(person)
    let asked = try client.send("CODE \(mail.code(to: person.mail))")
    guard let secret = asked.value("secret") else { throw FixtureError(asked) }
    return try client.send("ENROL \(totp(secret: secret, at: daemon.time))")
  }
}
