import Fixtures
import Foundation
import Testing

@Suite("A sweep can be taken back", .serialized) struct SweepRecordTests {
  private let idle = lastUsed(1_577_836_800)

  @Test(
    "1,000 accounts go and come back, as ldapsearch counts them; those that were changed meanwhile stay as they are")
  func byCommand() async throws {
    try await House.with(settings: unpaced) { house in
      try house.slapd.add(1_000, "idle", idle)
      try house.slapd.add(200, "used", lastUsed(Int(Date().timeIntervalSince1970)))
      let swept = try house.daemon.adminClient().send("SWEEP force")
      #expect(number("deactivated", of: swept) == 1_000)
      #expect(try house.slapd.deactivated() == 1_000)
      #expect(try house.slapd.count("(&(objectClass=drawbridgeAccount)(drawbridgeIdleSince=*))") == 200)
      let record = try #require(house.daemon.records.first)
      #expect(field("record", of: swept) == record)
      #expect(try FileManager.default.attributesOfItem(atPath: record)[.posixPermissions] as? Int == 0o600)
      let folder = try FileManager.default.attributesOfItem(atPath: "\(house.daemon.directory)/sweeps")
      #expect(folder[.posixPermissions] as? Int == 0o700)

      let undone = try house.daemon.drawbridge("sweep", "--undo", record)
      #expect(undone.status == 0, "\(undone.errors)")
      #expect(undone.output.contains("recorded 1000, undone 1000, changed 0"))
      #expect(try house.slapd.deactivated() == 0)
      #expect(try house.slapd.count("(drawbridgeDeactivatedReason=*)") == 0)
      let today = generalizedDay(house.daemon.time)
      #expect(try house.slapd.count("(&(uid=idle*)(drawbridgeIdleSince>=\(today)))") == 1_000)
      #expect(house.mail.messages(to: nil).isEmpty)

      let again = try house.daemon.drawbridge("sweep", "--undo", record, "--json")
      #expect(again.status == 1)
      #expect(again.output.contains("\"undone\":\"0\"") && again.output.contains("\"changed\":\"1000\""))
    }
  }

  @Test("only that deactivation, and none that came after it")
  func sameDeactivation() async throws {
    try await House.with { house in
      try house.slapd.add(3, "idle", idle)
      let admin = try house.daemon.adminClient()
      try admin.send("SWEEP")
      let record = try #require(house.daemon.records.first)
      // One is deactivated anew, one is gone.
      try house.slapd.modify(
        Person("idle1"), "replace: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z")
      try house.slapd.modify("dn: \(Slapd.dn("idle2"))\nchangetype: delete\n\n")
      let undone = try house.daemon.drawbridge("sweep", "--undo", record)
      #expect(undone.status == 1)
      #expect(undone.output.contains("recorded 3, undone 1, changed 2"))
      #expect(try house.slapd.standing("idle1")["drawbridgeDeactivatedTime"] == "20260101000000Z")

      // By hand, and what is no request.
      let id = try #require(try house.slapd.entry(Slapd.dn("idle1"))?.string("entryUUID"))
      #expect(try admin.send("UNDO \(id) deactivated=20260101000001Z").hasPrefix("NO changed "))
      #expect(try admin.send("UNDO \(id) deactivated=yesterday").hasPrefix("ERR bad-value "))
      #expect(try admin.send("UNDO *) deactivated=20260101000000Z").hasPrefix("ERR bad-value "))
      #expect(try admin.send("UNDO \(id) deactivated=20260101000000Z").hasPrefix("OK undone "))
      #expect(try admin.send("UNDO \(UUID().uuidString) deactivated=20260101000000Z").hasPrefix("NO no-such-account "))
      #expect(try house.daemon.client().send("UNDO \(id) deactivated=20260101000000Z").hasPrefix("ERR not-permitted"))
      #expect(house.daemon.log.contains("administration=undo"))
    }
  }

  @Test("by ldapmodify, from any form of name, under ppolicy or not", arguments: [false, true])
  func byLDAPTool(ppolicy: Bool) async throws {
    var options = Slapd.Options()
    options.ppolicy = ppolicy
    try await House.with(options, settings: unpaced) { house in
      let names = ["plain", "J\u{fc}rgen \u{1F600}", "comma\\2C quote\\22 plus\\2B", "two  blanks"]
      for (index, name) in names.enumerated() {
        let dn = "cn=\(name),\(Slapd.people)"
        try house.slapd.add(
          ([
            "dn:: \(Data(dn.utf8).base64EncodedString())", "objectClass: inetOrgPerson",
            "objectClass: drawbridgeAccount",
          ]
            + ["sn: x", "mail: n\(index)@example.org"] + idle).joined(separator: "\n") + "\n\n")
      }
      let admin = try house.daemon.adminClient()
      #expect(number("deactivated", of: try admin.send("SWEEP")) == 4)
      // One was reactivated meanwhile.
      #expect(try admin.send("REACTIVATE n1@example.org").hasPrefix("OK"))
      let record = try #require(house.daemon.records.first)
      let who = ["-x", "-H", house.slapd.uri, "-D", Slapd.root, "-w", Slapd.rootPassword]
      let undone = try Command.run("ldapmodify", who + ["-c", "-f", record])
      #expect(undone.status == 16, "\(undone.errors)")
      #expect(try house.slapd.deactivated() == 0)
      // The next sweep finishes it, and tells the owners.
      let swept = try admin.send("SWEEP")
      #expect(number("reactivated", of: swept) == (ppolicy ? 3 : 0) && number("clocks", of: swept) == (ppolicy ? 0 : 3))
      #expect(try house.slapd.count("(drawbridgeDeactivatedReason=*)") == 0)
      #expect(try house.slapd.count("(drawbridgeLockSet=*)") == 0)
      for index in 0..<4 { _ = try house.mail.message(to: "n\(index)@example.org", holding: "active again") }
      #expect(house.mail.messages(to: nil).count == 4)
    }
  }

  @Test("but for whom the password was changed meanwhile, and the lock set again", arguments: [false, true])
  func lockedAgain(byLDAPTool: Bool) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options, settings: unpaced) { house in
      try house.slapd.add(2, "idle", idle)
      let admin = try house.daemon.adminClient()
      #expect(number("deactivated", of: try admin.send("SWEEP")) == 2)
      try house.slapd.modify(Person("idle0"), "replace: userPassword\nuserPassword: another-password")
      #expect(try house.slapd.standing("idle0")["pwdAccountLockedTime"] == .some(nil))
      try Fixtures.await("the lock") {
        try admin.send("SWEEP")
        return try house.slapd.standing("idle0")["pwdAccountLockedTime"] == "000001010000Z" ? true : nil
      }
      let record = try #require(house.daemon.records.first)
      if byLDAPTool {
        let who = ["-x", "-H", house.slapd.uri, "-D", Slapd.root, "-w", Slapd.rootPassword]
        #expect(try Command.run("ldapmodify", who + ["-c", "-f", record]).status == 16)
        #expect(try admin.send("SWEEP").contains(" reactivated=1 "))
      } else {
        let undone = try house.daemon.drawbridge("sweep", "--undo", record)
        #expect(undone.status == 1 && undone.output.contains("recorded 2, undone 1, changed 1"), "\(undone)")
        let id = try #require(try house.slapd.entry(Slapd.dn("idle0"))?.string("entryUUID"))
        #expect(undone.errors.contains(id), "\(undone.errors)")
      }
      #expect(try house.slapd.standing("idle0")["pwdAccountLockedTime"] == "000001010000Z")
      #expect(try house.slapd.standing("idle1")["drawbridgeDeactivatedTime"] == .some(nil))
      #expect(try house.slapd.standing("idle1")["pwdAccountLockedTime"] == .some(nil))
      // What is left is one command.
      #expect(try admin.send("REACTIVATE idle0@example.org").hasPrefix("OK reactivated"))
      #expect(try house.slapd.deactivated() == 0)
    }
  }

  @Test("the record is on the disk before anything is done")
  func recordFirst() async throws {
    try await FaultyHouse.with(settings: unpaced) { house in
      try house.slapd.add(3, "idle", idle)
      // The first MODIFY tells that the sweep begins; the second would deactivate.
      house.proxy.set(.cut, at: .modifyRequest, number: 2)
      let reply = try house.daemon.adminClient().send("SWEEP")
      #expect(reply.hasPrefix("LATER directory"), "\(reply)")
      #expect(try house.slapd.deactivated() == 0)
      let record = try #require(house.daemon.records.first)
      let text = try String(contentsOfFile: record, encoding: .utf8)
      #expect(text.components(separatedBy: "delete: drawbridgeDeactivatedTime").count == 4)
      #expect(text.contains("# idle since: 20200101000000Z"))
      house.proxy.passAll()
      #expect(number("deactivated", of: try house.daemon.adminClient().send("SWEEP")) == 3)
      // The first record tells of what did not happen then: nothing is taken back by it.
      #expect(try house.daemon.drawbridge("sweep", "--undo", record).status == 1)
      #expect(try house.slapd.deactivated() == 3)
    }
  }

  @Test("without a record nobody goes, unless none is wanted")
  func unwritable() async throws {
    try await House.with(settings: "[inactivity]\nrecords = \"/nowhere/sweeps\"\n") { house in
      try house.slapd.add(2, "idle", idle)
      let reply = try house.daemon.adminClient().send("SWEEP")
      #expect(reply.hasPrefix("NO unfit :/nowhere/sweeps: No such file or directory"), "\(reply)")
      #expect(reply.contains("inactivity.records"))
      #expect(try house.slapd.deactivated() == 0)
    }
    try await House.with(settings: "[inactivity]\nrecords = \"off\"\n") { house in
      try house.slapd.add(2, "idle", idle)
      let reply = try house.daemon.adminClient().send("SWEEP")
      #expect(number("deactivated", of: reply) == 2 && field("record", of: reply) == nil)
      #expect(!FileManager.default.fileExists(atPath: "\(house.daemon.directory)/sweeps"))
    }
  }

  @Test("a hundred records are kept, the newest; other files are nobody's business")
  func pruned() async throws {
    try await House.with { house in
      let folder = "\(house.daemon.directory)/sweeps"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let old = (0..<120).map { String(format: "sweep-20200101%06d.000000Z-1.ldif", $0) }
      for name in old + ["notes.txt", "a.ldif"] {
        _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data())
      }
      try house.slapd.add(1, "idle", idle)
      try house.daemon.adminClient().send("SWEEP")
      let left = Set(try FileManager.default.contentsOfDirectory(atPath: folder))
      #expect(left.count == 102 && left.isSuperset(of: old.suffix(99)) && left.isSuperset(of: ["notes.txt", "a.ldif"]))
      // A sweep without a deactivation leaves none.
      try house.daemon.adminClient().send("SWEEP")
      #expect(Set(try FileManager.default.contentsOfDirectory(atPath: folder)) == left)
    }
  }

  @Test("a file that cannot be read, or is none, has its own exit status")
  func unreadable() async throws {
    try await House.with { house in
      let folder = house.daemon.directory
      func undo(_ text: String?) throws -> Command.Result {
        try text?.write(toFile: "\(folder)/r", atomically: true, encoding: .utf8)
        return try house.daemon.drawbridge("sweep", "--undo", text == nil ? "\(folder)/none" : "\(folder)/r")
      }
      #expect(try undo(nil).status == 66)
      #expect(try house.daemon.drawbridge("sweep", "--undo", folder).status == 66)
      let stranger = try undo(
        "dn: x\nchangetype: modify\ndelete: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 1\n")
      #expect(stranger.status == 65 && stranger.errors.contains("Line 4"))
      #expect(try undo("\0\n").status == 65)
      #expect(try undo(String(repeating: "x", count: 70_000)).status == 65)
      // Cut off in the middle of a line.
      let cut = try undo("# entryUUID: \(UUID().uuidString)\ndrawbridgeDeactivatedTime: 2026")
      #expect(cut.status == 0 && cut.output.contains("recorded 0"))
      #expect(try house.daemon.drawbridge("sweep", "--undo", "x", "--force").status == 64)
    }
  }
}
