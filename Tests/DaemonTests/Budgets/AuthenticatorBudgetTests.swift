import Fixtures
import Foundation
import Testing

/// TH-10: a right password is no success. What was tried wrongly is forgotten by a whole sign-in alone.
@Suite("The authenticator's budget", .serialized) struct AuthenticatorBudgetTests {
  private static let settings = "[limits]\nrefusal-floor = \"5ms\""

  /// A new connection, the right password, and a wrong code where one is asked for; answers the last reply.
  private func guess(_ person: Person, _ house: House) throws -> String {
    let client = try house.daemon.client()
    let asked = try Guess.authenticator.open(client, person)
    guard asked.hasPrefix("ASK totp") else { return asked }
    return try client.send(Guess.authenticator.wrongAnswer(person, at: house.daemon.time))
  }

  @Test("grows with each wrong code, whatever right passwords come between, and then rests")
  func grows() async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      for number in 1...4 {
        #expect(try guess(person, house).contains(" refused=wrong left=4 "))
        #expect(try house.slapd.inARow("drawbridgeOTPTries", of: person) == number)
      }
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      #expect(try house.slapd.entry(person).string("drawbridgeOTPTries") == nil)
      try house.daemon.moveClock(by: 30)

      for number in 1...5 {
        #expect(try guess(person, house).contains(" refused=wrong left=4 "))
        #expect(try house.slapd.inARow("drawbridgeOTPTries", of: person) == number)
      }
      for _ in 0..<3 { #expect(try guess(person, house).hasPrefix("NO locked after=")) }
      // After the delay one more is let in, and the next delay is twice as long.
      try house.daemon.moveClock(by: 31)
      #expect(try guess(person, house).contains(" refused=wrong left=4 "))
      try house.daemon.moveClock(by: 31)
      #expect(try guess(person, house).hasPrefix("NO locked after="))
      try house.daemon.moveClock(by: 30)
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
    }
  }

  /// TH-03. The client waits as long as it is told to, and guesses on.
  @Test("lets thirty guesses in within a day, and after a hundred in a row none until an administrator has acted")
  func days() async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let day = 86_400
      var times: [Int] = []
      var last = ""
      // A hundred take about four days; the rest that follows is told as an hour, and does not end.
      let end = house.daemon.time + 10 * day
      while house.daemon.time < end {
        last = try guess(person, house)
        if last.contains(" refused=wrong left=4 ") {
          times.append(house.daemon.time)
          continue
        }
        let words = last.split(separator: " ")
        let after = words.first { $0.hasPrefix("after=") }.flatMap { Int($0.dropFirst(6)) }
        let seconds = try #require(after, "\(last)")
        try #require(last.hasPrefix("NO locked") && (1...day).contains(seconds), "\(last)")
        try house.daemon.moveClock(by: seconds)
      }
      #expect(times.count == 100)
      // A minute is left to what the test itself takes.
      for (index, time) in times.enumerated().dropFirst(30) { #expect(time - times[index - 30] >= day - 60) }
      #expect(times.filter { $0 < times[0] + day - 60 }.count == 30)
      #expect(last.hasPrefix("NO locked"))
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("NO locked"))

      try house.slapd.modify(person, "delete: drawbridgeOTPTries")
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
    }
  }
}
