import Fixtures
import Foundation
import Testing

/// AD-01, in the forms that a directory may hold a time in.
@Suite("A sweep at the limit of 365 days", .serialized) struct SweepBoundaryTests {
  private func sweep(at now: Int, _ accounts: [String: [String]], force: Bool = false) async throws -> [String: String]
  {
    try await House.with(settings: unpaced, hasOwnClock: true) { house in
      for (uid, lines) in accounts { try house.slapd.add(Slapd.account(uid, lines + ["userPassword: {SSHA}x"])) }
      try house.daemon.stopClock(at: now)
      let admin = try house.daemon.adminClient()
      let reply = try admin.send(force ? "SWEEP force" : "SWEEP")
      #expect(reply.hasPrefix("OK swept"), "\(reply)")
      let told = acts(admin.items)
      for uid in accounts.keys {
        let isDeactivated = try house.slapd.standing(uid)["drawbridgeDeactivatedTime"] != .some(nil)
        #expect(isDeactivated == (told[uid] == "deactivated"), "\(uid)")
      }
      return told.filter { $0.value != "warned" }
    }
  }

  /// The first second of a minute, an hour ahead.
  private var soon: Int { (Int(Date().timeIntervalSince1970) / 60 + 60) * 60 + 1 }

  private func account(_ signIn: String, clock: String = "20200101000000Z") -> [String] {
    ["drawbridgeIdleSince: \(clock)", "drawbridgeLastSignIn: \(signIn)"]
  }

  @Test("a second less stays, a second more goes, however the time is written")
  func signIns() async throws {
    let now = soon
    let then = now - 365 * daySeconds
    let bare = generalizedTime(then - 1).dropLast()
    let hour = generalizedTime(then - 1 + 3600).dropLast()
    let told = try await sweep(
      at: now,
      [
        "younger": account(generalizedTime(then + 1)), "exact": account(generalizedTime(then)),
        "older": account(generalizedTime(then - 1)),
        "fraction-younger": account("\(generalizedTime(then).dropLast()).5Z"),
        "fraction-older": account("\(bare).999999Z"), "comma": account("\(bare),25Z"),
        "offset": account("\(hour)+0100"), "offset-younger": account("\(bare)-0001"),
        // 12:00:60 is 12:01:00, the second before this one.
        "leap-second": account("\(generalizedTime(then - 61).dropLast(3))60Z"),
        "future": account(generalizedTime(now + 2 * daySeconds)),
        "future-clock": ["drawbridgeIdleSince: \(generalizedDay(now + 2 * daySeconds))"],
        "no-clock": ["drawbridgeLastSignIn: 20200101000000Z"],
      ])
    #expect(
      told == [
        "older": "deactivated", "fraction-older": "deactivated", "comma": "deactivated", "offset": "deactivated",
        "leap-second": "deactivated", "future": "skipped", "future-clock": "skipped", "no-clock": "clock-set",
      ])
  }

  @Test("a clock that a tool has written in another form goes as well")
  func clocks() async throws {
    let forms = [
      "20200101000000Z", "20200101000000.0Z", "20200101000000,000Z", "2020010100Z", "202001010000Z",
      "20200101013000+0130", "20191231235960Z", "20200101000000.123456Z",
    ]
    let accounts = Dictionary(
      uniqueKeysWithValues: forms.enumerated().map { ("form\($0)", ["drawbridgeIdleSince: \($1)"]) })
    let told = try await sweep(at: soon, accounts)
    #expect(told == accounts.mapValues { _ in "deactivated" })
  }

  @Test("over 29 February")
  func leapDay() async throws {
    // 2028-02-29T12:00:00Z and 365 days are 2029-02-28T12:00:00Z.
    let told = try await sweep(
      at: 1_866_974_400,
      [
        "younger": account("20280229120001Z"), "exact": account("20280229120000Z"), "older": account("20280229115959Z"),
        "march": account("20280301000000Z"), "day": ["drawbridgeIdleSince: 20280228000000Z"],
      ], force: true)
    #expect(told == ["older": "deactivated", "day": "deactivated"])
  }
}
