public import Secrets

/// What happens to a flow: the user answered, or an effect that the flow asked for has come to its end.
public enum Event: Equatable, Sendable {
  case opened
  case answered(Answer)
  /// The end of `Action.read`.
  case found(Subject)
  /// The end of `Action.verify`.
  case verified(PasswordHash.Verdict)
  /// The end of `Action.hash`.
  case hashed(PasswordHash)
  /// The end of `Action.match`: the time step of the code, or nil.
  case matched(step: Int64?)
  /// The end of `Action.matchRecoveryCode`: the code as it is stored, or nil.
  case matchedRecoveryCode([UInt8]?)
  /// The end of `Action.matchMailedCode`.
  case matchedMailedCode(Bool)
  /// The end of `Action.drawSecret`.
  case drawn(Secret)
  /// The end of `Action.drawRecoveryCodes`.
  case drawnRecoveryCodes(RecoveryCodes)
  /// A change landed. The end of `commit`, `attempt`, `charge` and `mailCode`.
  case applied
  /// The condition of a change did not hold; the account as it is now.
  case refused(Subject)
}

/// What a user typed.
public enum Answer: Equatable, Sendable {
  case password(Secret)
  case code([UInt8])
  case again
  case newPassword(Secret)
  case confirmPassword(Secret)
  case totp([UInt8])
  case recoveryCode([UInt8])
  /// Password and code in one, the code last.
  case combined(Secret)
  case enrol([UInt8])
}

/// What a flow wants done next. One at a time; every effect ends in one event.
public enum Action: Equatable, Sendable {
  /// Ask the user. A notice, if any, goes to the owner's mailbox and tells what the reply may not.
  case ask(Ask, notice: Notice? = nil)
  /// The flow is over.
  case end(Ending, notice: Notice? = nil)
  /// The answer makes no sense here; nothing changed.
  case outOfTurn
  /// Not now: take the flow back to where it stood before the answer.
  case later
  /// Read the account, and keep everybody else from evaluating this factor of it until the next `ask` or `end`.
  case read(Factor)
  /// Nil: against a decoy that takes as long and never matches.
  case verify(Secret, against: PasswordHash?)
  case hash(Secret)
  case match([UInt8], Authenticator?)
  /// With the recovery codes of an account; nil takes as long and never matches.
  case matchRecoveryCode([UInt8], Account?)
  case matchMailedCode([UInt8], Account?, MailedCodePurpose)
  /// Draw an authenticator's secret.
  case drawSecret
  /// Draw so many recovery codes for an entry.
  case drawRecoveryCodes(EntryUUID, count: Int)
  /// Draw a code, store it as the one live code, and mail it.
  case mailCode(Account, MailedCodePurpose, expires: Timestamp)
  /// Store that a guess was wrong. It has been evaluated, so this is repeated until it lands.
  case charge(Factor, Subject)
  case commit(Change)
  /// As `commit`, but the flow goes on whatever comes of it.
  case attempt(Change)
}

/// Whose codes a typed code is compared with.
public enum Authenticator: Equatable, Sendable {
  case sealed([UInt8], EntryUUID)
  /// Shown to the user, but not proven and not stored yet.
  case pending(Secret)
}

public enum MailedCodePurpose: String, Equatable, Sendable {
  case firstLogin = "first-login"
  case halfSetUp = "half-set-up"
  case forgot = "forgot-password"
}

/// A question, and what was wrong with the answer before.
public struct Ask: Equatable, Sendable {
  public enum Prompt: Equatable, Sendable {
    case password
    case code
    case newPassword
    case confirmPassword
    case totp
    case combined
    /// `uri` is the otpauth address of the QR picture, `secret` the same secret in base32 for typing.
    case enrol(uri: String, secret: String)
  }

  public enum Refusal: Equatable, Sendable {
    case wrong, reused, expired
    case tooSoon
    case password(PasswordRule.Objection)
  }

  public let prompt: Prompt
  public var refused: Refusal?
  /// Tries left in this flow; says nothing about the account.
  public var left: Int?
  /// Of a new password: whose rule counts, where it is not the installation's.
  public var profile: PasswordRule.Profile?

  public init(_ prompt: Prompt, refused: Refusal? = nil, left: Int? = nil, profile: PasswordRule.Profile? = nil) {
    self.prompt = prompt
    self.refused = refused
    self.left = left
    self.profile = profile
  }
}

public enum Ending: Equatable, Sendable {
  /// The account as it was before this sign-in, and the recovery codes of an authenticator that it has enrolled.
  case signedIn(Account, recovery: RecoveryCodes = .none)
  /// Another authenticator in the place of the old one.
  case enrolled(Account, recovery: RecoveryCodes)
  case passwordChanged(Account)
  /// Wrong credentials, no such account, tries spent, an administrator's lock: one word for all.
  case denied
  case deactivated(Account)
  case locked(seconds: Int64)
  case passwordExpired
  /// The client cannot show the next step.
  case unsupported
}

/// A mail to the owner of an account.
public enum Notice: Equatable, Sendable {
  case passwordChanged(Account)
  case enrolled(Account)
  case authenticatorReplaced(Account)
  case recoveryCodeUsed(Account, left: Int)
  case alreadySetUp(Account)
  case notSetUpYet(Account)
  /// It has a password and no authenticator: signing in sets it up.
  case halfSetUp(Account)
  case invitationExpired(Account)
  case deactivated(Account)
  /// So many wrong tries in a row that a factor rests now.
  case failedAttempts(Account)
}
