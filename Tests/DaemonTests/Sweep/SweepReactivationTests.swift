import Fixtures
import Foundation
import Testing

@Suite("A reactivation by an LDAP tool", .serialized) struct SweepReactivationTests {
  private static let idle = ["drawbridgeIdleSince: 20200101000000Z", "drawbridgeLastSignIn: 20200101120000Z"]

  enum Gesture: String, CaseIterable {
    case marker = "delete: drawbridgeDeactivatedTime"
    case lock = "delete: pwdAccountLockedTime"
  }

  private func deactivate(_ house: House, _ uids: String...) throws -> [Person] {
    let people = uids.map { Person($0, secret: Array("secret-of-\($0)-secret-20".utf8.prefix(20))) }
    try house.slapd.seed(people, keys: house.daemon.keys, attributes: Self.idle)
    let swept = try house.daemon.adminClient().send("SWEEP")
    guard number("deactivated", of: swept) == uids.count else { throw FixtureError(swept) }
    return people
  }

  private func expectActive(_ house: House, _ person: Person, told: Int = 1) throws {
    let standing = try house.slapd.standing(person.uid).compactMapValues { $0 }
    #expect(standing == ["drawbridgeIdleSince": generalizedDay(house.daemon.time)])
    _ = try house.mail.message(to: person.mail, holding: "active again")
    #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
    try house.daemon.adminClient().send("SWEEP")
    #expect(house.mail.messages(to: person.mail).count == told)
  }

  @Test("is finished by the next sweep, and the owner is told once", arguments: Gesture.allCases, [false, true])
  func bySweep(gesture: Gesture, ppolicy: Bool) async throws {
    guard ppolicy || gesture == .marker else { return }
    var options = Slapd.Options()
    options.ppolicy = ppolicy
    try await House.with(options, settings: unpaced) { house in
      let person = try deactivate(house, "jdoe")[0]
      try house.slapd.modify(person, gesture.rawValue)
      let admin = try house.daemon.adminClient()
      let foretold = try admin.send("SWEEP dry-run")
      #expect(
        number("reactivated", of: foretold) == (ppolicy ? 1 : 0) && number("clocks", of: foretold) == (ppolicy ? 0 : 1))
      #expect(house.mail.messages(to: nil).isEmpty)
      let swept = try admin.send("SWEEP")
      #expect(number("reactivated", of: swept) == (ppolicy ? 1 : 0) && number("clocks", of: swept) == (ppolicy ? 0 : 1))
      try expectActive(house, person)
    }
  }

  @Test("is finished by a sign-in, and the owner is told once", arguments: Gesture.allCases, [false, true])
  func bySignIn(gesture: Gesture, ppolicy: Bool) async throws {
    guard ppolicy || gesture == .marker else { return }
    var options = Slapd.Options()
    options.ppolicy = ppolicy
    try await House.with(options, settings: unpaced) { house in
      let person = try deactivate(house, "jdoe")[0]
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("NO deactivated"))
      try house.slapd.modify(person, gesture.rawValue)
      // Two daemons notice it at once.
      let other = try Daemon(
        directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys, settings: unpaced)
      defer { other.end() }
      let admins = try [house.daemon, other].map { try $0.adminClient() }
      inParallel(8) { index in
        let daemon = index % 2 == 0 ? house.daemon : other
        _ =
          index < 2 ? try? admins[index].send("SWEEP") : try? daemon.client().signIn(person, at: house.daemon.time - 30)
      }
      _ = try house.mail.message(to: person.mail, holding: "active again")
      let standing = try house.slapd.standing("jdoe").compactMapValues { $0 }
      #expect(standing == ["drawbridgeIdleSince": generalizedDay(house.daemon.time)])
      #expect(house.mail.messages(to: person.mail).count == 1)
    }
  }

  @Test("is none that loading or dropping ppolicy makes")
  func ppolicy() async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options, settings: unpaced) { house in
      let people = try deactivate(house, "jdoe", "jane")
      let locked = try house.people(
        "locked", attributes: ["drawbridgeIdleSince: \(generalizedDay(house.daemon.time))"])[0]
      try house.slapd.modify(locked, "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z")
      func expectNobody() throws {
        let swept = try house.daemon.adminClient().send("SWEEP")
        #expect(swept.contains(" reactivated=0 ") && swept.contains(" clocks=0 "), "\(swept)")
        for person in people {
          #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("NO deactivated"))
        }
        #expect(try house.slapd.deactivated() == 2)
        #expect(house.mail.messages(to: nil).isEmpty)
      }
      try expectNobody()
      try house.slapd.restart { $0.ppolicy = false }
      try expectNobody()
      // slapd changes no entry that holds an attribute it does not know: nothing is done by half meanwhile.
      let away = try house.daemon.adminClient().send("REACTIVATE \(people[1].mail)")
      #expect(away.hasPrefix("LATER directory"), "\(away)")
      try house.slapd.restart { $0.ppolicy = true }
      try expectNobody()
      let standing = try house.slapd.standing("jdoe")
      #expect(standing["pwdAccountLockedTime"] == "000001010000Z" && standing["drawbridgeLockSet"] == "TRUE")
      #expect(try house.daemon.adminClient().send("REACTIVATE \(people[1].mail)").hasPrefix("OK reactivated"))
      #expect(try house.slapd.standing("jane")["pwdAccountLockedTime"] == .some(nil))
      // The administrator's own lock has outlived all of it.
      #expect(try house.slapd.standing("locked")["pwdAccountLockedTime"] == "000001010000Z")
      #expect(try house.slapd.standing("locked")["drawbridgeLockSet"] == .some(nil))
    }
  }

  @Test("works for whom an administrator has deactivated, as does UNDO")
  func byAdministrator() async throws {
    try await House.with(settings: unpaced) { house in
      let people = try house.people("jdoe", "jane")
      for person in people {
        try house.slapd.modify(
          person,
          "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z\n-\n"
            + "add: drawbridgeDeactivatedReason\ndrawbridgeDeactivatedReason: administrator")
      }
      let admin = try house.daemon.adminClient()
      #expect(try admin.send("SHOW \(people[0].mail)").contains("reason=administrator"))
      #expect(try admin.send("SWEEP").contains(" clocks=0 reactivated=0 "))
      let id = try #require(try house.slapd.entry(people[0]).string("entryUUID"))
      #expect(try admin.send("UNDO \(id) deactivated=20260101000000Z").hasPrefix("OK undone"))
      try house.slapd.modify(people[1], "delete: drawbridgeDeactivatedTime")
      #expect(try admin.send("SWEEP").contains(" clocks=1 "))
      try expectActive(house, people[1])
      #expect(try house.daemon.client().signIn(people[0], at: house.daemon.time).hasPrefix("OK signed-in"))
    }
  }
}
