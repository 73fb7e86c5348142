/// When an account counts as idle, since when, and when its owner is warned.
public struct Inactivity: Equatable, Sendable {
  /// Where an organisation has no limit of its own.
  public var limitSeconds: Int64
  /// How long before the end of the limit a warning is due, each a different one.
  public var warnSecondsBefore: [Int64]
  public var organisations: Organisations

  public init(limitSeconds: Int64, warnSecondsBefore: [Int64] = [], organisations: Organisations = .none) {
    self.limitSeconds = limitSeconds
    self.warnSecondsBefore = warnSecondsBefore
    self.organisations = organisations
  }

  public func limitSeconds(for account: Account) -> Int64 {
    organisations.limitSeconds(for: account) ?? limitSeconds
  }

  /// Accounts whose clock stands here or earlier may be due, whatever their organisation.
  public func cutoff(at now: Timestamp) -> Timestamp {
    now.adding(seconds: -min(limitSeconds, organisations.shortestLimitSeconds ?? limitSeconds))
  }

  /// When the account will be due, unless it is used before; nil where it has no clock, or an unreadable one.
  public func end(of account: Account) -> Timestamp? {
    account.lastSeen?.upperBound.adding(seconds: limitSeconds(for: account))
  }

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

  /// Decided on the newest of the clock and every stamp of a sign-in. The clock is cut to the day: where no stamp tells
  /// the hour, the whole of that day must be past the limit.
  public func verdict(on account: Account, at now: Timestamp) -> Verdict {
    guard account.idleSince != nil else { return .stays }
    guard let seen = account.lastSeen, seen.lowerBound <= now else { return .doubtful }
    return seen.upperBound.adding(seconds: limitSeconds(for: account)) < now ? .due : .stays
  }

  /// The days that are left to an account whose owner is to be warned now; nil where nothing is to be said. A daemon
  /// that slept through a warning sends the next one alone.
  public func daysToTell(_ account: Account, at now: Timestamp) -> Int64? {
    guard verdict(on: account, at: now) == .stays, let end = end(of: account) else {
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
    let oldest = now.adding(seconds: -max(0, limitSeconds(for: account) - (warnSecondsBefore.max() ?? 0)))
    let known = [account.lastSignIn, account.lastBind, account.created].compactMap { $0 }.filter { $0 <= now }.max()
    return max(known ?? now, oldest)
  }
}

extension Account {
  /// Between when and when the owner was last seen: a moment where a stamp tells it, else the day that the clock is cut
  /// to. Nil where there is no clock, or it is no time.
  public var lastSeen: ClosedRange<Timestamp>? {
    guard let clock = idleSince?.time?.startOfDay else { return nil }
    let stamp = [lastSignIn, lastBind].compactMap { $0 }.max()
    if let stamp, stamp >= clock { return stamp...stamp }
    return clock...clock.adding(seconds: 86_400)
  }
}
