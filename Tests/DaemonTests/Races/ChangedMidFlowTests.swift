import Fixtures
import Foundation
import Secrets
import Testing

/// FL-03: what an administrator does between two steps holds, whatever the flow has read before.
@Suite("An account that is changed in the middle of a flow", .serialized) struct ChangedMidFlowTests {
  enum Gesture: String, CaseIterable, CustomTestStringConvertible {
    case deactivated, locked, passwordChanged, secretDeleted, secretReplaced, reset, deleted

    var testDescription: String { rawValue }
    var refusal: String { self == .deactivated ? "NO deactivated :Your account has been deactivated" : "NO denied" }

    func make(_ person: Person, in slapd: Slapd, keys: String) throws {
      switch self {
      case .deactivated:
        try slapd.modify(
          person, "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z")
      case .locked: try slapd.modify(person, "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z")
      case .passwordChanged:
        let result = try Command.run(
          "ldappasswd",
          ["-x", "-H", slapd.uri, "-D", Slapd.root, "-w", Slapd.rootPassword, "-s", "An0ther-Enough", person.dn])
        guard result.status == 0 else { throw FixtureError("ldappasswd: \(result.errors)") }
      case .secretDeleted: try slapd.modify(person, "delete: drawbridgeTOTPSecret")
      case .secretReplaced:
        let sealed = try KeyRing.load(path: keys).seal(
          Secret(SystemRandom.bytes(20)), entryUUID: Array((slapd.entry(person).string("entryUUID") ?? "").utf8),
          attribute: "drawbridgeTOTPSecret", nonce: SystemRandom.bytes(KeyRing.nonceLength))
        try slapd.modify(person, "replace: drawbridgeTOTPSecret\n\(Slapd.line("drawbridgeTOTPSecret", sealed))")
      case .reset: try slapd.modify(person, "delete: drawbridgeTOTPSecret\n-\ndelete: userPassword")
      case .deleted: try slapd.modify("dn: \(person.dn)\nchangetype: delete\n")
      }
    }
  }

  @Test(
    "after the password is not signed in by the right code, at once or after a wrong one", arguments: Gesture.allCases,
    [false, true])
  func afterPassword(gesture: Gesture, wrongFirst: Bool) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options) { house in
      let people = try house.people("jdoe", "other")
      let client = try house.daemon.client()
      try client.send("SIGNIN \(people[0].mail)")
      #expect(try client.send("PASSWORD \(people[0].password)").hasPrefix("ASK totp"))
      try gesture.make(people[0], in: house.slapd, keys: house.daemon.keys)
      let code = try people[0].code(at: house.daemon.time)
      var reply = ""
      if wrongFirst { reply = try client.send("TOTP \(people[0].otherCode(at: house.daemon.time))") }
      if !wrongFirst || reply.hasPrefix("ASK") { reply = try client.send("TOTP \(code)") }
      // Where only the secret is another one, the old one's code is as wrong as any to a flow that has read anew.
      let isOnlyWrong = wrongFirst && [.secretDeleted, .secretReplaced].contains(gesture)
      #expect(reply.hasPrefix(isOnlyWrong ? "ASK totp digits=6 period=30 echo=on refused=wrong" : gesture.refusal))
      if gesture != .deleted {
        let entry = try house.slapd.entry(people[0])
        #expect(entry.string("drawbridgeLastSignIn") == nil && entry.string("drawbridgeTOTPLastStep") == nil)
      }
      #expect(try house.daemon.client().signIn(people[1], at: house.daemon.time).hasPrefix("OK signed-in"))
    }
  }

  @Test("while the sign-in's own change is on its way is refused all the same", arguments: Gesture.allCases)
  func onTheWay(gesture: Gesture) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await FaultyHouse.with(options, directorySettings: HeldChange.directorySettings) { house in
      let person = try house.person("jdoe")
      let walker = try Walker(.signIn, in: house, person)
      while !walker.reply.hasPrefix("ASK totp") { try walker.goOn() }
      let held = HeldChange(in: house.proxy)
      try walker.client.write(Array("\(try walker.next())\n".utf8))
      try held.waitUntilHeld()
      try gesture.make(person, in: house.slapd, keys: house.daemon.keys)
      held.release()
      #expect(try walker.client.reply().hasPrefix(gesture.refusal))
      if gesture != .deleted { #expect(try house.slapd.entry(person).string("drawbridgeLastSignIn") == nil) }
    }
  }

  @Test("by its deactivation is as it was, whatever flow comes to its last answer", arguments: Walk.allCases)
  func deactivatedBeforeTheEnd(walk: Walk) async throws {
    try await FaultyHouse.with { house in
      let walker = try walk.walker(in: house, "jdoe")
      while !walker.reply.hasPrefix("ASK \(walk.asks.last ?? "") ") { try walker.goOn() }
      try Gesture.deactivated.make(walker.person, in: house.slapd, keys: house.daemon.keys)
      let before = try house.slapd.entry(walker.person)
      #expect(try walker.send(walker.next()).hasPrefix(walk == .signIn ? "NO deactivated" : "NO denied"))
      #expect(try house.slapd.entry(walker.person) == before)
    }
  }
}
