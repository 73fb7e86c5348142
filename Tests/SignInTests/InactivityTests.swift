import Fixtures
import Testing

@testable import SignIn

@Suite("365 idle days")
struct InactivityTests {
  private static let day: Int64 = 86_400
  private let rule = Inactivity(limitSeconds: 365 * Self.day)

  private func account(clock: String?, signIn: String? = nil, bind: String? = nil) -> Account {
    Sample.active.with {
      $0.idleSince = clock.map { StoredTime(stored: bytes($0)) }
      $0.lastSignIn = signIn.flatMap(time)
      $0.lastBind = bind.flatMap(time)
    }
  }

  /// Seen at the first time; the second is 365 days later.
  static let years: [(seen: String, limit: String)] = [
    ("20250115093000.123456Z", "20260115093000.123456Z"),
    ("20250115000000Z", "20260115000000Z"),
    ("20250115235959.999999Z", "20260115235959.999999Z"),
    ("20250115103000,5+0100", "20260115093000.5Z"),
    ("20250114233000-0500", "20260115043000Z"),
    // A year with a leap day in it is a day longer.
    ("20240229120000Z", "20250228120000Z"),
    ("20240228120000Z", "20250227120000Z"),
    ("20240301120000Z", "20250301120000Z"),
    ("20230228120000Z", "20240228120000Z"),
    ("20230301120000Z", "20240229120000Z"),
    ("20230302120000Z", "20240301120000Z"),
    ("18990301120000Z", "19000301120000Z"),
    ("19990301120000Z", "20000229120000Z"),
  ]

  @Test("a second less stays, a second more is due", arguments: years)
  func boundary(seen: String, limit: String) throws {
    let limit = try #require(time(limit))
    // The clock is cut to the day, as a sign-in writes it; the stamp of the sign-in is exact.
    let account = account(clock: try #require(time(seen)).generalizedDay, signIn: seen)
    #expect(rule.verdict(on: account, at: limit.adding(seconds: -1)) == .stays)
    #expect(rule.verdict(on: account, at: limit.adding(microseconds: -1)) == .stays)
    #expect(rule.verdict(on: account, at: limit) == .stays)
    #expect(rule.verdict(on: account, at: limit.adding(microseconds: 1)) == .due)
    #expect(rule.verdict(on: account, at: limit.adding(seconds: 1)) == .due)
  }

  @Test(
    "a clock without any other stamp counts from the end of its day",
    arguments: ["20250115000000Z", "20250115153000Z", "202501152359+0000", "20250116003000+0100"])
  func clockAlone(clock: String) throws {
    let limit = try #require(time("20260116000000Z"))
    let account = account(clock: clock)
    #expect(rule.verdict(on: account, at: limit.adding(seconds: -1)) == .stays)
    #expect(rule.verdict(on: account, at: limit) == .stays)
    #expect(rule.verdict(on: account, at: limit.adding(seconds: 1)) == .due)
  }

  static let old = "20200101000000Z"
  static let new = "20250601080000Z"

  @Test(
    "the newest of the stamps counts, whichever it is",
    arguments: [
      (old, old, old, .due), (new, old, old, .stays), (old, new, old, .stays), (old, old, new, .stays),
      (old, new, new, .stays), (old, nil, nil, .due), (old, nil, new, .stays), (old, new, nil, .stays),
      (new, nil, nil, .stays), (new, old, nil, .stays), (new, nil, old, .stays),
    ] as [(String, String?, String?, Inactivity.Verdict)])
  func newest(clock: String, signIn: String?, bind: String?, verdict: Inactivity.Verdict) throws {
    let now = try #require(time("20260115000000Z"))
    #expect(rule.verdict(on: account(clock: clock, signIn: signIn, bind: bind), at: now) == verdict)
  }

  @Test("an account without a clock is nobody's to deactivate", arguments: [nil, old, new] as [String?])
  func noClock(signIn: String?) throws {
    let now = try #require(time("20400101000000Z"))
    #expect(rule.verdict(on: account(clock: nil, signIn: signIn, bind: signIn), at: now) == .stays)
  }

  @Test(
    "a clock that is no time is reported, never acted on",
    arguments: ["", "never", "20250230000000Z", "20200101000000", "\0", "2020-01-01"])
  func unparsable(clock: String) throws {
    let now = try #require(time("20400101000000Z"))
    #expect(rule.verdict(on: account(clock: clock), at: now) == .doubtful)
    #expect(rule.verdict(on: account(clock: clock, signIn: Self.old, bind: Self.new), at: now) == .doubtful)
  }

  @Test(
    "nor is a stamp in the future",
    arguments: [
      ("20260116000000Z", nil, nil, .doubtful), ("99991231000000Z", nil, nil, .doubtful),
      (old, "20260115120000.000001Z", nil, .doubtful), (old, "20260115120000Z", nil, .stays),
      (old, nil, "20260115120000.000001Z", .doubtful), (old, nil, "20260115120000Z", .stays),
      (old, old, "20360101000000Z", .doubtful), ("20260115000000Z", "20260115120001Z", old, .doubtful),
      // The rest of today is not the future: the clock is cut to the day.
      ("20260115180000Z", nil, nil, .stays), ("20260115000000Z", nil, nil, .stays),
    ] as [(String, String?, String?, Inactivity.Verdict)])
  func future(clock: String, signIn: String?, bind: String?, verdict: Inactivity.Verdict) throws {
    let now = try #require(time("20260115120000Z"))
    #expect(rule.verdict(on: account(clock: clock, signIn: signIn, bind: bind), at: now) == verdict)
  }

  @Test("what the search asks the directory for leaves out nobody who is due")
  func cutoff() throws {
    let now = try #require(time("20260115120000Z"))
    #expect(rule.cutoff(at: now) == time("20250115120000Z"))
    var random = SeededGenerator(seed: 1)
    for _ in 0..<2_000 {
      let seen = now.adding(seconds: Int64.random(in: -366 * Self.day ... -364 * Self.day, using: &random))
      guard rule.verdict(on: account(clock: seen.generalizedDay), at: now) == .due else { continue }
      #expect(seen.startOfDay <= rule.cutoff(at: now))
    }
  }

  @Test("no limit and no stamp traps", arguments: [Int64.min, -1, 0, 1, .max])
  func extremes(limit: Int64) {
    let rule = Inactivity(limitSeconds: limit)
    for clock in ["00000101000000Z", "99991231235959.999999Z"] {
      for now in [Timestamp.earliest, 0, Timestamp.latest].map(Timestamp.init(microseconds:)) {
        _ = rule.verdict(on: account(clock: clock, signIn: clock), at: now)
      }
    }
  }
}
