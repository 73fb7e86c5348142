import Fixtures
import Foundation
import Synchronization
import Testing

@Suite("How much of an entry sessions take that were signed out") struct EndedSessionLimitTests {
  private static let valuesMax = 32

  @Test("is 32 values: the next sign-out ends every session of the account, and the values with them")
  func everywhere() async throws {
    try await House.with(hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let (kept, last) = (try house.nextSession(person), try house.nextSession(person))
      let forged = try ForgedToken(person, house)
      for number in 1...Self.valuesMax {
        #expect(try house.signOut(forged.numbered(number)).hasPrefix("OK signed-out"))
        #expect(try house.ended(person).count == number)
      }
      #expect(try house.holds(kept) && house.holds(last))
      #expect(try house.signOut(last).hasPrefix("OK signed-out"))
      #expect(try !house.holds(last) && !house.holds(kept))
      #expect(try house.ended(person).isEmpty)
      #expect(try house.slapd.entry(person)["drawbridgesessionssince"] != nil)
      #expect(house.daemon.log.contains(" result=signed-out-everywhere "))
      #expect(try house.holds(house.nextSession(person)))
    }
  }

  @Test("stays within it for 10,000 sign-outs of one account at once, through two daemons")
  func tenThousand() async throws {
    try await House.with { house in
      let second = try Daemon(directory: house.slapd.uri, mailPort: nil, keys: house.daemon.keys)
      defer { second.end() }
      let person = try house.people("jdoe")[0]
      let forged = try ForgedToken(person, house)
      let replies = Mutex<[String: Int]>([:])
      let most = Mutex(0)
      let done = Mutex(0)
      inParallel(17) { index in
        guard index < 16 else {
          while done.withLock({ $0 }) < 16 {
            let count = (try? house.ended(person).count) ?? 0
            most.withLock { $0 = max($0, count) }
          }
          return
        }
        defer { done.withLock { $0 += 1 } }
        guard let client = try? (index % 2 == 0 ? house.daemon : second).client() else { return }
        for number in 0..<625 {
          let reply = (try? client.send("SIGNOUT \(forged.numbered(index * 1000 + number))")) ?? "none"
          replies.withLock { $0[String(reply.prefix(13)), default: 0] += 1 }
        }
      }
      // Two daemons may each write the last value.
      #expect((1...Self.valuesMax + 1).contains(most.withLock { $0 }), "\(most.withLock { $0 })")
      let told = replies.withLock { $0 }
      #expect(told.values.reduce(0, +) == 10_000)
      #expect(told.keys.allSatisfy { $0 == "OK signed-out" || $0 == "LATER changed" }, "\(told)")
      #expect(told["OK signed-out", default: 0] > 9_000)
    }
  }

  @Test(
    "values are taken away ten minutes after the end of their sessions, and hold until then where a clock is behind")
  func pruned() async throws {
    try await House.with(settings: "[session]\nlifetime = \"5m\"\n", hasOwnClock: true) { house in
      let behind = try Daemon(
        directory: house.slapd.uri, mailPort: nil, keys: house.daemon.keys,
        settings: "[session]\nlifetime = \"5m\"\n", hasOwnClock: true)
      defer { behind.end() }
      let person = try house.people("jdoe")[0]
      let token = try house.daemon.client().session(person, service: nil, at: house.daemon.time)
      #expect(try house.signOut(token).hasPrefix("OK signed-out"))
      let first = try house.ended(person)
      #expect(first.count == 1)
      // Its end has passed here, and not there.
      try house.daemon.moveClock(by: 330)
      #expect(try house.signOut(house.nextSession(person)).hasPrefix("OK signed-out"))
      #expect(try house.ended(person).count == 2)
      #expect(try !house.holds(token, at: behind))
      try house.daemon.moveClock(by: 600)
      try house.slapd.modify(person, "add: drawbridgeSessionEnded\ndrawbridgeSessionEnded: not one of ours")
      #expect(try house.signOut(house.nextSession(person)).hasPrefix("OK signed-out"))
      let left = try house.ended(person)
      #expect(left.count == 2 && !left.contains(first[0]) && !left.contains("not one of ours"), "\(left)")
    }
  }
}
