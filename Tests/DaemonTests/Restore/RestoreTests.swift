import Fixtures
import Foundation
import Secrets
import Testing

/// `docs/operations.md`: a directory that was lost comes back from slapcat, with the key ring that was kept elsewhere.
@Suite("A directory from a backup", .serialized) struct RestoreTests {
  /// Another slapd that holds what slapcat wrote, and nothing else.
  private func restored(_ backup: String) throws -> Slapd {
    let slapd = try Slapd()
    try slapd.kill()
    let database = "\(slapd.directory)/db"
    for name in try FileManager.default.contentsOfDirectory(atPath: database) {
      try FileManager.default.removeItem(atPath: "\(database)/\(name)")
    }
    let result = try Command.run("/usr/sbin/slapadd", ["-f", "\(slapd.directory)/slapd.conf", "-l", backup])
    guard result.status == 0 else { throw FixtureError("slapadd: \(result.errors)") }
    try slapd.start()
    return slapd
  }

  private func backUp(_ slapd: Slapd, into folder: String) throws -> String {
    let path = "\(folder)/backup.ldif"
    let result = try Command.run("/usr/sbin/slapcat", ["-f", "\(slapd.directory)/slapd.conf", "-l", path])
    guard result.status == 0 else { throw FixtureError("slapcat: \(result.errors)") }
    return path
  }

  @Test("signs everybody in with the same key ring, and says LATER and tells the log with another")
  func keyRing() async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await House.with(hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let signedIn = try house.daemon.client().signIn(person, at: house.daemon.time)
      let token = try #require(signedIn.value("session"))
      let used = try person.code(at: house.daemon.time)
      let backup = try backUp(house.slapd, into: folder)
      try house.slapd.kill()

      let slapd = try restored(backup)
      defer { slapd.remove() }
      let same = try Daemon(directory: slapd.uri, mailPort: nil, keys: house.daemon.keys, hasOwnClock: true)
      defer { same.end() }
      // Sessions hold, and a code that was used before the backup stays used.
      #expect(try same.client().send("SESSION \(token)").hasPrefix("OK session"))
      let client = try same.client()
      try client.send("SIGNIN \(person.mail)")
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
      let again = try client.send("TOTP \(used)")
      #expect(again.contains(" refused=reused "), "\(again)")
      try same.moveClock(by: 60)
      #expect(try client.send("TOTP \(person.code(at: same.time))").hasPrefix("OK signed-in"))

      // Another ring, made anew.
      let other = try Daemon(directory: slapd.uri, mailPort: nil, hasOwnClock: true)
      defer { other.end() }
      try other.moveClock(by: 120)
      let late = try other.client().signIn(person, at: other.time)
      #expect(late.hasPrefix("LATER keys"), "\(late)")
      #expect(other.log.contains("critical") && other.log.contains("sealed under an unknown key (keys.ring)"))
      #expect(try other.metrics()["drawbridge_unknown_keys_total", [("in", "account")]] == 1)
      // Nobody's try was counted.
      #expect(try slapd.entry(person).string("drawbridgeOTPTries") == nil)
    }
  }

  @Test("is as it was then: what was changed since is as before, a password and a deactivation too")
  func older() async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await House.with(hasOwnClock: true) { house in
      let people = try house.people("jdoe", "gone")
      let token = try house.nextSession(people[0])
      let backup = try backUp(house.slapd, into: folder)
      #expect(try house.signOut(token).hasPrefix("OK signed-out"))
      #expect(try !house.holds(token))
      #expect(try house.daemon.adminClient().send("DEACTIVATE \(people[1].mail)").hasPrefix("OK"))
      try house.slapd.kill()

      let slapd = try restored(backup)
      defer { slapd.remove() }
      let daemon = try Daemon(directory: slapd.uri, mailPort: nil, keys: house.daemon.keys, hasOwnClock: true)
      defer { daemon.end() }
      #expect(try house.holds(token, at: daemon))
      #expect(try daemon.client().signIn(people[1], at: daemon.time).hasPrefix("OK signed-in"))
      // What docs/operations.md has an administrator do after it.
      #expect(try daemon.adminClient().send("SIGNOUT-ALL \(people[0].mail)").hasPrefix("OK"))
      #expect(try !house.holds(token, at: daemon))
    }
  }
}
