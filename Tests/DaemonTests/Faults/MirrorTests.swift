import Fixtures
import Foundation
import Secrets
import Testing

/// LD-05, LD-06: two providers that copy each other by delta-syncrepl, and a copy that takes no writes.
@Suite("A mirror of two providers", .serialized) struct MirrorTests {
  private func daemon(on uris: [String], _ settings: String = "return-after = \"1h\"\n") throws -> Daemon {
    try Daemon(
      directory: uris.joined(separator: " "), mailPort: nil, hasOwnClock: true, directorySettings: settings)
  }

  private func people(_ uids: [String], in mirror: Mirror, of daemon: Daemon) throws -> [Person] {
    let people = try uids.map { try Person($0, secret: SystemRandom.bytes(20)) }
    try mirror.first.seed(people, keys: daemon.keys)
    try mirror.awaitCopies()
    return people
  }

  private func failovers(_ daemon: Daemon) throws -> String? {
    try daemon.adminClient().send("STATUS").split(separator: " ").first { $0.hasPrefix("failovers=") }
      .map { String($0.dropFirst(10)) }
  }

  @Test("goes on when the first is killed, and takes no code there that the first took and could not pass on")
  func failover() async throws {
    try await Mirror.with { mirror in
      let daemon = try daemon(on: [mirror.first.uri, mirror.second.uri])
      defer { daemon.end() }
      let person = try people(["jdoe"], in: mirror, of: daemon)[0]
      try mirror.cut()
      let time = daemon.time
      #expect(try daemon.client().signIn(person, at: time).hasPrefix("OK signed-in"))
      try mirror.first.kill()
      #expect(try mirror.second.entry(person).string("drawbridgeTOTPLastStep") == nil)
      // In its second, in the next step, and in the one before.
      for code in try Set([person.code(at: time), person.code(at: daemon.time), person.code(at: daemon.time - 30)]) {
        let client = try daemon.client()
        try client.send("SIGNIN \(person.mail)", within: 15)
        #expect(try client.send("PASSWORD \(person.password)", within: 15).hasPrefix("ASK totp"))
        let reply = try client.send("TOTP \(code)", within: 15)
        #expect(reply.hasPrefix("LATER directory after="), "\(reply)")
      }
      #expect(try mirror.second.entry(person).string("drawbridgeTOTPLastStep") == nil)
      #expect(try failovers(daemon) == "1")
      try daemon.moveClock(by: 61)
      let second = daemon.time
      #expect(try daemon.client().signIn(person, at: second).hasPrefix("OK signed-in"))
      try mirror.mend()
      // Both are back: neither has an entry of its own making, and the newest sign-in stands at both.
      try mirror.first.start()
      try mirror.awaitCopies()
      try mirror.expectEqual()
      for slapd in [mirror.first, mirror.second] {
        #expect(try slapd.entry(person).string("drawbridgeTOTPLastStep") == String(second / 30))
      }
    }
  }

  @Test("is returned to once the first is back: no sign-in fails, and a code of the second is none at the first")
  func returns() async throws {
    try await Mirror.with { mirror in
      let daemon = try daemon(on: [mirror.first.uri, mirror.second.uri], "return-after = \"1s\"\n")
      defer { daemon.end() }
      let people = try people((0..<200).map { "user\($0)" }, in: mirror, of: daemon)
      #expect(try daemon.client().send("SIGNIN \(people[0].mail)").hasPrefix("ASK"))
      try mirror.first.kill()
      let client = try daemon.client()
      #expect(try client.send("SIGNIN \(people[0].mail)", within: 15).hasPrefix("ASK"))
      try daemon.moveClock(by: 91)
      #expect(try client.signIn(people[0], at: daemon.time).hasPrefix("OK signed-in"))
      #expect(try failovers(daemon) == "1")
      try mirror.first.start()
      try mirror.awaitCopies()
      // One after the other, as fast as they are answered, while the daemon goes back.
      var time = daemon.time
      var rest = people.dropFirst()
      while try failovers(daemon) != "2", let person = rest.popFirst() {
        time = daemon.time
        let reply = try client.signIn(person, at: time)
        #expect(reply.hasPrefix("OK signed-in"), "\(person.uid): \(reply)")
      }
      let next = rest.popFirst()
      let last = try #require(next)
      #expect(try client.signIn(last, at: daemon.time).hasPrefix("OK signed-in"))
      // The code of the last one on the second, and of the first one there.
      let before = people[people.count - rest.count - 2]
      #expect(try client.signIn(before, at: time).contains("refused=reused"))
      try mirror.awaitCopies()
      try mirror.expectEqual()
    }
  }

  @Test("counts wrong answers on, whichever provider took them")
  func budgets() async throws {
    try await Mirror.with { mirror in
      let daemon = try daemon(on: [mirror.first.uri, mirror.second.uri])
      defer { daemon.end() }
      let person = try people(["jdoe"], in: mirror, of: daemon)[0]
      let client = try daemon.client()
      try client.send("SIGNIN \(person.mail)")
      for left in [4, 3, 2] { #expect(try client.send("PASSWORD wrong").contains(" refused=wrong left=\(left) ")) }
      try mirror.awaitCopies()
      try mirror.first.kill()
      #expect(try client.send("PASSWORD wrong", within: 15).contains(" refused=wrong left=1 "))
      #expect(try mirror.second.inARow("drawbridgePasswordTries", of: person) == 4)
    }
  }

  @Test("whose copy alone is left says LATER, and never that an answer is wrong")
  func copyAlone() async throws {
    try await Mirror.with { mirror in
      let daemon = try daemon(on: [mirror.copy.uri])
      defer { daemon.end() }
      let person = try people(["jdoe"], in: mirror, of: daemon)[0]
      let client = try daemon.client()
      try client.send("SIGNIN \(person.mail)")
      #expect(try client.send("PASSWORD wrong").hasPrefix("LATER directory after="))
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
      #expect(try client.send("TOTP \(person.code(at: daemon.time))").hasPrefix("LATER directory after="))
      // Where there are others, a copy is none of them.
      let both = try self.daemon(on: [mirror.copy.uri, mirror.first.uri])
      defer { both.end() }
      let other = try Person("other", secret: SystemRandom.bytes(20))
      try mirror.first.seed([other], keys: both.keys)
      try both.moveClock(by: 61)
      #expect(try both.client().signIn(other, at: both.time).hasPrefix("OK signed-in"))
      try mirror.first.kill()
      #expect(try both.client().send("SIGNIN \(other.mail)", within: 15).hasPrefix("LATER directory after="))
    }
  }

  @Test("is swept on while the first is away, and both are the same afterwards")
  func sweep() async throws {
    try await Mirror.with { mirror in
      let daemon = try daemon(on: [mirror.first.uri, mirror.second.uri])
      defer { daemon.end() }
      try mirror.first.add(20, "idle", lastUsed(daemon.time - 400 * daySeconds))
      try mirror.first.add(20, "busy", lastUsed(daemon.time - daySeconds))
      try mirror.awaitCopies()
      #expect(try daemon.adminClient().send("STATUS").contains("failovers=0"))
      try mirror.first.kill()
      #expect(try daemon.adminClient().send("SWEEP force", within: 60).contains(" deactivated=20"))
      #expect(try mirror.second.deactivated() == 20)
      try mirror.first.start()
      try mirror.awaitCopies()
      #expect(try mirror.first.deactivated() == 20)
      try mirror.expectEqual()
    }
  }
}

extension Mirror {
  /// The same entries with the same values on all servers, and none that a conflict has left behind.
  fileprivate func expectEqual() throws {
    let all = try [first, second, copy].map { slapd in
      try slapd.search("(objectClass=*)").map { entry in
        entry.filter { !["contextcsn", "entrycsn", "structuralobjectclass"].contains($0.key) }
          .mapValues { Set($0) }
      }
    }
    let sorted = all.map { entries in
      Dictionary(entries.map { (entry) in (entry["dn"]?.first ?? Data(), entry) }, uniquingKeysWith: { a, _ in a })
    }
    #expect(sorted[0] == sorted[1])
    // What the copy says of itself, such as who changed an entry there, is its own.
    let ours = sorted.map { $0.mapValues { $0.filter { $0.key.hasPrefix("drawbridge") } } }
    #expect(ours[0] == ours[2])
    #expect(try first.search("(objectClass=glue)").isEmpty && second.search("(objectClass=glue)").isEmpty)
  }
}
