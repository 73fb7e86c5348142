import Fixtures
import Foundation
import Secrets
import Testing

@Suite("The life of a key", .serialized) struct KeyRetirementTests {
  @Test("from its making to its end, with people who sign in after each step")
  func life() async throws {
    let settings = "[session]\nlifetime = \"600s\"\n[inactivity]\nchanges-per-second = 0\n"
    try await House.with(settings: settings) { house in
      let daemon = house.daemon
      var people = try (0..<8).map { Person("p\($0)", secret: try SystemRandom.bytes(20)) }
      try house.slapd.seed(people, keys: daemon.keys)
      func signIn() throws {
        let person = people.removeFirst()
        #expect(try daemon.client().signIn(person, at: daemon.time).hasPrefix("OK signed-in"))
      }
      let old = try daemon.ring.activeKeyID
      #expect(try daemon.keysCommand("status").status == 0)

      let added = try daemon.keysCommand("add")
      let new = try #require(try daemon.ring.keyIDs.first { $0 != old })
      #expect(added.output.contains("drawbridge keys activate \(new)") && added.output.contains("drawbridge reload"))
      #expect(added.output.contains("systemctl restart drawbridged"))
      let unread = try daemon.keysCommand("status")
      #expect(unread.status == 0 && unread.errors.contains("is not the one that the daemon has read"), "\(unread)")
      try daemon.restart()
      #expect(try !daemon.keysCommand("status").errors.contains("is not the one"))
      try signIn()
      #expect(try house.slapd.keysInUse() == [old: 8])

      #expect(try daemon.keysCommand("activate", String(new)).status == 0)
      let rotation = try daemon.keysCommand("rotate")
      #expect(
        rotation.status == 1 && rotation.errors.contains("The daemon sealed under key \(old), and"), "\(rotation)")
      #expect(rotation.output.contains("drawbridge reload") && !rotation.output.contains("Everything"), "\(rotation)")
      let absent = try daemon.keysCommand("retire", "7", "--now")
      #expect(absent.status == 73 && absent.errors.contains("there is no key 7; there is "), "\(absent)")
      // Without --now, too: not "the ring does not tell since when".
      #expect(try daemon.keysCommand("retire", "7").errors.contains("there is no key 7; there is "))
      // The daemon still seals with it.
      let active = try daemon.keysCommand("retire", String(old), "--now")
      #expect(active.status == 1 && active.errors.contains("is the one that the daemon seals with"), "\(active)")
      try daemon.restart()
      try signIn()
      let early = try daemon.keysCommand("retire", String(old), "--now")
      #expect(early.status == 1 && early.errors.contains("8 authenticators and 0 recovery codes are still under key"))
      #expect(try daemon.ring.keyIDs == [old, new].sorted())

      #expect(try daemon.keysCommand("rotate").status == 0)
      try signIn()
      let status = try daemon.keysCommand("status", "--json").output
      #expect(status.contains("\"key\":\"\(old)\",\"state\":\"open\",\"secrets\":\"0\",\"recovery-codes\":\"0\""))
      #expect(status.contains("\"key\":\"\(new)\",\"state\":\"active\",\"secrets\":\"8\""), "\(status)")
      #expect(status.contains("\"token-seconds\":\"600\""))
      let sessions = try daemon.keysCommand("retire", String(old))
      #expect(sessions.status == 1 && sessions.errors.contains("may be good for "), "\(sessions)")
      // As long ago as a session lasts.
      let text = try String(contentsOfFile: daemon.keys, encoding: .utf8)
      let closed = try #require(try daemon.ring.closed[old])
      try text.replacingOccurrences(of: " \(closed)", with: " \(closed - 601)")
        .write(toFile: daemon.keys, atomically: false, encoding: .utf8)
      let retired = try daemon.keysCommand("retire", String(old))
      #expect(retired.status == 0, "\(retired)")
      #expect(try daemon.ring.keyIDs == [new])
      try daemon.restart()
      while !people.isEmpty { try signIn() }
    }
  }

  @Test("a mailed code under a key that the daemon has not got is a LATER, and no charge")
  func mailedCode() async throws {
    try await House.with { house in
      let person = Person("jdoe")
      try house.slapd.invite(person)
      let ring = "\(house.daemon.directory)/newer"
      try FileManager.default.copyItem(atPath: house.daemon.keys, toPath: ring)
      let new = try KeyRingFile(path: ring).add { count throws(RandomFailure) in try SystemRandom.bytes(count) }
      _ = try KeyRingFile(path: ring).activate(new, now: 1)
      let newer = try Daemon(directory: house.slapd.uri, mailPort: house.mail.port, keys: ring)
      defer { newer.end() }
      #expect(try newer.client().send("FIRST \(person.mail)").hasPrefix("ASK code"))
      let code = try house.mail.code(to: person.mail)
      let client = try house.daemon.client()
      #expect(try client.send("FIRST \(person.mail)").hasPrefix("ASK code"))
      #expect(try client.send("CODE \(code)").hasPrefix("LATER keys after="))
      #expect(try client.send("CODE 000000").hasPrefix("LATER keys after="))
      #expect(try house.slapd.entry(person).string("drawbridgeCodeTries") == nil)
      #expect(house.daemon.log.contains("a mailed code was made under an unknown key"))
      let admin = try newer.adminClient()
      try admin.send("KEYS")
      #expect(admin.items.contains { $0.contains("key=\(new) state=active ") && $0.contains(" mailed-codes=1") })
    }
  }
}
