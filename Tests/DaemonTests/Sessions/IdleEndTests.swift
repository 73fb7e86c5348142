import Fixtures
import Foundation
import Testing

@Suite("The idle end of a session") struct IdleEndTests {
  private static let settings = "[session]\nlifetime = \"2h\"\nidle = \"30m\"\n"

  @Test("comes where nobody asks; who keeps the tokens that SESSION answers stays, up to the absolute end")
  func idle() async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let client = try house.daemon.client()
      _ = try client.send("SIGNIN \(person.mail)")
      _ = try client.send("PASSWORD \(person.password)")
      let opened = try client.send("TOTP \(person.code(at: house.daemon.time))")
      let first = try #require(opened.value("session"))
      #expect(try seconds(opened, "until") - seconds(opened, "idle-until") == 5400)

      // Not a tenth of it has passed: the token at hand will do.
      try house.daemon.moveClock(by: 170)
      let early = try client.send("SESSION \(first)")
      #expect(early.hasPrefix("OK session") && early.value("session") == nil)
      #expect(early.value("idle-until") == opened.value("idle-until"))
      try house.daemon.moveClock(by: 1600 - 170)
      let reply = try client.send("SESSION \(first)")
      let second = try #require(reply.value("session"))
      #expect(second != first)
      #expect(abs(try seconds(reply, "idle-until") - seconds(opened, "idle-until") - 1600) < 30)
      #expect(reply.value("until") == opened.value("until"))
      #expect(try house.holds(first))
      try house.daemon.moveClock(by: 230)
      #expect(try !house.holds(first) && house.holds(second))

      // However often it is renewed, the absolute end stays.
      var token = second
      for _ in 0..<3 {
        try house.daemon.moveClock(by: 1500)
        let reply = try client.send("SESSION \(token)")
        token = try #require(reply.value("session"), "\(reply)")
        #expect(try seconds(reply, "idle-until") <= seconds(reply, "until"))
        #expect(reply.value("until") == opened.value("until"))
      }
      try house.daemon.moveClock(by: 900)
      #expect(try !house.holds(token))
    }
  }

  @Test("a renewed token is of the same session: one SIGNOUT, by the old or the new one, ends both")
  func sameSession() async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      for usesOld in [true, false] {
        let old = try house.nextSession(person)
        try house.daemon.moveClock(by: 1700)
        let new = try #require(house.daemon.client().send("SESSION \(old)").value("session"))
        try house.daemon.moveClock(by: 200)
        // The old one is idle by now, and still names the session.
        #expect(try !house.holds(old) && house.holds(new))
        #expect(try house.signOut(usesOld ? old : new).hasPrefix("OK signed-out"))
        #expect(try !house.holds(new))
      }
    }
  }

  @Test("holds for an administrator's session, too, and a daemon without an idle time does not ask")
  func elsewhere() async throws {
    try await Neighbourhood.with(settings: "[session]\nidle = \"2m\"\n", hasOwnClock: true) { town in
      let token = try town.house.nextSession(town.anna, service: "admin")
      let client = try town.house.daemon.client()
      #expect(try client.send("SHOW \(town.alice.mail) as=\(token)").hasPrefix("OK account"))
      try town.house.daemon.moveClock(by: 121)
      #expect(try client.send("SHOW \(town.alice.mail) as=\(token)").hasPrefix("NO expired"))
      #expect(town.audited("result=refused", "reason=idle") == 1)
      let other = try Daemon(
        directory: town.house.slapd.uri, mailPort: nil, keys: town.house.daemon.keys, hasOwnClock: true)
      defer { other.end() }
      try other.moveClock(by: 151)
      #expect(try town.house.holds(token, at: other))
    }
  }

  @Test("a clock that is a little behind refuses nothing; one that is far behind takes no token from its future")
  func clocks() async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let behind = try Daemon(
        directory: house.slapd.uri, mailPort: nil, keys: house.daemon.keys, settings: Self.settings, hasOwnClock: true)
      defer { behind.end() }
      let person = try house.people("jdoe")[0]
      let token = try house.nextSession(person)  // half a minute ahead
      let reply = try behind.client().send("SESSION \(token)")
      #expect(reply.hasPrefix("OK session") && reply.value("session") == nil, "\(reply)")
      try house.daemon.moveClock(by: 600)
      let renewed = try #require(house.daemon.client().send("SESSION \(token)").value("session"))
      #expect(try !house.holds(renewed, at: behind))
      #expect(try house.holds(renewed))
    }
  }

  private func seconds(_ reply: String, _ name: String) throws -> Int {
    let text = try #require(reply.value(name)?.removingPercentEncoding, "\(reply)")
    return Int(try #require(ISO8601DateFormatter().date(from: text)).timeIntervalSince1970)
  }
}
