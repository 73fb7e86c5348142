import Fixtures
import Foundation
import Testing

@Suite("What an organisation decides for itself") struct OrganisationRulesTests {
  @Test("its limit: of two accounts idle for as long, one is deactivated")
  func limit() async throws {
    try await Neighbourhood.with { town in
      let seen = "drawbridgeIdleSince: \(generalizedTime(daysAgo: 100))"
      for person in [town.alice, town.greta, town.uma] {
        try town.house.slapd.modify(person, "replace: drawbridgeIdleSince\n\(seen)")
      }
      let admin = try town.house.daemon.adminClient()
      _ = try admin.send("SWEEP dry-run")
      #expect(admin.items.count { $0.contains("action=would-deactivate") } == 1, "\(admin.items)")
      #expect(admin.items.contains { $0.contains("alice") && $0.contains("action=would-deactivate") })
      _ = try admin.send("SWEEP")
      #expect(try town.house.slapd.entry(town.alice)["drawbridgedeactivatedtime"] != nil)
      for person in [town.greta, town.uma] {
        #expect(try town.house.slapd.entry(person)["drawbridgedeactivatedtime"] == nil, "\(person.uid)")
      }
    }
  }

  @Test("its password rule, at FIRST, FORGOT and CHANGE; the question tells it, after a right factor alone")
  func passwords() async throws {
    try await Neighbourhood.with(hasOwnClock: true) { town in
      let time = { town.house.daemon.time }
      let client = try town.house.daemon.client()
      let (nist, guide) = ("min=15 max=128 classes=0 of=4", "min=8 max=16 classes=3 of=4")
      for (person, rule) in [(town.alice, nist), (town.greta, guide)] {
        _ = try client.send("FORGOT \(person.mail)")
        let ask = try client.send("TOTP \(person.code(at: time()))")
        #expect(ask.hasPrefix("ASK new-password \(rule)"), "\(ask)")
        let other = try client.send("NEW-PASSWORD \(rule == nist ? "Str0ng-Other" : "a-long-enough-password")")
        #expect(
          other.contains(rule == nist ? "refused=too-short" : "refused=too-long") && other.contains(rule), "\(other)")
        let own = try client.send("NEW-PASSWORD \(rule == nist ? "a-long-enough-password" : "Str0ng-Other")")
        #expect(own.hasPrefix("ASK confirm-password"), "\(own)")
        try town.house.daemon.moveClock(by: 30)
      }
      for (person, rule) in [(town.alice, nist), (town.uma, guide)] {
        _ = try client.send("CHANGE \(person.mail)")
        _ = try client.send("PASSWORD \(person.password)")
        let ask = try client.send("TOTP \(person.code(at: time()))")
        #expect(ask.hasPrefix("ASK new-password \(rule)"), "\(ask)")
        try town.house.daemon.moveClock(by: 30)
      }
      for (login, token, rule) in [
        ("fa@example.org", try town.session(town.anna), nist), ("fu@example.org", try town.session(town.ugo), guide),
      ] {
        #expect(try client.send("INVITE \(login) as=\(token)").hasPrefix("OK invited"))
        _ = try client.send("FIRST \(login)")
        let ask = try client.send("CODE \(town.house.mail.code(to: login))")
        #expect(ask.hasPrefix("ASK new-password \(rule)"), "\(ask)")
      }
    }
  }

  @Test("its contact, in the reply and in the mail; the installation's for everybody else")
  func contact() async throws {
    try await Neighbourhood.with(settings: "[texts]\ncontact = \"Central Desk\"\n") { town in
      for (person, contact) in [(town.alice, "Anna of Acme, anna@example.org"), (town.greta, "Central Desk")] {
        try town.house.slapd.modify(
          person, "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z")
        let client = try town.house.daemon.client()
        _ = try client.send("SIGNIN \(person.mail)")
        let reply = try client.send("PASSWORD \(person.password)")
        #expect(reply.hasPrefix("NO deactivated"), "\(reply)")
        #expect(reply.value("contact")?.removingPercentEncoding == contact, "\(reply)")
        _ = try client.send("FIRST \(person.mail)")
        _ = try town.house.mail.message(to: person.mail, holding: "Administrator: \(contact)")
      }
    }
  }
}

/// A day so many days before now, in the directory's form.
func generalizedTime(daysAgo days: Int, at time: Int = Int(Date().timeIntervalSince1970)) -> String {
  let formatter = ISO8601DateFormatter()
  formatter.formatOptions = [.withFullDate]
  let date = Date(timeIntervalSince1970: TimeInterval(time - days * 86_400))
  return formatter.string(from: date).replacingOccurrences(of: "-", with: "") + "000000Z"
}
