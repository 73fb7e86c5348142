import Fixtures
import Foundation
import Testing

/// Password and code in one string, as clients of saslauthd send it.
@Suite("The door for saslauthd's clients", .serialized) struct SaslauthdDoorTests {
  @Test("lets in password and code together, and either alone never")
  func factors() async throws {
    try await DoorHouse.with { house in
      let person = try house.person()
      let time = house.daemon.time
      for wrong in [
        person.password, try person.code(at: time), "", person.password + (try person.wrongCode(at: time)),
        "Wr0ng-Password" + (try person.code(at: time)),
      ] {
        #expect(try !house.testsaslauthd(person.mail, wrong), "\(wrong)")
      }
      let string = try house.string(of: person)
      #expect(try house.testsaslauthd(person.mail, string))
      #expect(try !house.testsaslauthd(person.mail, string))
      try house.daemon.moveClock(by: 30)
      // A client cuts the login at its @.
      #expect(try house.testsaslauthd("jdoe", house.string(of: person), realm: "example.org"))
    }
  }

  @Test("says why, and tells the audit as any other flow does")
  func words() async throws {
    try await DoorHouse.with { house in
      let people = try house.people("jdoe", "jane")
      let (jdoe, jane) = (people[0], people[1])
      let id = try house.slapd.entry(jdoe).string("entryUUID")
      #expect(try house.answer(jdoe.mail, "Wr0ng-Password000000", service: "ldap") == "NO denied")
      let facts = try ["id", "door", "service", "wrong", "result"].map { try house.lastEvent($0) }
      #expect(facts == [id, "saslauthd", "ldap", "1", "denied"])
      #expect(try house.answer("nobody@example.org", "Wr0ng-Password000000") == "NO denied")
      #expect(try house.lastEvent("id") == "-")
      #expect(try house.answer(jdoe.mail, jdoe.password) == "NO denied")
      #expect(try house.lastEvent("result") == "no-code")

      let string = try house.string(of: jdoe)
      #expect(try house.answer(jdoe.mail, string) == "OK")
      #expect(try house.lastEvent("result") == "signed-in")
      #expect(try house.answer(jdoe.mail, string) == "NO denied")
      #expect(try [house.lastEvent("id"), house.lastEvent("result")] == [id, "reused"])

      #expect(try house.daemon.adminClient().send("DEACTIVATE \(jane.mail)").hasPrefix("OK"))
      let half = "Wr0ng-Password" + (try jane.code(at: house.daemon.time))
      #expect(try house.answer(jane.mail, half) == "NO denied")
      #expect(try house.answer(jane.mail, jane.password + jane.wrongCode(at: house.daemon.time)) == "NO denied")
      #expect(try house.answer(jane.mail, house.string(of: jane)) == "NO deactivated")
      #expect(!house.daemon.log.contains(jdoe.password))
    }
  }

  @Test("charges the budgets that every sign-in has; what was right a moment ago, and what has no code, charges none")
  func budgets() async throws {
    try await DoorHouse.with { house in
      let person = try house.person()
      let string = try house.string(of: person)
      #expect(try house.answer(person.mail, string) == "OK")
      for _ in 0..<6 {
        #expect(try house.answer(person.mail, string) == "NO denied")
        #expect(try house.answer(person.mail, person.password) == "NO denied")
      }
      #expect(try house.slapd.entry(person).string("drawbridgePasswordTries") == nil)
      try house.daemon.moveClock(by: 30)
      for _ in 0..<5 { #expect(try house.answer(person.mail, "Wr0ng-Password000000") == "NO denied") }
      #expect(try house.answer(person.mail, house.string(of: person)) == "NO locked")
      let client = try house.daemon.client()
      _ = try client.send("SIGNIN \(person.mail)")
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("NO locked"))
    }
  }

  @Test("lets in the members of a service's group alone, and says no more than of wrong ones")
  func groups() async throws {
    let group = "cn=mail,ou=groups,\(Slapd.suffix)"
    try await DoorHouse.with(settings: "[[service]]\nname = \"smtp\"\ngroup = \"\(group)\"\n") { house in
      let people = try house.people("jdoe", "jane")
      try house.slapd.add("dn: \(group)\nobjectClass: groupOfNames\ncn: mail\nmember: \(people[0].dn)\n")
      #expect(try house.answer("jdoe", house.string(of: people[0]), service: "smtp") == "OK")
      let string = try house.string(of: people[1])
      #expect(try house.answer("jane", string, service: "smtp") == "NO denied")
      #expect(try house.lastEvent("result") == "not-a-member")
      #expect(try house.answer("jane", string, service: "imap") == "NO denied")
      try house.daemon.moveClock(by: 30)
      #expect(try house.answer("jane", house.string(of: people[1]), service: "imap") == "OK")
    }
  }

  @Test("is not there to set an account up, and mails nobody a code")
  func incomplete() async throws {
    try await DoorHouse.with { house in
      // All of it may be the password: there is no code yet.
      let half = Person("half", password: "Str0ng-123456")
      try house.slapd.seed([half], keys: house.daemon.keys)
      let administrator = try house.daemon.adminClient()
      #expect(try administrator.send("INVITE new@example.org uid=new cn=New sn=New").hasPrefix("OK"))
      for login in [half.mail, "new@example.org", "nobody@example.org"] {
        #expect(try house.answer(login, half.password) == "NO denied", "\(login)")
      }
      #expect(house.events.contains { $0.contains(" result=unsupported ") })
      // Mails go out in their order: one that was asked for later is there.
      #expect(try house.daemon.client().send("FIRST new@example.org").hasPrefix("ASK code"))
      _ = try house.mail.code(to: "new@example.org")
      #expect(house.mail.messages(to: half.mail) == [])
    }
  }

  @Test("answers what is no request with NO, and goes on")
  func garbage() async throws {
    try await DoorHouse.with { house in
      let person = try house.person()
      let client = try LineClient(house.saslauthd, greeting: false)
      try client.write([0xFF, 0xFF])
      #expect(String(decoding: try client.readBytes(14).dropFirst(2), as: UTF8.self) == "NO malformed")
      #expect(client.isClosed())
      var seed: UInt64 = 42
      for length in 0..<100 {
        let bytes = (0..<length).map { _ in
          seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return UInt8(truncatingIfNeeded: seed >> 33)
        }
        let client = try LineClient(house.saslauthd, greeting: false)
        try? client.write(bytes)
        client.close()
      }
      #expect(try house.answer(person.mail, house.string(of: person)) == "OK")
    }
  }

  @Test(
    "is for root, the daemon's user, listed ones, and the group that it was given",
    .enabled(if: geteuid() == 0, "only root can be somebody else"))
  func peers() async throws {
    try await DoorHouse.with { house in
      let person = try house.person()
      #expect(chmod(house.saslauthd, 0o777) == 0)
      let string = try house.string(of: person)
      #expect(try !house.testsaslauthd(person.mail, string, under: OtherUser.command))
      #expect(house.daemon.log.contains("a peer that may not use this socket (listen.group)"))
      #expect(try house.testsaslauthd(person.mail, string))
    }
    try await DoorHouse.with(listen: "group = \"nogroup\"") { house in
      let person = try house.person()
      // They come for many people: of the wrong tries of some, others hear nothing.
      for number in 0..<8 {
        #expect(try !house.testsaslauthd("nobody\(number)", "Wr0ng-Password000000", under: OtherUser.command))
      }
      #expect(try house.testsaslauthd(person.mail, house.string(of: person), under: OtherUser.command))
    }
  }
}
