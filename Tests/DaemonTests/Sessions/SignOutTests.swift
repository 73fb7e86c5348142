import Fixtures
import Foundation
import Secrets
import Synchronization
import Testing

@Suite("SIGNOUT") struct SignOutTests {
  @Test("ends this session on every daemon, for administration, too, and no other one; once more is the same")
  func one() async throws {
    try await Neighbourhood.with(hasOwnClock: true) { town in
      let house = town.house
      let second = try Daemon(
        directory: house.slapd.uri, mailPort: nil, keys: house.daemon.keys, settings: Neighbours.settings,
        hasOwnClock: true)
      defer { second.end() }
      let first = try house.nextSession(town.anna, service: "admin")
      let other = try house.nextSession(town.anna, service: "admin")
      try second.moveClock(by: 60)
      func administers(_ token: String) throws -> Bool {
        let reply = try second.client().send("SHOW \(town.alice.mail) as=\(token)")
        guard reply.hasPrefix("OK account") || reply.hasPrefix("NO expired ") else { throw FixtureError(reply) }
        return reply.hasPrefix("OK")
      }
      for daemon in [house.daemon, second] { #expect(try house.holds(first, at: daemon)) }
      #expect(try administers(first))
      #expect(try house.signOut(first).hasPrefix("OK signed-out :"))
      for daemon in [house.daemon, second] { #expect(try !house.holds(first, at: daemon)) }
      #expect(try !administers(first) && administers(other))
      #expect(try house.ended(town.anna).count == 1)
      for daemon in [house.daemon, second] {
        #expect(try house.signOut(first, at: daemon).hasPrefix("OK signed-out :"))
      }
      #expect(try house.ended(town.anna).count == 1)
      for daemon in [house.daemon, second] { #expect(try house.holds(other, at: daemon)) }
      let id = try town.id(town.anna)
      #expect(town.audited("session=signout", "result=signed-out ", "id=\(id)", "service=admin", "peer=uid=") == 1)
      #expect(town.audited("session=signout", "result=over-already", "id=\(id)") == 1)
    }
  }

  @Test("of what is over by itself, or of an account that is gone, is good; of what is no token it is not")
  func nothingToEnd() async throws {
    try await House.with(settings: "[session]\nlifetime = \"5m\"\n", hasOwnClock: true) { house in
      let people = try house.people("jdoe", "mary")
      let tokens = try people.map { try house.nextSession($0) }
      for text in [String(tokens[0].dropLast()), tokens[0] + "A", "x", String(repeating: "A", count: 3000)] {
        #expect(try house.signOut(text).hasPrefix("NO expired :"), "\(text)")
      }
      #expect(try house.holds(tokens[0]))
      try house.daemon.moveClock(by: 300 + 601)
      #expect(try house.signOut(tokens[0]).hasPrefix("OK signed-out :"))
      #expect(try house.ended(people[0]).isEmpty)
      try house.slapd.modify("dn: \(people[1].dn)\nchangetype: delete\n")
      #expect(try house.signOut(tokens[1]).hasPrefix("OK signed-out :"))
    }
  }

  @Test("of a session that is suspended, by a lock or a mark of an LDAP tool, holds when that is taken away")
  func suspended() async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options, hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let (first, second) = (try house.nextSession(person), try house.nextSession(person))
      try house.slapd.modify(person, "replace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z")
      #expect(try !house.holds(first) && !house.holds(second))
      #expect(try house.signOut(first).hasPrefix("OK signed-out"))
      try house.slapd.modify(person, "delete: pwdAccountLockedTime")
      #expect(try !house.holds(first) && house.holds(second))
    }
  }

  @Test("no SESSION that was asked after its reply holds, through two daemons, however many ask at the time")
  func race() async throws {
    try await House.with(hasOwnClock: true) { house in
      let second = try Daemon(
        directory: house.slapd.uri, mailPort: nil, keys: house.daemon.keys, hasOwnClock: true)
      defer { second.end() }
      let person = try house.people("jdoe")[0]
      for _ in 0..<10 {
        let token = try house.nextSession(person)
        try second.moveClock(by: 30)
        let isOut = Mutex(false)
        let before = Mutex(0)
        let after = Mutex(0)
        let wrong = Mutex<[String]>([])
        inParallel(8) { index in
          guard let client = try? (index % 2 == 0 ? house.daemon : second).client() else { return }
          if index == 0 {
            while before.withLock({ $0 }) < 20 { usleep(1000) }
            let reply = (try? client.send("SIGNOUT \(token)")) ?? "none"
            if !reply.hasPrefix("OK signed-out") { wrong.withLock { $0.append(reply) } }
            return isOut.withLock { $0 = true }
          }
          for _ in 0..<1000 {
            let wasOut = isOut.withLock { $0 }
            let reply = (try? client.send("SESSION \(token)")) ?? "none"
            if wasOut {
              after.withLock { $0 += 1 }
              if !reply.hasPrefix("NO expired") { wrong.withLock { $0.append(reply) } }
              if after.withLock({ $0 }) > 50 { return }
            } else if reply.hasPrefix("OK session") {
              before.withLock { $0 += 1 }
            } else if !reply.hasPrefix("NO expired") {
              wrong.withLock { $0.append(reply) }
            }
          }
        }
        #expect(before.withLock { $0 } >= 20 && after.withLock { $0 } > 0)
        #expect(wrong.withLock { $0 } == [])
      }
    }
  }

  @Test("an answer of the directory that is lost is read back; a write that is refused is LATER, and no end")
  func lostAnswer() async throws {
    try await FaultyHouse.with { house in
      let people = try house.people(["jdoe", "mary"])
      let client = try house.daemon.client()
      let tokens = try people.map { try client.session($0, service: nil, at: house.daemon.time) }
      house.proxy.set(.loseAnswer, at: .modifyRequest)
      #expect(try client.send("SIGNOUT \(tokens[0])").hasPrefix("OK signed-out"))
      house.proxy.passAll()
      #expect(try client.send("SESSION \(tokens[0])").hasPrefix("NO expired"))
      house.proxy.set(.answer(code: 53), at: .modifyRequest)
      #expect(try client.send("SIGNOUT \(tokens[1])").hasPrefix("LATER directory"))
      house.proxy.passAll()
      #expect(try client.send("SESSION \(tokens[1])").hasPrefix("OK session"))
      #expect(try client.send("SIGNOUT \(tokens[1])").hasPrefix("OK signed-out"))
    }
  }
}
