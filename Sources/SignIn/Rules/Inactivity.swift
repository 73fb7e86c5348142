/// When an account counts as idle, since when, and when its owner is warned.
public struct Inactivity: Equatable, Sendable {
  public var limitSeconds: Int64
  /// How long before the end of the limit a warning is due, each a different one.
  public var warnSecondsBefore: [Int64]

  public init(limitSeconds: Int64, warnSecondsBefore: [Int64] = []) {
    self.limitSeconds = limitSeconds
    self.warnSecondsBefore = warnSecondsBefore
  }

  /// Accounts whose clock stands here or earlier may be due.
  public func cutoff(at now: Timestamp) -> Timestamp { now.adding(seconds: -limitSeconds) }

  /// Accounts whose clock stands here or earlier may have to be warned; nil where nobody is.
  public func warningCutoff(at now: Timestamp) -> Timestamp? {
    warnSecondsBefore.max().map { cutoff(at: now).adding(seconds: $0) }
  }

  public enum Verdict: Equatable, Sendable {
    case due
    case stays
    /// A stamp that is no time or lies in the future: reported, never acted on.
    case doubtful
  }

  /// Decided on the newest of the clock and every stamp of a sign-in. The clock is cut to the day, and counts from its
  /// midnight.
  public func verdict(on account: Account, at now: Timestamp) -> Verdict {
    guard account.idleSince != nil else { return .stays }
    guard let newest = lastSeen(account), newest <= now else { return .doubtful }
    return newest.adding(seconds: limitSeconds) < now ? .due : .stays
  }

  /// The days that are left to an account whose owner is to be warned now; nil where nothing is to be said. A daemon
  /// that slept through a warning sends the next one alone.
  public func daysToTell(_ account: Account, at now: Timestamp) -> Int64? {
    guard verdict(on: account, at: now) == .stays, let end = lastSeen(account)?.adding(seconds: limitSeconds) else {
      return nil
    }
    let left = end.secondsSince(now)
    guard let due = warnSecondsBefore.filter({ left <= $0 }).min() else { return nil }
    if let warned = account.warned?.time, warned >= end.adding(seconds: -due), warned <= now { return nil }
    return max(1, (left + 86_399) / 86_400)
  }

  /// The first clock of an account that has none: the newest stamp that is known, but young enough that the account is
  /// warned before it goes.
  public func firstClock(of account: Account, at now: Timestamp) -> Timestamp {
    let oldest = now.adding(seconds: -max(0, limitSeconds - (warnSecondsBefore.max() ?? 0)))
    let known = [account.lastSignIn, account.lastBind, account.created].compactMap { $0 }.filter { $0 <= now }.max()
    return max(known ?? now, oldest)
  }

  private func lastSeen(_ account: Account) -> Timestamp? {
    guard let clock = account.idleSince?.time else { return nil }
    return [clock.startOfDay, account.lastSignIn, account.lastBind].compactMap { $0 }.max()
  }
}
