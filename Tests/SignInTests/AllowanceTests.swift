import Testing

@testable import SignIn

@Suite("How often a factor may be tried")
struct AllowanceTests {
  private static let mail = Allowance.mail(cooldownSeconds: 60, perHour: 5, perDay: 10)
  private let t = Timestamp.sample

  private func row(of count: Int, last: Timestamp) -> Tries { Tries(stored: nil, consecutive: count, recent: [last]) }

  // MARK: Delays

  /// Five cost nothing, then 30 s that double up to an hour.
  static let delays: [(wrong: Int, seconds: Int64)] = [
    (1, 0), (2, 0), (3, 0), (4, 0), (5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 960), (11, 1920), (12, 3600),
    (13, 3600), (26, 3600), (63, 3600), (99, 3600),
  ]

  @Test("so many wrong passwords or codes in a row cost so many seconds", arguments: delays)
  func delay(wrong: Int, seconds: Int64) {
    for allowance in [Allowance.password, .authenticator] {
      let tries = row(of: wrong, last: t)
      guard seconds > 0 else {
        #expect(allowance.verdict(on: tries, at: t) == .open)
        continue
      }
      #expect(allowance.verdict(on: tries, at: t) == .rests(seconds: seconds))
      #expect(allowance.verdict(on: tries, at: t.adding(microseconds: 1)) == .rests(seconds: seconds))
      #expect(allowance.verdict(on: tries, at: t.adding(seconds: 1)) == .rests(seconds: seconds - 1))
      #expect(allowance.verdict(on: tries, at: t.adding(seconds: seconds - 1)) == .rests(seconds: 1))
      #expect(
        allowance.verdict(on: tries, at: t.adding(seconds: seconds).adding(microseconds: -1)) == .rests(seconds: 1))
      #expect(allowance.verdict(on: tries, at: t.adding(seconds: seconds)) == .open)
    }
  }

  @Test("no row of wrong passwords shuts the owner out for more than an hour", arguments: [100, 5000, 1_000_000])
  func passwordNeverRestsForGood(wrong: Int) {
    #expect(Allowance.password.verdict(on: row(of: wrong, last: t), at: t) == .rests(seconds: 3600))
    #expect(Allowance.password.verdict(on: row(of: wrong, last: t), at: t.adding(seconds: 3600)) == .open)
  }

  @Test("a hundred wrong codes in a row rest until an administrator unlocks the factor")
  func authenticatorRestsForGood() {
    let tenYearsOn = t.adding(seconds: 3650 * 86_400)
    #expect(Allowance.authenticator.verdict(on: row(of: 99, last: t), at: tenYearsOn) == .open)
    #expect(Allowance.authenticator.verdict(on: row(of: 100, last: t), at: tenYearsOn) == .rests(seconds: 3600))
    #expect(Allowance.authenticator.verdict(on: row(of: 101, last: t), at: tenYearsOn) == .rests(seconds: 3600))
    #expect(Allowance.authenticator.verdict(on: .none, at: tenYearsOn) == .open)
  }

  @Test(
    "who has never tried may try", arguments: [Allowance.password, .authenticator, .forgot, .mailedCode, Self.mail])
  func none(allowance: Allowance) { #expect(allowance.verdict(on: .none, at: t) == .open) }

  // MARK: Windows

  struct Case: Sendable {
    let name: String
    let allowance: Allowance
    let limit: Int
    let seconds: Int64
    /// Between two tries, such that this window alone bites.
    let apart: Int64
  }

  static let windows = [
    Case(name: "codes of the app", allowance: .authenticator, limit: 30, seconds: 86_400, apart: 2800),
    Case(name: "forgot-password", allowance: .forgot, limit: 5, seconds: 86_400, apart: 1),
    Case(name: "forgot-password, slowly", allowance: .forgot, limit: 5, seconds: 86_400, apart: 21_599),
    Case(name: "mailed codes in an hour", allowance: .mailedCode, limit: 10, seconds: 3600, apart: 1),
    Case(name: "mailed codes in a day", allowance: .mailedCode, limit: 20, seconds: 86_400, apart: 4000),
    Case(name: "mails in a minute", allowance: mail, limit: 1, seconds: 60, apart: 1),
    Case(name: "mails in an hour", allowance: mail, limit: 5, seconds: 3600, apart: 61),
    Case(name: "mails in a day", allowance: mail, limit: 10, seconds: 86_400, apart: 3601),
  ]

  @Test("at most so many in so many seconds, sliding", arguments: windows)
  func window(_ c: Case) {
    let times = (0..<c.limit).map { t.adding(seconds: Int64($0) * c.apart) }
    let now = times.last ?? t
    let few = Tries(stored: nil, consecutive: 0, recent: Array(times.dropFirst()))
    if c.limit > 1 { #expect(c.allowance.verdict(on: few, at: now.adding(seconds: 60)) == .open) }

    // The oldest of them leaves the window to the microsecond; the second oldest is next.
    let many = Tries(stored: nil, consecutive: 0, recent: times)
    let free = t.adding(seconds: c.seconds)
    #expect(c.allowance.verdict(on: many, at: now) == .rests(seconds: free.secondsSince(now)))
    #expect(c.allowance.verdict(on: many, at: free.adding(seconds: -1)) == .rests(seconds: 1))
    #expect(c.allowance.verdict(on: many, at: free.adding(microseconds: -1)) == .rests(seconds: 1))
    #expect(c.allowance.verdict(on: many, at: free) == .open)
    let more = Tries(stored: nil, consecutive: 0, recent: times + [free])
    let wait = c.limit > 1 ? c.apart : c.seconds
    #expect(c.allowance.verdict(on: more, at: free) == .rests(seconds: max(wait, c.allowance == Self.mail ? 60 : wait)))
  }

  @Test("the longest of several waits counts")
  func longest() {
    // Ten mailed codes at once, and ten more an hour later: the hour's window ends before the day's.
    let early = (0..<10).map { t.adding(microseconds: $0) }
    let late = early.map { $0.adding(seconds: 3600) }
    let tries = Tries(stored: nil, consecutive: 0, recent: early + late)
    #expect(Allowance.mailedCode.verdict(on: tries, at: t.adding(seconds: 3601)) == .rests(seconds: 86_400 - 3601))
    // A fifth mail just now: the hour's cap outlasts the cooldown.
    let mails = Tries(stored: nil, consecutive: 5, recent: (0..<5).map { t.adding(seconds: 60 * $0) })
    #expect(Self.mail.verdict(on: mails, at: t.adding(seconds: 240)) == .rests(seconds: 3360))
  }

  @Test("a cap on mails beyond what is remembered is a cap all the same", arguments: [30, 31, 1000])
  func largeCaps(perHour: Int) {
    let generous = Allowance.mail(cooldownSeconds: 0, perHour: perHour, perDay: 10_000)
    var tries = Tries.none
    for sent in 0..<30 {
      #expect(generous.verdict(on: tries, at: t) == .open, "\(sent) mails")
      tries = tries.charged(at: t)
    }
    #expect(generous.verdict(on: tries, at: t) != .open)
  }

  // MARK: An attacker who never sleeps

  struct Siege: Sendable {
    let name: String
    let allowance: Allowance
    /// What is evaluated on each day.
    let perDay: [Int]
  }

  static let sieges = [
    Siege(name: "password", allowance: .password, perDay: [34, 24, 24]),
    // The hundredth on the fourth day is the last one for ever.
    Siege(name: "authenticator", allowance: .authenticator, perDay: [30, 24, 24, 22, 0, 0]),
    Siege(name: "forgot", allowance: .forgot, perDay: [5, 5, 5]),
    Siege(name: "mailed code", allowance: .mailedCode, perDay: [20, 20, 20]),
    Siege(name: "mail", allowance: mail, perDay: [10, 10, 10]),
  ]

  @Test("a guess each second, for days, is evaluated so often", arguments: sieges)
  func siege(_ siege: Siege) {
    var tries = Tries.none
    for (day, evaluations) in siege.perDay.enumerated() {
      var evaluated = 0
      for second in 0..<Int64(86_400) {
        let now = t.adding(seconds: Int64(day) * 86_400 + second)
        guard siege.allowance.verdict(on: tries, at: now) == .open else { continue }
        evaluated += 1
        tries = tries.charged(at: now)
      }
      #expect(evaluated == evaluations, "on day \(day + 1)")
    }
  }

  // MARK: A clock that was wrong

  struct Ahead: Sendable {
    let name: String
    let allowance: Allowance
    let wrong: Int
    /// The rest that so many wrong tries at once cost.
    let seconds: Int64
  }

  static let ahead = [
    Ahead(name: "password", allowance: .password, wrong: 5, seconds: 30),
    Ahead(name: "password, often", allowance: .password, wrong: 12, seconds: 3600),
    Ahead(name: "authenticator", allowance: .authenticator, wrong: 7, seconds: 120),
    Ahead(name: "authenticator, all day", allowance: .authenticator, wrong: 30, seconds: 86_400),
    Ahead(name: "forgot", allowance: .forgot, wrong: 5, seconds: 86_400),
    Ahead(name: "mailed code", allowance: .mailedCode, wrong: 10, seconds: 3600),
    Ahead(name: "mail", allowance: mail, wrong: 1, seconds: 60),
  ]

  @Test(
    "a clock that was ahead shuts nobody out for longer than a right one", arguments: ahead,
    [1, 29, 30, 31, 100, 3600, 90_000, 366 * 86_400, 8000 * 365 * 86_400] as [Int64])
  func clockAhead(_ a: Ahead, by ahead: Int64) {
    let stamp = t.adding(seconds: ahead)
    let tries = (0..<a.wrong).reduce(Tries.none) { tries, _ in tries.charged(at: stamp) }
    // Clocks apart by less than a step of the app are taken for right ones.
    let begin = ahead > 30 ? stamp.adding(seconds: -30) : t
    if ahead > 30 {
      #expect(a.allowance.verdict(on: tries, at: t) == .open)
      #expect(a.allowance.verdict(on: tries, at: begin.adding(seconds: -1)) == .open)
    }
    guard stamp.microseconds < Timestamp.latest else { return }
    if case .rests(let told) = a.allowance.verdict(on: tries, at: begin.adding(seconds: 1)) {
      #expect(told <= a.seconds)
    } else {
      Issue.record("a stamp that may be right counts")
    }
    #expect(a.allowance.verdict(on: tries, at: begin.adding(seconds: a.seconds + 31)) == .open)
  }

  @Test("nor does it open the door: the next wrong try counts in the same row, from now", arguments: ahead)
  func clockBack(_ a: Ahead) {
    let stamp = t.adding(seconds: 366 * 86_400)
    let tries = (0..<a.wrong).reduce(Tries.none) { tries, _ in tries.charged(at: stamp) }.charged(at: t)
    #expect(tries.consecutive == a.wrong + 1)
    guard case .rests(let told) = a.allowance.verdict(on: tries, at: t) else {
      Issue.record("open at once")
      return
    }
    #expect(a.seconds...max(2 * a.seconds, 60) ~= told)
    #expect(a.allowance.verdict(on: tries, at: t.adding(seconds: told + 1)) == .open)
  }
}
