import Fixtures
import Foundation
import Testing

@Suite("A daemon sweeps by itself", .serialized) struct SweepTimesTests {
  @Test("at a time of the day, by the host's time zone")
  func timeOfDay() async throws {
    let settings = "[inactivity]\nsweep-at = [\"23:59\", \"03:30\"]\njitter = \"0s\"\n"
    try await House.with(settings: settings, hasOwnClock: true) { house in
      try house.slapd.add(1, "idle", lastUsed(1_577_836_800))
      var calendar = Calendar(identifier: .gregorian)
      calendar.timeZone = .current
      let now = Date(timeIntervalSince1970: Double(house.daemon.time))
      let next = try #require(
        calendar.nextDate(
          after: now, matching: DateComponents(hour: 3, minute: 30, second: 0), matchingPolicy: .nextTime))
      // Not before.
      let early = Int(next.timeIntervalSince(now)) - 120
      try house.daemon.moveClock(by: early)
      try Fixtures.await("a look at the clock", within: 60) {
        // The directory's clock stays behind by a day at the most.
        try house.daemon.client().send("PING") == "OK pong" ? true : nil
      }
      #expect(try house.slapd.deactivated() == 0)
      try house.daemon.moveClock(by: 121)
      try Fixtures.await("the sweep", within: 60) { try house.slapd.deactivated() == 1 ? true : nil }
      #expect(house.daemon.log.contains("sweep=full"))
    }
  }

  @Test("at its interval, again and again")
  func interval() async throws {
    try await House.with(settings: "[inactivity]\nsweep-every = \"1s\"\njitter = \"12h\"\n") { house in
      for round in 0..<3 {
        try house.slapd.add(1, "idle\(round)-", lastUsed(1_577_836_800))
        try Fixtures.await("sweep \(round)") { try house.slapd.deactivated() == round + 1 ? true : nil }
      }
    }
  }
}
