import Testing

@testable import SignIn

@Suite("When a warning is due") struct WarningTimeTests {
  private static let day: Int64 = 86_400
  private let rule = Inactivity(limitSeconds: 365 * day, warnSecondsBefore: [30 * day, 7 * day])
  private let seen = Timestamp(seconds: 1_700_000_000)

  private func account(warned: Timestamp? = nil) -> Account {
    var account = Account(id: EntryUUID("entry"), dn: "uid=jdoe,dc=example,dc=org")
    account.idleSince = StoredTime(stored: Array(seen.generalizedDay.utf8))
    account.lastSignIn = seen
    account.warned = warned.map { StoredTime(stored: Array($0.generalizedTime.utf8)) }
    return account
  }

  /// So long before the account is due.
  private func before(_ seconds: Int64) -> Timestamp { seen.adding(seconds: 365 * Self.day - seconds) }

  @Test(
    "from 30 days before on, with the days that are left",
    arguments: [
      (31 * day, nil), (30 * day + 1, nil), (30 * day, 30), (30 * day - 1, 30), (29 * day, 29), (8 * day, 8),
      (7 * day, 7),
      (day, 1), (1, 1), (0, 1), (-1, nil), (-day, nil),
    ] as [(Int64, Int64?)])
  func days(left: Int64, told: Int64?) { #expect(rule.daysToTell(account(), at: before(left)) == told) }

  @Test("once for each time, the latest alone where earlier ones were missed")
  func once() {
    let warned = account(warned: before(29 * Self.day))
    #expect(rule.daysToTell(warned, at: before(28 * Self.day)) == nil)
    #expect(rule.daysToTell(warned, at: before(7 * Self.day + 1)) == nil)
    #expect(rule.daysToTell(warned, at: before(7 * Self.day)) == 7)
    #expect(rule.daysToTell(account(warned: before(6 * Self.day)), at: before(5 * Self.day)) == nil)
    #expect(rule.daysToTell(account(warned: before(30 * Self.day)), at: before(10 * Self.day)) == nil)
    // A stamp of another year, or of the future, is none of these.
    #expect(rule.daysToTell(account(warned: before(400 * Self.day)), at: before(10 * Self.day)) == 10)
    #expect(rule.daysToTell(account(warned: before(-Self.day)), at: before(10 * Self.day)) == 10)
  }

  @Test("never without a warning's time, a clock, or a sound stamp")
  func never() {
    #expect(Inactivity(limitSeconds: 365 * Self.day).daysToTell(account(), at: before(1)) == nil)
    #expect(Inactivity(limitSeconds: 365 * Self.day).warningCutoff(at: seen) == nil)
    var other = account()
    other.idleSince = nil
    #expect(rule.daysToTell(other, at: before(1)) == nil)
    other = account()
    other.lastSignIn = before(-Self.day)
    #expect(rule.daysToTell(other, at: before(1)) == nil)
  }

  @Test("the search leaves out nobody who is to be warned")
  func cutoff() throws {
    for days in 1...29 as ClosedRange<Int64> {
      let now = before(days * Self.day)
      #expect(rule.daysToTell(account(), at: now) != nil)
      let cutoff = try #require(rule.warningCutoff(at: now))
      #expect(seen.startOfDay <= cutoff)
    }
  }

  @Test("a first clock leaves time for the first warning")
  func firstClock() {
    let now = before(0)
    var imported = account()
    imported.idleSince = nil
    imported.lastSignIn = nil
    imported.created = Timestamp(seconds: 1_000_000_000)
    #expect(rule.firstClock(of: imported, at: now) == now.adding(seconds: -335 * Self.day))
    imported.lastBind = now.adding(seconds: -5)
    #expect(rule.firstClock(of: imported, at: now) == now.adding(seconds: -5))
    imported.lastBind = now.adding(seconds: 5)
    #expect(rule.firstClock(of: imported, at: now) == now.adding(seconds: -335 * Self.day))
    imported.created = nil
    #expect(rule.firstClock(of: imported, at: now) == now)
    let short = Inactivity(limitSeconds: 2 * Self.day, warnSecondsBefore: [30 * Self.day])
    imported.created = Timestamp(seconds: 1_000_000_000)
    #expect(short.firstClock(of: imported, at: now) == now)
  }
}
