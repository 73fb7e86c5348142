public import Secrets

/// What an organisation has decided about its flows.
public struct Rules: Equatable, Sendable {
  public var password = PasswordRule(profile: .guide)
  /// How many old hashes a new password is compared with, beside the present one.
  public var historyMax = 0
  /// The name that an authenticator app shows.
  public var issuer = "Single Sign-On"
  public var codeLifetimeSeconds: Int64 = 300
  public var mailCooldownSeconds: Int64 = 60
  public var mail = Allowance.mail(cooldownSeconds: 60, perHour: 5, perDay: 10)
  public var invitationLifetimeSeconds: Int64 = 14 * 86_400
  /// Forgot-password begins with a mailed code, too (NIST SP 800-63B-4, section 4.2.2.2).
  public var forgotNeedsMailedCode = false
  public var upgradesHashes = false
  /// What a hash costs that is made today.
  public var hashCost = Argon2Parameters.standard
  /// Some decide for themselves.
  public var organisations = Organisations.none

  /// Tries of one factor in one flow.
  public static let triesMax = 5
  /// Wrong tries that a mailed code survives.
  public static let codeTriesMax = 5
  public static let codeDigits = 6
  public static let inactivityLimitMinDays = 2

  public init() {}

  /// The password rule of an account.
  public func password(for account: Account) -> PasswordRule {
    guard let profile = organisations.passwordProfile(for: account) else { return password }
    return password.with(profile)
  }

  /// How often a factor may be tried.
  public func allowance(of factor: Factor) -> Allowance {
    switch factor {
    case .password: .password
    case .authenticator: .authenticator
    case .forgot: .forgot
    case .mailedCode: .mailedCode
    case .mail: mail
    case .notice: .notice
    }
  }
}

/// When an account counts as idle, and since when.
public struct Inactivity: Equatable, Sendable {
  /// Where an organisation has no limit of its own.
  public var limitSeconds: Int64
  public var organisations = Organisations.none

  public init(limitSeconds: Int64, organisations: Organisations = .none) {
    self.limitSeconds = limitSeconds
    self.organisations = organisations
  }

  public func limitSeconds(for account: Account) -> Int64 {
    organisations.limitSeconds(for: account) ?? limitSeconds
  }

  /// Accounts whose clock stands here or earlier may be due, whatever their organisation.
  public func cutoff(at now: Timestamp) -> Timestamp {
    now.adding(seconds: -min(limitSeconds, organisations.shortestLimitSeconds ?? limitSeconds))
  }

  /// An account that signed in here or later is not due.
  public func cutoff(for account: Account, at now: Timestamp) -> Timestamp {
    now.adding(seconds: -limitSeconds(for: account))
  }

  /// When the account will be due, unless it is used before; nil where it has no clock, or an unreadable one.
  public func end(of account: Account) -> Timestamp? {
    account.lastSeen.map { $0.adding(seconds: limitSeconds(for: account)) }
  }

  public enum Verdict: Equatable, Sendable {
    case due
    case stays
    /// A stamp that is no time or lies in the future: reported, never acted on.
    case doubtful
  }

  /// Decided on the newest of the clock and every stamp of a sign-in. The clock is cut to the day, so an account is
  /// due only once the whole of that day is past the limit.
  public func verdict(on account: Account, at now: Timestamp) -> Verdict {
    guard account.idleSince != nil else { return .stays }
    guard let newest = account.lastSeen else { return .doubtful }
    if newest > now { return .doubtful }
    return newest.adding(seconds: limitSeconds(for: account)) < now ? .due : .stays
  }
}

extension Account {
  /// The newest of the clock and every stamp of a sign-in; nil where there is no clock, or it is no time.
  public var lastSeen: Timestamp? {
    guard let clock = idleSince?.time else { return nil }
    return [clock.startOfDay, lastSignIn, lastBind].compactMap { $0 }.max()
  }
}
