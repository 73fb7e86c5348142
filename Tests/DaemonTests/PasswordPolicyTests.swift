import Fixtures
import Foundation
import Secrets
import Testing

/// slapo-ppolicy(5) locks accounts on its own, and unlocks them with every change of a password.
@Suite("ppolicy", .serialized) struct PasswordPolicyTests {
  private static let forever = "000001010000Z"
  private static let lock = "pwdAccountLockedTime"

  private func withPolicy(_ body: (House, Person) async throws -> Void) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options) { house in try await body(house, house.people("jdoe")[0]) }
  }

  @Test("locking after wrong binds does not shut the owner out of sign-ins; an administrator's lock does")
  func wrongBinds() async throws {
    try await withPolicy { house, person in
      for _ in 0..<5 {
        let bind = ["-x", "-H", house.slapd.uri, "-D", person.dn, "-w", "wrong"]
        #expect(try Command.run("ldapwhoami", bind).status == 49)
      }
      let lock = try #require(try house.slapd.entry(person).string(Self.lock))
      #expect(lock != Self.forever)
      #expect(try house.daemon.adminClient().send("SHOW \(person.mail)").contains(" state=active"))
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      #expect(try house.slapd.entry(person).string(Self.lock) == lock)

      try house.slapd.modify(person, "replace: \(Self.lock)\n\(Self.lock): \(Self.forever)")
      #expect(try house.daemon.adminClient().send("SHOW \(person.mail)").contains(" state=locked"))
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("NO denied"))
    }
  }

  enum Gesture: String, CaseIterable, CustomTestStringConvertible {
    case ldappasswd, replaced, deleted

    var testDescription: String { rawValue }
    static let password = "Fr3sh-Password"

    func make(_ person: Person, in slapd: Slapd) throws {
      switch self {
      case .ldappasswd:
        let who = ["-x", "-H", slapd.uri, "-D", Slapd.root, "-w", Slapd.rootPassword, "-s", Self.password, person.dn]
        let result = try Command.run("ldappasswd", who)
        guard result.status == 0 else { throw FixtureError("ldappasswd: \(result.errors)") }
      case .replaced:
        let hash = try PasswordHash.make(
          Secret(Array(Self.password.utf8)), salt: SystemRandom.bytes(16),
          parameters: Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1))
        try slapd.modify(person, "replace: userPassword\n\(Slapd.line("userPassword", hash.stored))")
      case .deleted: try slapd.modify(person, "delete: userPassword")
      }
    }
  }

  private func deactivate(_ person: Person, in house: House) throws {
    try house.slapd.modify(person, "replace: drawbridgeIdleSince\ndrawbridgeIdleSince: 20200101000000Z")
    #expect(try house.daemon.adminClient().send("SWEEP").hasPrefix("OK"))
    #expect(try house.slapd.entry(person).string(Self.lock) == Self.forever)
  }

  private func isDeactivated(_ person: Person, in house: House) throws -> Bool {
    try house.daemon.adminClient().send("SHOW \(person.mail)").contains(" state=deactivated")
  }

  /// slapd tells the second of a change, no more: what comes in the same one is not told from it.
  private func waitForTheNextSecond() throws {
    let now = Int(Date().timeIntervalSince1970)
    try Fixtures.await("the next second") { Int(Date().timeIntervalSince1970) > now ? true : nil }
  }

  @Test("taking a lock away with the password reactivates nobody", arguments: Gesture.allCases, [false, true])
  func changedPassword(gesture: Gesture, sweeps: Bool) async throws {
    try await withPolicy { house, person in
      try deactivate(person, in: house)
      try gesture.make(person, in: house.slapd)
      #expect(try house.slapd.entry(person).string(Self.lock) == nil)  // ppolicy's doing
      if sweeps { #expect(try house.daemon.adminClient().send("SWEEP").hasPrefix("OK")) }

      let client = try house.daemon.client()
      try client.send("SIGNIN \(person.mail)")
      let reply = try client.send("PASSWORD \(Gesture.password)")
      #expect(gesture == .deleted ? reply.contains(" refused=wrong") : reply.hasPrefix("NO deactivated"), "\(reply)")
      #expect(try client.send("FIRST \(person.mail)").hasPrefix("ASK code"))
      #expect(try isDeactivated(person, in: house))
      try Fixtures.await("the lock") {
        _ = try isDeactivated(person, in: house)
        return try house.slapd.entry(person).string(Self.lock) == Self.forever ? true : nil
      }
      _ = try house.recipients()
      #expect(house.mail.messages(to: person.mail).allSatisfy { !$0.contains("code is: ") })
      #expect(!house.daemon.log.contains("reactivation"))
    }
  }

  @Test("leaves the administrator's gesture what it was: deleting the lock reactivates", arguments: Gesture.allCases)
  func reactivates(gesture: Gesture) async throws {
    try await withPolicy { house, person in
      try deactivate(person, in: house)
      try waitForTheNextSecond()
      try gesture.make(person, in: house.slapd)
      // Looked at at once, in the same second, and later.
      #expect(try isDeactivated(person, in: house))
      try waitForTheNextSecond()
      #expect(try isDeactivated(person, in: house))
      #expect(try house.slapd.entry(person).string(Self.lock) == Self.forever)
      try house.slapd.modify(person, "delete: \(Self.lock)")
      if gesture == .deleted {
        // Without a password, slapd keeps nothing by which the two could be told apart.
        #expect(try isDeactivated(person, in: house))
        try house.slapd.modify(person, "delete: drawbridgeDeactivatedTime")
      }
      let state = gesture == .deleted ? "half-set-up" : "active"
      #expect(try house.daemon.adminClient().send("SHOW \(person.mail)").contains(" state=\(state)"))
      let entry = try house.slapd.entry(person)
      #expect(entry.string("drawbridgeLockSet") == nil && entry.string("drawbridgeDeactivatedTime") == nil)
      #expect(entry.string(Self.lock) == nil)
    }
  }
}
