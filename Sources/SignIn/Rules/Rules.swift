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
  /// How many recovery codes go with an authenticator; none where it is 0.
  public var recoveryCodes = 8
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
    case .mail, .notice: mail
    }
  }
}
