/// The messages that Drawbridge sends. The raw value names the file `<raw value>.txt` that replaces the built-in text.
public enum Template: String, Sendable, CaseIterable {
  /// The code of a first-time login.
  case firstLoginCode = "first-login-code"
  /// The code for an account with a password and without an authenticator.
  case halfSetUpCode = "half-set-up-code"
  /// The code that a forgotten password asks for, where mailed codes are switched on for it.
  case forgotPasswordCode = "forgot-password-code"
  /// In place of a code: the account exists, and a forgotten password has another way.
  case alreadySetUp = "already-set-up"
  /// In place of a changed password: the account has never been set up.
  case notSetUpYet = "not-set-up-yet"
  /// The account has a password and no authenticator: signing in sets it up.
  case halfSetUp = "half-set-up"
  /// In place of a code: the invitation was not taken up in time.
  case invitationExpired = "invitation-expired"
  /// In place of a code: the account is deactivated.
  case deactivatedNotice = "deactivated-notice"
  /// The account will be deactivated soon.
  case inactivityWarning = "inactivity-warning"
  case passwordChanged = "password-changed"
  case enrolled = "enrolled"
  /// Another authenticator is in the place of the old one.
  case authenticatorReplaced = "authenticator-replaced"
  case recoveryCodeUsed = "recovery-code-used"
  /// An administrator has taken the password or the authenticator away.
  case factorReset = "factor-reset"
  case reactivated = "reactivated"
  /// Somebody tried, again and again, and failed.
  case failedAttempts = "failed-attempts"
  case invitation = "invitation"
  /// To an organisation's administrators: whose accounts will be deactivated soon.
  case digest = "digest"

  /// What may stand in the text beside the ``Placeholder/everywhere``.
  var ownPlaceholders: Set<Placeholder> {
    switch self {
    case .firstLoginCode, .halfSetUpCode, .forgotPasswordCode: [.code, .minutes]
    case .inactivityWarning, .invitation: [.days]
    case .recoveryCodeUsed: [.left]
    case .digest: [.days, .organisation, .count, .account, .date, .more]
    case .alreadySetUp, .notSetUpYet, .halfSetUp, .invitationExpired, .deactivatedNotice, .passwordChanged, .enrolled,
      .authenticatorReplaced, .factorReset, .reactivated,
      .failedAttempts:
      []
    }
  }

  var placeholders: Set<Placeholder> { Placeholder.everywhere.union(ownPlaceholders) }

  /// Without these the message is of no use.
  var requiredPlaceholders: Set<Placeholder> { ownPlaceholders.intersection([.code, .account]) }
}

/// A name in braces that a value takes the place of.
public enum Placeholder: String, Sendable, CaseIterable {
  /// The mailed code; never in a subject, which shows on locked screens.
  case code
  /// How long the code is valid.
  case minutes
  /// Until the account is deactivated, or the invitation ends.
  case days
  /// How many recovery codes there are yet.
  case left
  case organisation
  /// How many accounts a digest is about.
  case count
  /// One of these accounts, and when it will be deactivated. A line with either is repeated for each account.
  case account, date
  /// How many accounts are not listed; without a value where all are.
  case more
  case product
  case login
  /// Where help is to be had.
  case support
  /// The organisation's administrator.
  case contact

  static let ofRows: Set<Placeholder> = [.account, .date]
  static let everywhere: Set<Placeholder> = [.product, .login, .support, .contact]
}
