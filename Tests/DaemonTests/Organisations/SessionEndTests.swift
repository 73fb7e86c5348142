import Fixtures
import Foundation
import Secrets
import Testing

@Suite("When a session ends") struct SessionEndTests {
  /// Whether a request in a session is still carried out.
  private func holds(_ token: String, _ town: Neighbourhood) throws -> Bool {
    let reply = try town.house.daemon.client().send("SHOW \(town.alice.mail) as=\(token)")
    guard reply.hasPrefix("OK account") || reply.hasPrefix("NO expired ") else { throw FixtureError(reply) }
    return reply.hasPrefix("OK")
  }

  @Test("fifteen minutes after it was opened, for administration; whatever until= says")
  func fifteenMinutes() async throws {
    try await Neighbourhood.with(hasOwnClock: true) { town in
      let token = try town.session(town.anna)
      try town.house.daemon.moveClock(by: 14 * 60 + 30)
      #expect(try holds(token, town))
      try town.house.daemon.moveClock(by: 60)
      #expect(try !holds(token, town))
      #expect(try town.audited("result=refused", "administrator=\(town.id(town.anna))", "reason=too-old") == 1)
      // A clock that went back makes no old session young, and none good that is from tomorrow.
      let young = try town.session(town.anna)
      try town.house.daemon.moveClock(by: -600)
      #expect(try !holds(young, town))
    }
  }

  @Test("a session has an absolute end, told in until=")
  func absoluteEnd() async throws {
    try await Neighbourhood.with(settings: "[session]\nlifetime = \"5m\"\n", hasOwnClock: true) { town in
      let client = try town.house.daemon.client()
      _ = try client.send("SIGNIN \(town.anna.mail) service=admin")
      _ = try client.send("PASSWORD \(town.anna.password)")
      let reply = try client.send("TOTP \(town.anna.code(at: town.house.daemon.time))")
      let token = try #require(reply.value("session"))
      let until = try #require(reply.value("until")?.removingPercentEncoding)
      let end = try #require(ISO8601DateFormatter().date(from: until))
      #expect(abs(Int(end.timeIntervalSince1970) - town.house.daemon.time - 300) < 30)
      #expect(try holds(token, town))
      try town.house.daemon.moveClock(by: 301)
      #expect(try !holds(token, town))
      #expect(town.audited("result=refused", "reason=expired") == 1)
    }
  }

  @Test("a session of another service, or of none, administers nothing")
  func otherServices() async throws {
    try await Neighbourhood.with(hasOwnClock: true) { town in
      for service in [nil, "portal", "admin2", "ADMIN"] as [String?] {
        #expect(try !holds(town.session(town.anna, service: service), town), "\(service ?? "none")")
        try town.house.daemon.moveClock(by: 30)
      }
    }
  }

  @Test("what is no token, is cut, changed in any place, or sealed by other keys")
  func noToken() async throws {
    try await Neighbourhood.with { town in
      let token = try town.session(town.anna)
      #expect(token.utf8.count <= 1024)
      let client = try town.house.daemon.client()
      var bad = [
        "x", "%00", "AAAA", String(repeating: "A", count: 1000), String(repeating: "A", count: 3000), token + "A",
        token + "=", String(token.dropLast()),
      ]
      for index in stride(from: 0, to: token.utf8.count, by: 7) {
        var bytes = Array(token.utf8)
        bytes[index] = bytes[index] == UInt8(ascii: "B") ? UInt8(ascii: "C") : UInt8(ascii: "B")
        let changed = String(decoding: bytes, as: UTF8.self)
        // The key's id is not secret: with another one, the daemon lacks a key.
        if index < 7 { continue }
        bad.append(changed)
      }
      for text in bad {
        #expect(try client.send("SHOW \(town.alice.mail) as=\(text)").hasPrefix("NO expired "), "\(text)")
      }
      #expect(try client.send("SHOW \(town.alice.mail) as=\(token)").hasPrefix("OK account"))
    }
  }

  @Test("another daemon with the same keys takes it; one with other keys says LATER keys, and logs it")
  func otherDaemons() async throws {
    try await Neighbourhood.with { town in
      let token = try town.session(town.anna)
      let same = try Daemon(
        directory: town.house.slapd.uri, mailPort: nil, keys: town.house.daemon.keys, settings: Neighbours.settings)
      defer { same.end() }
      #expect(try same.client().send("SHOW \(town.alice.mail) as=\(token)").hasPrefix("OK account"))
      let other = try Daemon(directory: town.house.slapd.uri, mailPort: nil, settings: Neighbours.settings)
      defer { other.end() }
      #expect(try other.client().send("SHOW \(town.alice.mail) as=\(token)").hasPrefix("LATER keys"))
      #expect(other.log.contains("critical"))
    }
  }

  static let gestures: [(String, String)] = [
    ("SIGNOUT-ALL", "replace: drawbridgeSessionsSince\ndrawbridgeSessionsSince: 20270101000000.000001Z"),
    ("deactivated", "replace: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z"),
    ("the authenticator reset", "delete: drawbridgeTOTPSecret"),
    ("the password taken away", "delete: userPassword"),
    ("the password replaced", "replace: userPassword\nuserPassword: {SSHA}c29tZXRoaW5nIGVsc2Ugd2l0aCBzYWx0"),
  ]

  @Test("SIGNOUT-ALL, DEACTIVATE and RESET end it; who is reactivated has to sign in again")
  func endedByVerbs() async throws {
    try await Neighbourhood.with(hasOwnClock: true) { town in
      try town.house.slapd.modify(
        "dn: \(Neighbours.group("acme"))\nchangetype: modify\nadd: member\nmember: \(town.alice.dn)\n")
      let admin = try town.house.daemon.adminClient()
      let first = try town.session(town.anna)
      #expect(try admin.send("SIGNOUT-ALL \(town.anna.mail)").hasPrefix("OK signed-out"))
      #expect(try !holds(first, town))
      try town.house.daemon.moveClock(by: 30)
      let second = try town.session(town.anna)
      #expect(try holds(second, town))
      #expect(try admin.send("DEACTIVATE \(town.anna.mail)").hasPrefix("OK deactivated"))
      #expect(try !holds(second, town))
      #expect(try admin.send("REACTIVATE \(town.anna.mail)").hasPrefix("OK reactivated"))
      #expect(try !holds(second, town))
      try town.house.daemon.moveClock(by: 30)
      let third = try town.session(town.anna)
      #expect(try holds(third, town))
      #expect(try admin.send("RESET \(town.anna.mail)").hasPrefix("OK reset"))
      #expect(try !holds(third, town))
    }
  }

  @Test("what an administrator does to the account ends its sessions", arguments: gestures)
  func endedByLDAPTool(_ name: String, _ change: String) async throws {
    try await Neighbourhood.with { town in
      let token = try town.session(town.anna)
      #expect(try holds(token, town))
      try town.house.slapd.modify(town.anna, change)
      #expect(try !holds(token, town), "\(name)")
      #expect(try town.audited("result=refused", "administrator=\(town.id(town.anna))") == 1)
    }
  }

  @Test("ldappasswd ends it, and so does the owner's own change of password; another sign-in does not")
  func changedPassword() async throws {
    try await Neighbourhood.with(hasOwnClock: true) { town in
      let first = try town.session(town.anna)
      try town.house.daemon.moveClock(by: 30)
      let second = try town.session(town.anna)
      #expect(try holds(first, town) && holds(second, town))
      let changed = try Command.run(
        "ldappasswd",
        [
          "-x", "-H", town.house.slapd.uri, "-D", Slapd.root, "-w", Slapd.rootPassword, "-s", "N3w-Password",
          town.anna.dn,
        ])
      #expect(changed.status == 0, "\(changed.errors)")
      #expect(try !holds(first, town) && !holds(second, town))

      var anna = town.anna
      anna.password = "N3w-Password"
      try town.house.daemon.moveClock(by: 30)
      let third = try town.session(anna)
      #expect(try holds(third, town))
      try town.house.daemon.moveClock(by: 30)
      let client = try town.house.daemon.client()
      _ = try client.send("CHANGE \(anna.mail)")
      _ = try client.send("PASSWORD \(anna.password)")
      _ = try client.send("TOTP \(anna.code(at: town.house.daemon.time))")
      _ = try client.send("NEW-PASSWORD a-long-enough-password")
      #expect(try client.send("CONFIRM-PASSWORD a-long-enough-password").hasPrefix("OK password-changed"))
      #expect(try !holds(third, town))
    }
  }

  @Test("a first-time login opens a session that holds, an enrolment too, and so does one with an upgraded hash")
  func openedByOtherFlows() async throws {
    let settings = "[password]\nupgrade = true\n"
    try await Neighbourhood.with(settings: settings, hasOwnClock: true) { town in
      // Hashes of the fixture are weak, so this sign-in replaces one.
      let before = try town.house.slapd.entry(town.anna)["userpassword"]
      let token = try town.session(town.anna)
      #expect(try town.house.slapd.entry(town.anna)["userpassword"] != before)
      #expect(try holds(token, town))

      try town.house.slapd.modify(
        "dn: \(Neighbours.group("acme"))\nchangetype: modify\nadd: member\nmember: uid=novice,\(Neighbours.acme)\n")
      #expect(try town.house.daemon.client().send("INVITE novice@example.org as=\(token)").hasPrefix("OK invited"))
      let client = try town.house.daemon.client()
      _ = try client.send("FIRST novice@example.org service=admin")
      _ = try client.send("CODE \(town.house.mail.code(to: "novice@example.org"))")
      _ = try client.send("NEW-PASSWORD a-long-enough-password")
      let secret = try #require(client.send("CONFIRM-PASSWORD a-long-enough-password").value("secret"))
      let reply = try client.send("ENROL \(totp(secret: secret, at: town.house.daemon.time))")
      #expect(try holds(#require(reply.value("session"), "\(reply)"), town))

      let imported = Person("imported", password: "Str0ng-Enough")
      try town.house.slapd.seed([imported], keys: town.house.daemon.keys)
      try town.house.slapd.modify(
        "dn: \(Neighbours.group("acme"))\nchangetype: modify\nadd: member\nmember: \(imported.dn)\n")
      _ = try client.send("SIGNIN \(imported.mail) service=admin")
      _ = try client.send("PASSWORD \(imported.password)")
      let enrol = try client.send("CODE \(town.house.mail.code(to: imported.mail))")
      let key = try #require(enrol.value("secret"), "\(enrol)")
      let enrolled = try client.send("ENROL \(totp(secret: key, at: town.house.daemon.time))")
      #expect(try holds(#require(enrolled.value("session"), "\(enrolled)"), town))
    }
  }

  @Test("a service longer than 128 bytes signs in without a session")
  func longService() async throws {
    try await Neighbourhood.with { town in
      let client = try town.house.daemon.client()
      _ = try client.send("SIGNIN \(town.anna.mail) service=\(String(repeating: "x", count: 129))")
      _ = try client.send("PASSWORD \(town.anna.password)")
      let reply = try client.send("TOTP \(town.anna.code(at: town.house.daemon.time))")
      #expect(reply.hasPrefix("OK signed-in") && reply.value("session") == nil)
    }
  }
}
