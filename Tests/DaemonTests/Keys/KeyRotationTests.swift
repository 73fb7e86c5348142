import Fixtures
import Foundation
import Secrets
import Testing

@Suite("A rotation of the keys", .serialized) struct KeyRotationTests {
  private static let unpaced = "[inactivity]\nchanges-per-second = 0\n"

  private func people(_ count: Int, _ house: House) throws -> [Person] {
    let people = try (0..<count).map { Person("p\($0)", secret: try SystemRandom.bytes(20)) }
    try house.slapd.seed(people, keys: house.daemon.keys)
    return people
  }

  @Test("leaves nothing under the older key: sign-ins, recovery codes and sessions need it no more")
  func whole() async throws {
    try await House.with(settings: Self.unpaced) { house in
      let people = try people(24, house)
      let codes = try house.slapd.giveRecoveryCodes(to: people[0], keys: house.daemon.keys, count: 3)
      // One of its own, as the daemon draws them now.
      let pupil = Person("pupil")
      try house.slapd.invite(pupil)
      let enrolling = try Enrolling(pupil, on: house.daemon, house.mail, code: 1)
      let enrolled = try enrolling.client.send(enrolling.line(at: house.daemon.time))
      let ownCode = try #require(field("recovery", of: enrolled)?.components(separatedBy: ",").first)
      let session = try #require(
        field("session", of: try house.daemon.client().signIn(people[1], at: house.daemon.time)))
      let (old, new) = try house.daemon.addActiveKey()
      try house.daemon.restart()

      let rotated = try house.daemon.keysCommand("rotate")
      #expect(rotated.status == 0, "\(rotated)")
      #expect(rotated.output.hasPrefix("active \(new), secrets 25, recovery-codes 11, left 0, unknown 0, damaged 0\n"))
      #expect(try house.slapd.keysInUse() == [new: 36])
      #expect(try house.daemon.adminClient().send("SESSION \(session)").hasPrefix("OK session "))
      // Again: nothing is written.
      #expect(
        try house.daemon.adminClient().send("KEYS rotate")
          == "OK rotated active=\(new) secrets=0 recovery-codes=0 left=0 unknown=0 damaged=0")

      #expect(try house.daemon.keysCommand("retire", String(old), "--now").status == 0)
      try house.daemon.restart()
      #expect(try house.daemon.ring.keyIDs == [new])
      for person in people[2...] {
        #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      }
      #expect(try house.daemon.client().recover(people[0], with: codes[2]).hasPrefix("OK signed-in"))
      #expect(try house.daemon.client().recover(people[0], with: codes[2]).contains(" refused=wrong "))
      #expect(try house.daemon.client().recover(pupil, with: ownCode).hasPrefix("OK signed-in"))
      #expect(try house.slapd.recoveryCodes(of: people[0]) == 2)
      // Sealed under what is gone: nothing is said of it.
      #expect(try house.daemon.client().send("SESSION \(session)").hasPrefix("LATER keys"))
    }
  }

  @Test("that the daemon's death cuts short goes on where it was")
  func killed() async throws {
    try await House.with(settings: "[inactivity]\nchanges-per-second = 40\n") { house in
      let people = try people(80, house)
      let (old, new) = try house.daemon.addActiveKey()
      try house.daemon.restart()
      let admin = try house.daemon.adminClient()
      try admin.write(Array("KEYS rotate\n".utf8))
      try Fixtures.await("the first values under the new key") {
        try house.slapd.keysInUse()[new, default: 0] >= 10 ? true : nil
      }
      try house.daemon.kill()
      let left = try house.slapd.keysInUse()
      #expect(left[old, default: 0] > 0 && left[old, default: 0] + left[new, default: 0] == 80, "\(left)")
      try house.daemon.start()
      let rotated = try house.daemon.adminClient().send("KEYS rotate", within: 60)
      #expect(rotated.hasPrefix("OK rotated active=\(new) secrets=\(left[old, default: 0]) recovery-codes=0 left=0 "))
      #expect(try house.slapd.keysInUse() == [new: 80])
      for person in [people[0], people[79]] {
        #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      }
    }
  }

  @Test("keeps nobody from signing in, and no code is taken twice")
  func signIns() async throws {
    try await House.with(settings: "[inactivity]\nchanges-per-second = 30\n") { house in
      let people = try people(60, house)
      let (old, new) = try house.daemon.addActiveKey()
      try house.daemon.restart()
      // Sign-ins that began before the rotation, and end after it has passed their entry.
      let flows = try people[..<10].map { person in
        let flow = try house.daemon.client()
        try flow.toTheCode(person)
        return flow
      }
      let admin = try house.daemon.adminClient()
      try admin.write(Array("KEYS rotate\n".utf8))
      var racing = 0
      for person in people[10...] {
        if try house.slapd.keysInUse()[old, default: 0] > 0 { racing += 1 }
        let code = try person.code(at: house.daemon.time)
        let client = try house.daemon.client()
        try client.toTheCode(person)
        #expect(try client.send("TOTP \(code)").hasPrefix("OK signed-in"))
        try client.toTheCode(person)
        #expect(try client.send("TOTP \(code)").contains(" refused=reused "))
      }
      #expect(racing > 0)
      #expect(try admin.reply(within: 60).contains(" secrets=60 recovery-codes=0 left=0 "))
      #expect(try house.slapd.keysInUse() == [new: 60])
      for (person, flow) in zip(people, flows) {
        #expect(try flow.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("OK signed-in"))
      }
    }
  }

  @Test("tells of what opens under no key, carries the rest over, and is not at its end")
  func stuck() async throws {
    try await House.with(settings: Self.unpaced) { house in
      let people = try people(2, house)
      let stranger = Person("stranger", secret: try SystemRandom.bytes(20))
      let ring = "\(house.daemon.directory)/other-keys"
      #expect(try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", ring]).status == 0)
      try house.slapd.seed([stranger], keys: ring)
      let lost = try KeyRing.load(path: ring).activeKeyID
      var damaged = try #require(try house.slapd.entry(people[0])["drawbridgetotpsecret"]?.first)
      damaged[damaged.endIndex - 1] ^= 1
      try house.slapd.modify(people[0], "replace: drawbridgeTOTPSecret\n\(Slapd.line("drawbridgeTOTPSecret", damaged))")
      let (old, new) = try house.daemon.addActiveKey()
      try house.daemon.restart()

      let rotated = try house.daemon.keysCommand("rotate")
      #expect(rotated.status == 1, "\(rotated)")
      #expect(rotated.output.hasPrefix("active \(new), secrets 1, recovery-codes 0, left 2, unknown 1, damaged 1\n"))
      #expect(rotated.errors.contains("\(stranger.dn): a value is under key \(lost), which the daemon has not got"))
      #expect(rotated.errors.contains("\(people[0].dn): a value is damaged"))
      #expect(try house.slapd.keysInUse() == [old: 1, new: 1, lost: 1])

      let status = try house.daemon.keysCommand("status")
      #expect(status.status == 1)
      #expect(status.errors.contains("The daemon has not got key \(lost)"))
      #expect(house.daemon.log.contains("under keys that keys.ring lacks"))
      let retired = try house.daemon.keysCommand("retire", String(old), "--now")
      #expect(retired.status == 1 && retired.errors.contains("1 authenticators and 0 recovery codes"), "\(retired)")
      #expect(try house.daemon.ring.keyIDs == [old, new].sorted())
    }
  }
}
