import Fixtures
import Foundation
import Testing

@Suite("The last administrator of an organisation") struct LastAdministratorTests {
  private func add(_ person: Person, to group: String, _ town: Neighbourhood) throws {
    try town.house.slapd.modify(
      "dn: \(Neighbours.group(group))\nchangetype: modify\nadd: member\nmember: \(person.dn)\n")
  }

  @Test("is not deactivated, whoever asks; another one counts while it is active")
  func deactivate() async throws {
    try await Neighbourhood.with { town in
      let admin = try town.house.daemon.adminClient()
      func isLast(_ person: Person) throws -> Bool {
        let reply = try admin.send("DEACTIVATE \(person.mail)")
        _ = try admin.send("PING")
        return reply.hasPrefix("NO last-administrator")
      }
      #expect(try isLast(town.anna) && isLast(town.gus) && isLast(town.ugo))
      #expect(try town.house.slapd.entry(town.anna)["drawbridgedeactivatedtime"] == nil)
      // An invited, a deactivated and a missing second one are none.
      try town.house.slapd.add(Slapd.account("invited", below: Neighbours.acme))
      var invited = Person("invited")
      invited.parent = Neighbours.acme
      var missing = Person("missing")
      missing.parent = Neighbours.acme
      for other in [invited, missing] { try add(other, to: "acme", town) }
      #expect(try isLast(town.anna))
      try add(town.alice, to: "acme", town)
      try town.house.slapd.modify(
        town.alice, "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z")
      #expect(try isLast(town.anna))
      try town.house.slapd.modify(town.alice, "delete: drawbridgeDeactivatedTime")
      // An administrator of two is the last of one of them.
      try add(town.anna, to: "globex", town)
      try town.house.slapd.modify(
        "dn: \(Neighbours.group("globex"))\nchangetype: modify\ndelete: member\nmember: \(town.gus.dn)\n")
      #expect(try isLast(town.anna))
      try add(town.gus, to: "globex", town)
      #expect(try !isLast(town.anna))
      #expect(try town.house.slapd.entry(town.anna)["drawbridgedeactivatedtime"] != nil)
      // Now alice is the last one, to her fellows, too.
      try add(town.greta, to: "acme", town)
      #expect(try !isLast(town.greta))
      #expect(try isLast(town.alice))
    }
  }

  @Test("is left alone by the sweep, which takes the others; one of two goes, the one that is looked at first")
  func sweep() async throws {
    try await Neighbourhood.with { town in
      try add(town.greta, to: "globex", town)
      for person in [town.anna, town.alice, town.gus, town.greta] {
        try town.house.slapd.modify(
          person, "replace: drawbridgeIdleSince\ndrawbridgeIdleSince: \(generalizedTime(daysAgo: 400))")
      }
      let admin = try town.house.daemon.adminClient()
      let reply = try admin.send("SWEEP")
      #expect(reply.hasPrefix("OK swept"), "\(reply)")
      func isDeactivated(_ person: Person) throws -> Bool {
        try town.house.slapd.entry(person)["drawbridgedeactivatedtime"] != nil
      }
      #expect(try !isDeactivated(town.anna) && isDeactivated(town.alice), "\(admin.items)")
      #expect(admin.items.contains { $0.contains("anna") && $0.contains("action=skipped") && $0.contains("protected") })
      // Both were looked at while the other was active, or one after the other.
      #expect(try [town.gus, town.greta].filter { try isDeactivated($0) }.count == 1, "\(admin.items)")
    }
  }
}
