import Fixtures
import Foundation
import Synchronization
import Testing

/// EC-06: however often a code is asked for, few mails go, and the reply does not tell.
@Suite("Mails to one account", .serialized) struct MailLimitTests {
  @Test(
    "are five in an hour and ten in a day for 1,000 requests, and every reply is the same", arguments: [true, false])
  func limits(isInvited: Bool) async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"0s\"\n", hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      let begin = clock.time
      // Codes for the invited one, notices for the other.
      let mail = isInvited ? "jdoe@example.org" : try house.people("jdoe")[0].mail
      if isInvited { try house.slapd.add(Slapd.account("jdoe")) }
      let replies = Mutex<Set<String>>([])
      func ask(_ count: Int) throws {
        let clients = try (0..<count).map { _ in try house.daemon.client() }
        inParallel(count) { index in
          let reply = (try? clients[index].send("FIRST \(index % 2 == 0 ? mail : mail.uppercased())")) ?? "none"
          // The mask holds what was typed.
          replies.withLock { _ = $0.insert(reply.lowercased()) }
        }
      }
      func sent() throws -> Int { try house.recipients().filter { $0 == mail }.count }

      for round in 0..<40 {  // a round in 61 s, 41 min in all
        try clock.set(begin + round * 61)
        try ask(isInvited ? 20 : 4)
        if round == 0 { #expect(try sent() == 1) }
      }
      #expect(try sent() == 5)
      for round in 1...20 {
        try clock.set(begin + 41 * 60 + round * 3600)
        try ask(isInvited ? 10 : 4)
      }
      #expect(try sent() == 10)
      #expect(replies.withLock { $0 }.count == 1)
      #expect(replies.withLock { $0 }.allSatisfy { $0.hasPrefix("ask code to=j%2a%2a%2a%40example.org ") })
      // The day is over: another.
      try clock.set(begin + 86_401)
      try ask(isInvited ? 10 : 4)
      #expect(try sent() == 11)
    }
  }
}
