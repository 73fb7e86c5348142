import Fixtures
import Foundation
import Testing

/// AD-05, OT-10.
@Suite("The brake of the sweep", .serialized) struct SweepBrakeTests {
  private let idle = lastUsed(1_577_836_800)
  private var recent: [String] { lastUsed(Int(Date().timeIntervalSince1970) - daySeconds) }

  /// Refused, with a reason; nothing is changed, and the log says so.
  private func expectRefusal(_ reason: String, in house: House, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let before = try house.slapd.search("(objectClass=drawbridgeAccount)").map { $0["entrycsn"] }
    let records = house.daemon.records
    let admin = try house.daemon.adminClient()
    let reply = try admin.send("SWEEP")
    #expect(reply.hasPrefix("NO brake reason=\(reason) "), "\(reply)", sourceLocation: sourceLocation)
    #expect(reply.contains("sweep --force"), sourceLocation: sourceLocation)
    #expect(admin.items.isEmpty, sourceLocation: sourceLocation)
    let status = try admin.send("STATUS")
    #expect(status.contains(" sweep-refused=\(reason) "), "\(status)", sourceLocation: sourceLocation)
    let log = house.daemon.log
    #expect(
      log.contains("critical drawbridged: ") && log.contains("the sweep was refused"), sourceLocation: sourceLocation)
    #expect(
      log.split(separator: "\n").contains { $0.contains("sweep=sweep") && $0.contains("reason=\(reason)") },
      sourceLocation: sourceLocation)
    let after = try house.slapd.search("(objectClass=drawbridgeAccount)").map { $0["entrycsn"] }
    #expect(before == after, sourceLocation: sourceLocation)
    #expect(house.daemon.records == records, sourceLocation: sourceLocation)
  }

  @Test("twenty may always go; one more only where they are no more than 5 %")
  func tooMany() async throws {
    try await House.with(settings: unpaced) { house in
      let admin = try house.daemon.adminClient()
      try house.slapd.add(20, "first", idle)
      #expect(number("deactivated", of: try admin.send("SWEEP")) == 20)

      try house.slapd.add(21, "second", idle)
      try house.slapd.add(398, "used", recent)
      try expectRefusal("too-many", in: house)
      let reply = try admin.send("SWEEP")
      #expect(number("due", of: reply) == 21 && number("active", of: reply) == 419)
      let foretold = try admin.send("SWEEP dry-run")
      #expect(foretold.contains(" brake=too-many ") && number("deactivated", of: foretold) == 21)
      #expect(acts(admin.items).values.filter { $0 == "would-deactivate" }.count == 21)

      try house.slapd.add(1, "another", recent)
      #expect(!(try admin.send("SWEEP dry-run").contains("brake=")))
      #expect(number("deactivated", of: try admin.send("SWEEP")) == 21)
      #expect(try house.slapd.deactivated() == 41)
    }
  }

  @Test("an administrator goes on in spite of it")
  func forced() async throws {
    try await House.with(settings: unpaced) { house in
      try house.slapd.add(30, "idle", idle)
      try expectRefusal("too-many", in: house)
      #expect(number("deactivated", of: try house.daemon.adminClient().send("SWEEP force")) == 30)
      #expect(house.daemon.log.contains("the brake of the sweep was overridden"))
      // By the command line, too: 1 is refused.
      try house.slapd.add(30, "more", idle)
      let refused = try house.daemon.drawbridge("sweep")
      #expect(refused.status == 1 && refused.errors.contains("30 of 30 active accounts"), "\(refused)")
      #expect(try house.daemon.drawbridge("sweep", "--force").status == 0)
      #expect(try house.slapd.deactivated() == 60)
    }
  }

  @Test("a daemon whose clock is not the directory's")
  func directoryClock() async throws {
    try await House.with(hasOwnClock: true) { house in
      try house.slapd.add(1, "idle", idle)
      try house.daemon.moveClock(by: daySeconds + 60)
      try expectRefusal("directory-clock", in: house)
      try house.daemon.moveClock(by: -2 * daySeconds - 120)
      try expectRefusal("directory-clock", in: house)
      try house.daemon.moveClock(by: daySeconds + 3600)
      #expect(number("deactivated", of: try house.daemon.adminClient().send("SWEEP")) == 1)
    }
  }

  @Test("a last sweep that is still to come, or was too long ago")
  func lastSweep() async throws {
    try await House.with { house in
      try house.slapd.add(1, "idle", idle)
      let now = Int(Date().timeIntervalSince1970)
      try house.slapd.setShared("drawbridgeLastSweep", generalizedTime(now + daySeconds + 60))
      try expectRefusal("last-sweep-ahead", in: house)
      // The interval is 24 h.
      try house.slapd.setShared("drawbridgeLastSweep", generalizedTime(now - 2 * daySeconds - 60))
      try expectRefusal("last-sweep-old", in: house)
      #expect(try house.daemon.adminClient().send("SWEEP dry-run").contains(" brake=last-sweep-old "))
      try house.slapd.setShared("drawbridgeLastSweep", generalizedTime(now - 2 * daySeconds + 600))
      #expect(number("deactivated", of: try house.daemon.adminClient().send("SWEEP")) == 1)
      let last = try #require(try house.slapd.shared("drawbridgeLastSweep"))
      #expect(last.prefix(14) >= generalizedTime(now).prefix(14))
    }
  }

  @Test("without an interval nobody waits for a sweep")
  func withoutInterval() async throws {
    try await House.with(settings: "[inactivity]\nsweep-every = \"off\"\n") { house in
      try house.slapd.add(1, "idle", idle)
      try house.slapd.setShared("drawbridgeLastSweep", "20200101000000Z")
      #expect(number("deactivated", of: try house.daemon.adminClient().send("SWEEP")) == 1)
    }
  }

  @Test("clocks that leap two years deactivate nobody, and are told", arguments: [false, true])
  func leap(onBothHosts: Bool) async throws {
    try await House.with(settings: "[inactivity]\nsweep-every = \"1s\"\n", hasOwnClock: true) { house in
      let people = try house.people("jdoe", "jane", "max", attributes: recent)
      try Fixtures.await("a sweep") { try house.slapd.shared("drawbridgeLastSweep") }
      #expect(try house.slapd.deactivated() == 0)
      try onBothHosts ? house.moveClock(by: 730 * daySeconds) : house.daemon.moveClock(by: 730 * daySeconds)
      try Fixtures.await("the alarm") { house.daemon.log.contains("the sweep was refused") ? true : nil }
      let reason = onBothHosts ? "last-sweep-old" : "directory-clock"
      #expect(house.daemon.log.contains("reason=\(reason)"))
      #expect(house.daemon.log.contains("sweep --force"))
      #expect(try house.slapd.deactivated() == 0)
      #expect(house.mail.messages(to: people[0].mail).isEmpty)
    }
  }

  @Test("cannot be tested without the shared entry, and then nobody goes")
  func noSharedEntry() async throws {
    try await House.with { house in
      try house.slapd.add(1, "idle", idle)
      try house.slapd.modify("dn: cn=drawbridge,\(Slapd.suffix)\nchangetype: delete\n\n")
      let reply = try house.daemon.adminClient().send("SWEEP force")
      #expect(reply.hasPrefix("NO unfit ") && reply.contains("directory.shared-entry"), "\(reply)")
      #expect(try house.slapd.deactivated() == 0)
    }
  }
}
