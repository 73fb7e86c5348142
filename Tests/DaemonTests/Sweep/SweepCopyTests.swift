import Fixtures
import Foundation
import Testing

/// `pwdAccountLockedTime` is ppolicy's, and a copy may come without it: nobody has lifted a lock then.
@Suite("A directory that is put back from a copy without ppolicy's attributes", .serialized) struct SweepCopyTests {
  private static let idle = ["drawbridgeIdleSince: 20200101000000Z", "drawbridgeLastSignIn: 20200101120000Z"]
  private static let forever = "000001010000Z"

  private func house(_ body: (House, [Person]) throws -> Void) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options, settings: unpaced) { house in
      let people = try house.people("jdoe", "jane", "max", attributes: Self.idle)
      #expect(number("deactivated", of: try house.daemon.adminClient().send("SWEEP")) == 3)
      try body(house, people)
    }
  }

  private func expectLockedAgain(_ uid: String, _ house: House) throws {
    let standing = try house.slapd.standing(uid)
    #expect(standing["drawbridgeDeactivatedTime"] != .some(nil), "\(uid)")
    #expect(standing["drawbridgeLockSet"] == "TRUE" && standing["pwdAccountLockedTime"] == Self.forever, "\(uid)")
  }

  @Test("by slapadd, reactivates nobody but whom a tool had reactivated", arguments: [false, true])
  func slapadd(runsWithout isDropped: Bool) async throws {
    try await house { house, people in
      try house.slapd.modify(people[2], "delete: pwdAccountLockedTime")
      try house.slapd.putBack { $0.ppolicy = !isDropped }
      #expect(try house.slapd.count("(drawbridgeLockSet=TRUE)") == 3)
      #expect(try house.slapd.count("(drawbridgeDeactivatedTime=*)") == 3)
      let admin = try house.daemon.adminClient()
      if isDropped {
        #expect(try admin.send("SWEEP").contains(" deactivated=0 clocks=0 reactivated=0 "))
        try house.slapd.restart { $0.ppolicy = true }
      }
      #expect(try house.daemon.client().signIn(people[1], at: house.daemon.time).hasPrefix("NO deactivated"))
      try expectLockedAgain("jane", house)
      let swept = try admin.send("SWEEP")
      #expect(swept.contains(" deactivated=0 clocks=0 reactivated=1 "), "\(swept)")
      #expect(acts(admin.items) == ["max": "reactivated"])
      try expectLockedAgain("jdoe", house)
      #expect(try house.slapd.deactivated() == 2)
      // From now on the gesture counts again.
      try house.slapd.modify(people[0], "delete: pwdAccountLockedTime")
      #expect(try admin.send("SWEEP").contains(" reactivated=1 "))
      #expect(try house.slapd.deactivated() == 1)
      for person in [people[0], people[2]] { _ = try house.mail.message(to: person.mail, holding: "active again") }
      #expect(house.mail.messages(to: people[1].mail).isEmpty)
    }
  }

  @Test("by ldapadd, reactivates nobody")
  func ldapadd() async throws {
    try await house { house, people in
      let deactivated = house.daemon.time
      try house.slapd.restart { $0.ppolicy = false }
      let who = ["-x", "-LLL", "-H", house.slapd.uri, "-D", Slapd.root, "-w", Slapd.rootPassword]
      let copy = try Command.run("ldapsearch", who + ["-b", Slapd.people, "(uid=*)", "*"]).output
      try house.slapd.modify(people.map { "dn: \($0.dn)\nchangetype: delete\n\n" }.joined())
      // createTimestamp is cut to the second.
      try Fixtures.await("the next second") { house.daemon.time > deactivated ? true : nil }
      try house.slapd.add(copy)
      #expect(try house.slapd.count("(&(drawbridgeLockSet=TRUE)(drawbridgeDeactivatedTime=*))") == 3)
      try house.slapd.restart { $0.ppolicy = true }
      let swept = try house.daemon.adminClient().send("SWEEP")
      #expect(swept.contains(" deactivated=0 clocks=0 reactivated=0 "), "\(swept)")
      for person in people { try expectLockedAgain(person.uid, house) }
      #expect(house.mail.messages(to: nil).isEmpty)
    }
  }
}

extension Slapd {
  /// slapcat, and slapadd of all but ppolicy's attributes and the policy, into an empty database.
  fileprivate func putBack(_ change: (inout Options) -> Void) throws {
    let all = try Command.run("/usr/sbin/slapcat", ["-f", "\(directory)/slapd.conf", "-o", "ldif-wrap=no"])
    guard all.status == 0 else { throw FixtureError("slapcat: \(all.errors)") }
    let entries = all.output.components(separatedBy: "\n\n").filter { !$0.hasPrefix("dn: cn=policy,") }
    let kept = entries.map { entry in
      entry.split(separator: "\n").filter { !$0.hasPrefix("pwd") }.joined(separator: "\n")
    }
    try kill()
    let database = "\(directory)/db"
    for name in try FileManager.default.contentsOfDirectory(atPath: database) {
      try FileManager.default.removeItem(atPath: "\(database)/\(name)")
    }
    try restart(change)
    try load(kept.joined(separator: "\n\n") + "\n")
  }
}
