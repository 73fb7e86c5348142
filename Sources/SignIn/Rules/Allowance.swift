/// How often a factor may be tried. A pure rule over `Tries` and a time.
public struct Allowance: Equatable, Sendable {
  /// At most `limit` within any `seconds`, sliding.
  public struct Window: Equatable, Sendable {
    public let limit: Int
    public let seconds: Int64
  }

  public enum Verdict: Equatable, Sendable {
    case open
    /// Nothing is evaluated for so many seconds.
    case rests(seconds: Int64)
  }

  /// So many in a row cost no delay; each further one doubles it. Nil: a row of any length costs none.
  public internal(set) var freeInARow: Int?
  public internal(set) var firstDelaySeconds: Int64 = 30
  public internal(set) var longestDelaySeconds: Int64 = 3600
  public internal(set) var windows: [Window] = []
  /// At so many in a row the factor rests until an administrator unlocks it.
  public internal(set) var restsForGoodAt: Int?

  /// At so many wrong tries in a row, and at each multiple of it, the owner is told.
  public static let noticedInARow = 5

  /// A stranger must not be able to shut the owner out: delays, never a hard limit.
  public static let password = Allowance(freeInARow: 5)

  /// Reached only after a right password. NIST SP 800-63B-4, section 3.2.2: at most 100 failures in a row.
  public static let authenticator = Allowance(
    freeInARow: 5, windows: [Window(limit: 30, seconds: 86_400)], restsForGoodAt: 100)

  /// Forgot-password asks for the authenticator's code alone: a small budget of its own that never feeds the others.
  public static let forgot = Allowance(windows: [Window(limit: 5, seconds: 86_400)])

  /// Survives a resend, a reconnect and another daemon: a new code does not refill it.
  public static let mailedCode = Allowance(
    windows: [Window(limit: 10, seconds: 3600), Window(limit: 20, seconds: 86_400)])

  /// Codes mailed to one account, and apart from them notices that a stranger can set off; no more than are remembered, 30.
  public static func mail(cooldownSeconds: Int64, perHour: Int, perDay: Int) -> Allowance {
    Allowance(windows: [
      Window(limit: 1, seconds: cooldownSeconds), Window(limit: min(perHour, Tries.recentMax), seconds: 3600),
      Window(limit: min(perDay, Tries.recentMax), seconds: 86_400),
    ])
  }

  public func verdict(on tries: Tries, at now: Timestamp) -> Verdict {
    let recent = tries.recent(at: now)
    var rest: Int64 = 0
    if let restsForGoodAt, tries.consecutive >= restsForGoodAt { rest = longestDelaySeconds }
    if let freeInARow, tries.consecutive >= freeInARow, let last = recent.last {
      let doublings = min(tries.consecutive - freeInARow, 20)
      let delay = min(firstDelaySeconds << Int64(doublings), longestDelaySeconds)
      // Another daemon's clock may be a little ahead; nobody is told more than the delay.
      rest = max(rest, min(last.adding(seconds: delay).secondsSince(now), delay))
    }
    for window in windows {
      let counted = recent.filter { now < $0.adding(seconds: window.seconds) }
      guard counted.count >= window.limit, window.limit > 0 else { continue }
      let freed = counted[counted.count - window.limit].adding(seconds: window.seconds)
      rest = max(rest, min(freed.secondsSince(now), window.seconds))
    }
    return rest > 0 ? .rests(seconds: rest) : .open
  }
}
