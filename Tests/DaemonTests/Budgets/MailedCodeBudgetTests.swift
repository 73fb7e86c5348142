import Fixtures
import Foundation
import Synchronization
import Testing

/// EC-04: ten wrong codes within an hour and twenty within a day, whoever counts and whatever was mailed anew.
@Suite("The budget of mailed codes", .serialized) struct MailedCodeBudgetTests {
  private static let settings = "[limits]\nrefusal-floor = \"5ms\""
  /// A minute is left to what the test itself takes.
  private static let (hour, day) = (3600 - 60, 86_400 - 60)

  /// Two daemons with clocks of their own, on one directory.
  private struct Pair {
    let house: House
    let second: Daemon
    let person: Person
    /// When a wrong code was evaluated.
    var times: [Int] = []
    private var sessions = 0

    init(_ house: House) throws {
      self.house = house
      second = try Daemon(
        directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys, settings: settings,
        hasOwnClock: true)
      person = Person("jdoe")
      try house.slapd.add(Slapd.account(person.uid))
    }

    func move(by seconds: Int) throws {
      for daemon in [house.daemon, second] { try daemon.moveClock(by: seconds) }
    }

    /// A new connection to the other daemon, a new flow: two wrong codes, a new code where one is to be had, and three
    /// more wrong ones. Answers the last reply.
    mutating func session() throws -> String {
      sessions += 1
      let client = try (sessions.isMultiple(of: 2) ? second : house.daemon).client()
      var reply = try client.send("FIRST \(person.mail)")
      for number in 1...5 {
        if number == 3 {
          try move(by: 61)
          reply = try client.send("AGAIN")
          #expect(reply.hasPrefix("ASK code") && !reply.contains(" refused="), "\(reply)")
        }
        reply = try client.send("CODE 000000")
        guard Guess.isEvaluated(reply) else { return reply }
        times.append(house.daemon.time)
      }
      try move(by: 61)
      return reply
    }

    func count(since start: Int, within seconds: Int) -> Int { times.filter { $0 < start + seconds }.count }
  }

  @Test("outlives resends, new connections, new flows and the other daemon")
  func inSequence() async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      var pair = try Pair(house)
      defer { pair.second.end() }
      let start = house.daemon.time
      for _ in 0..<2 { #expect(try pair.session().hasPrefix("NO denied")) }
      #expect(pair.times.count == 10)
      // The right code, freshly mailed, is not even looked at.
      let owner = try house.daemon.client()
      #expect(try owner.send("FIRST \(pair.person.mail)").hasPrefix("ASK code"))
      #expect(
        try owner.send("CODE \(house.mail.code(to: pair.person.mail, number: 5))").hasPrefix("NO locked after="))

      while house.daemon.time < start + Self.day - 240 {
        let reply = try pair.session()
        #expect(reply.hasPrefix("NO denied") || reply.hasPrefix("NO locked after="), "\(reply)")
        try pair.move(by: 600)
      }
      #expect(pair.count(since: pair.times[0], within: Self.hour) == 10)
      #expect(pair.times.count == 20)
      // A day after the first ones it is open again, as far as the hour allows.
      try pair.move(by: max(0, pair.times[9] + Self.day + 120 - house.daemon.time))
      for _ in 0..<4 { _ = try pair.session() }
      #expect(pair.times.count == 30)
      for (index, time) in pair.times.enumerated() {
        if index >= 10 { #expect(time - pair.times[index - 10] >= Self.hour) }
        if index >= 20 { #expect(time - pair.times[index - 20] >= Self.day) }
      }
    }
  }

  @Test("holds where twenty flows of two daemons guess at once: one more at the most")
  func inParallelFlows() async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let pair = try Pair(house)
      defer { pair.second.end() }
      let clients = try (0..<20).map { try ($0.isMultiple(of: 2) ? house.daemon : pair.second).client() }
      for client in clients { #expect(try client.send("FIRST \(pair.person.mail)").hasPrefix("ASK code")) }
      let replies = Mutex<[String]>([])
      inParallel(clients.count) { index in
        for _ in 0..<5 {
          guard let reply = try? clients[index].send("CODE 000000") else { return }
          replies.withLock { $0.append(reply) }
          guard reply.hasPrefix("ASK") else { return }
        }
      }
      let all = replies.withLock { $0 }
      let evaluated = all.filter(Guess.isEvaluated).count
      #expect((10...11).contains(evaluated), "\(all)")
      #expect(all.filter { $0.hasPrefix("NO locked after=") }.count >= 10)
      #expect(try house.slapd.remembered("drawbridgeCodeTries", of: pair.person) == evaluated)
      #expect(try house.slapd.entry(pair.person).string("drawbridgeCode") == nil)
    }
  }
}
