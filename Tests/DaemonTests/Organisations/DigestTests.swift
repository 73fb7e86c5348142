import Fixtures
import Foundation
import Testing

@Suite("The digest of an organisation") struct DigestTests {
  /// Looks every second for digests; nobody is due, so that the sweep does nothing.
  private static let often = "[log]\nlevel = \"debug\"\n[inactivity]\nsweep-every = \"1s\"\n"

  private func idle(_ town: Neighbourhood, _ person: Person, days: Int) throws {
    try town.house.slapd.modify(
      person, "replace: drawbridgeIdleSince\ndrawbridgeIdleSince: \(generalizedTime(daysAgo: days))")
  }

  private func claims(_ town: Neighbourhood) throws -> [String] {
    (try town.house.slapd.entry("cn=drawbridge,\(Slapd.suffix)")?["drawbridgelastdigest"] ?? [])
      .map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  @Test("three daemons send one mail to each administrator, of those who will be deactivated within 45 days")
  func once() async throws {
    try await Neighbourhood.with { town in
      try town.house.slapd.modify(
        "dn: \(Neighbours.group("acme"))\nchangetype: modify\nadd: member\nmember: uid=gone,\(Neighbours.acme)\n")
      let many = try (0..<3).map { try Neighbours.person("idle\($0)", in: Neighbours.acme) }
      try town.house.slapd.seed(many, keys: town.house.daemon.keys)
      for (index, person) in many.enumerated() { try idle(town, person, days: 50 + index) }
      try idle(town, town.alice, days: 40)  // in 50 days
      try idle(town, town.anna, days: 0)
      try idle(town, town.greta, days: 330)
      try idle(town, town.uma, days: 100)
      let daemons = try (0..<3).map { _ in
        try Daemon(
          directory: town.house.slapd.uri, mailPort: town.house.mail.port, keys: town.house.daemon.keys,
          settings: Self.often + Neighbours.settings)
      }
      defer { for daemon in daemons { daemon.end() } }
      let month = String(generalizedTime(daysAgo: 0).prefix(6))
      try Fixtures.await("all claims") {
        try claims(town) == ["acme", "globex", "umbrella"].map { "\(month) \($0)" } ? true : nil
      }
      let mail = try town.house.mail.message(to: town.anna.mail, holding: "acme")
      for person in many { #expect(mail.contains(person.mail), "\(mail)") }
      for person in [town.alice, town.greta, town.uma] { #expect(!mail.contains(person.mail), "\(mail)") }
      #expect(mail.contains("45 days, 3 accounts") && !mail.contains("more"))
      let globex = try town.house.mail.message(to: town.gus.mail, holding: "globex")
      #expect(globex.contains(town.greta.mail) && !globex.contains(many[0].mail))
      // All of them have looked again meanwhile.
      for daemon in daemons {
        let rounds = { daemon.log.components(separatedBy: " waiting=").count }
        let before = rounds()
        try Fixtures.await("two further rounds") { rounds() >= before + 2 ? true : nil }
      }
      #expect(town.house.mail.messages(to: town.anna.mail).count == 1)
      #expect(town.house.mail.messages(to: town.gus.mail).count == 1)
      #expect(town.house.mail.messages(to: town.ugo.mail).isEmpty)  // nobody is due
      #expect(try claims(town).count == 3)
    }
  }

  @Test("the next month brings another one; two hundred accounts are listed, and the others counted")
  func monthly() async throws {
    try await Neighbourhood.with { town in
      let many = (0..<230).map { index in
        Slapd.account(
          "idle\(index)", below: Neighbours.acme,
          ["drawbridgeIdleSince: \(generalizedTime(daysAgo: 60))", "userPassword: {SSHA}x"])
      }
      try town.house.slapd.add(many.joined())
      try town.house.slapd.modify(
        "dn: cn=drawbridge,\(Slapd.suffix)\nchangetype: modify\nadd: drawbridgeLastDigest\n"
          + "drawbridgeLastDigest: 202001 acme\ndrawbridgeLastDigest: 999912 globex\n")
      try idle(town, town.greta, days: 360)
      let daemon = try Daemon(
        directory: town.house.slapd.uri, mailPort: town.house.mail.port, keys: town.house.daemon.keys,
        settings: Self.often + Neighbours.settings)
      defer { daemon.end() }
      let mail = try town.house.mail.message(to: town.anna.mail, holding: "acme")
      #expect(mail.contains("230 accounts"))
      #expect(mail.components(separatedBy: "@example.org  ").count == 201)
      #expect(mail.contains("and 30 more"))
      let month = String(generalizedTime(daysAgo: 0).prefix(6))
      try Fixtures.await("claims") {
        try claims(town) == ["\(month) acme", "\(month) umbrella", "999912 globex"] ? true : nil
      }
      #expect(town.house.mail.messages(to: town.gus.mail).isEmpty)
    }
  }

  @Test("switched off, none is sent and nothing is claimed")
  func off() async throws {
    try await Neighbourhood.with(settings: Self.often + "[organisations]\ndigest = \"off\"\n") { town in
      try idle(town, town.greta, days: 360)
      // A daemon that sends them does so meanwhile, and is the measure of how long it takes.
      let silent = { town.house.daemon.log.contains(" waiting=") }
      let other = try Daemon(
        directory: town.house.slapd.uri, mailPort: nil, keys: town.house.daemon.keys,
        settings: Self.often + Neighbours.settings.replacingOccurrences(of: "name = \"", with: "name = \"other-"))
      defer { other.end() }
      try Fixtures.await("rounds of the other one") {
        other.log.components(separatedBy: " waiting=").count >= 4 ? true : nil
      }
      #expect(!silent())
      #expect(try claims(town).allSatisfy { $0.contains(" other-") })
      #expect(town.house.mail.messages(to: town.gus.mail).isEmpty)
    }
  }
}
