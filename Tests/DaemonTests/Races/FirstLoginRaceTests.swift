import Fixtures
import Foundation
import Synchronization
import Testing

/// FL-05.
@Suite("Two first-time logins of one account", .serialized) struct FirstLoginRaceTests {
  private static let settings = "[password]\nmemory-kib = 64\npasses = 1\n[limits]\nrefusal-floor = \"5ms\""
  private static let rounds = 10

  @Test("that both show an authenticator end with one, and the entry is the winner's", arguments: [1, 2])
  func oneWins(daemons: Int) async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let second = try Daemon(
        directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys, settings: Self.settings,
        hasOwnClock: true)
      defer { second.end() }
      let other = daemons == 1 ? house.daemon : second
      func move(by seconds: Int) throws { for daemon in [house.daemon, second] { try daemon.moveClock(by: seconds) } }

      let people = (0..<Self.rounds).map { index in
        ["Str0ng-Enough", "An0ther-Enough"].map { Person("u\(index)", password: $0) }
      }
      for person in people.map({ $0[0] }) { try house.slapd.invite(person) }
      let firsts = try people.map { try Enrolling($0[0], on: house.daemon, house.mail, code: 1) }
      try move(by: 61)
      let seconds = try people.map { try Enrolling($0[1], on: other, house.mail, code: 2) }

      var winners: [Int] = []
      for (pair, flows) in zip(people, zip(firsts, seconds).map { [$0, $1] }) {
        let lines = try flows.map { try $0.line(at: house.daemon.time) }
        let replies = Mutex(["", ""])
        inParallel(2) { index in
          let reply = (try? flows[index].client.send(lines[index])) ?? "no answer"
          replies.withLock { $0[index] = reply }
        }
        let both = replies.withLock { $0 }
        let winner = try #require(both.firstIndex { $0.hasPrefix("OK signed-in") }, "\(both)")
        #expect(both[1 - winner].hasPrefix("NO denied"), "\(both)")
        #expect(try house.slapd.enrolment(of: pair[0]) == .complete)
        winners.append(winner)
      }
      // The next code of each secret: the first was used up by the enrolment.
      try move(by: 30)
      for ((pair, winner), flows) in zip(zip(people, winners), zip(firsts, seconds).map { [$0, $1] }) {
        #expect(try !flows[1 - winner].signsIn(pair[winner], on: house.daemon))
        #expect(try !flows[winner].signsIn(pair[1 - winner], on: house.daemon))
        #expect(try flows[winner].signsIn(pair[winner], on: house.daemon))
      }
    }
  }
}
