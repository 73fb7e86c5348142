/// The languages in which every message is written.
public enum BuiltInLanguage: String, Sendable, CaseIterable {
  case en, fr, nl, de
}

extension Template {
  /// The text for an installation that has no file of its own, in the form that ``Templates`` describes.
  public func text(in language: BuiltInLanguage) -> String {
    switch language {
    case .en: english
    case .fr: french
    case .nl: dutch
    case .de: german
    }
  }

  private var english: String {
    switch self {
    case .firstLoginCode:
      """
      Subject: {product} account email verification code

      Verify your email address

      Thanks for verifying your account! Your code is: {code}

      It sets up the account {login} during your first-time login and is valid for {minutes} minutes.
      \(Self.codeAdvice)
      \(Self.end)
      """
    case .halfSetUpCode:
      """
      Subject: {product} account email verification code

      Verify your email address

      Thanks for verifying your account! Your code is: {code}

      It lets you set up an authenticator app for the account {login} and is valid for {minutes} minutes.
      Your password has been entered before this message was sent: if that was not you, change it at once.
      \(Self.codeAdvice)
      \(Self.end)
      """
    case .forgotPasswordCode:
      """
      Subject: {product} account email verification code

      Verify your email address

      Thanks for verifying your account! Your code is: {code}

      It is one step to a new password for the account {login} and is valid for {minutes} minutes.
      \(Self.codeAdvice)
      \(Self.end)
      """
    case .alreadySetUp:
      """
      Subject: Your {product} account is already set up

      Somebody asked for a first-time login with this address, but the account {login} is already set up.
      If you do not know your password any more, choose "Forgot password"; your authenticator app will be asked for.
      If it was not you, there is nothing to do.
      \(Self.end)
      """
    case .notSetUpYet:
      """
      Subject: Your {product} account is not set up yet

      Somebody tried to use the account {login}, but it is not set up yet.
      To set it up, choose "First time login"; a code will be sent to this address.
      If it was not you, there is nothing to do.
      \(Self.end)
      """
    case .halfSetUp:
      """
      Subject: Your {product} account

      The account {login} has a password, and no authenticator app yet.
      Sign in with that password: a code will be sent to this address, and a picture shown to scan with an
      authenticator app on your phone. If you do not know the password, ask your organisation's Administrator.
      Administrator: {contact}
      \(Self.end)
      """
    case .invitationExpired:
      """
      Subject: Your {product} invitation has expired

      Somebody asked for a first-time login with this address, but the invitation of {login}
      was not taken up in time. Ask your organisation's Administrator to invite you again.
      Administrator: {contact}
      \(Self.end)
      """
    case .deactivatedNotice:
      """
      Subject: Your {product} account has been deactivated

      The account {login} has been deactivated.
      Contact your organisation's Administrator to reactivate it.
      Administrator: {contact}
      \(Self.end)
      """
    case .inactivityWarning:
      """
      Subject: Your {product} account will be deactivated

      The account {login} has not been used for a long time and will be deactivated in {days} days.
      To keep it, sign in once before then.
      \(Self.end)
      """
    case .passwordChanged:
      """
      Subject: Your {product} password was changed

      The password of the account {login} was changed.
      \(Self.alarm)
      \(Self.end)
      """
    case .enrolled:
      """
      Subject: An authenticator app was set up for your {product} account

      An authenticator app was set up for the account {login}. Sign-in asks for its codes from now on.
      \(Self.alarm)
      \(Self.end)
      """
    case .authenticatorReplaced:
      """
      Subject: Another authenticator app was set up for your {product} account

      Another authenticator app was set up for the account {login}. The one before, and the recovery codes that came
      with it, are no longer good for anything, and you are signed out everywhere.
      \(Self.alarm)
      \(Self.end)
      """
    case .recoveryCodeUsed:
      """
      Subject: A recovery code of your {product} account was used

      A recovery code was used in place of the authenticator app of the account {login}.
      So many are left: {left}. New ones come with a new authenticator app.
      \(Self.alarm)
      \(Self.end)
      """
    case .factorReset:
      """
      Subject: Your {product} sign-in was reset

      An administrator has reset the password and the authenticator app of the account {login}.
      To set it up again, choose "First time login"; a code will be sent to this address.
      \(Self.alarm)
      \(Self.end)
      """
    case .reactivated:
      """
      Subject: Your {product} account was reactivated

      The account {login} is active again. Sign in with your usual password and authenticator app.
      If you do not know your password any more, choose "Forgot password".
      \(Self.end)
      """
    case .failedAttempts:
      """
      Subject: Failed sign-ins to your {product} account

      Somebody has tried to sign in as {login} several times and failed. Further tries are slowed down.
      If it was you, wait a little and try again. If it was not, your account is still safe.
      \(Self.end)
      """
    case .digest:
      """
      Subject: {product}: accounts of {organisation} that will be deactivated

      Within the next {days} days, {count} accounts of {organisation} will be deactivated due to inactivity,
      unless they are used before:

      {account}  {date}
      and {more} more

      Nothing has to be done. Whoever wants to keep an account signs in once before its date.
      \(Self.end)
      """
    case .invitation:
      """
      Subject: Your {product} account

      An account has been made for you: {login}
      Choose "First time login" within {days} days to set it up. You will be asked to choose a password,
      and to scan a picture with an authenticator app on your phone.
      \(Self.end)
      """
    }
  }

  private static let codeAdvice = """
    Nobody will ask you for this code: type it yourself where you asked for it, and tell it to no one.
    If you did not ask for it, ignore this message.
    """

  private static let alarm = """
    If it was not you, contact your organisation's Administrator at once.
    Administrator: {contact}
    """

  private static let end = """

    Help: {support}

    Sincerely, {product}

    This message was sent from an unmonitored email address. Please do not reply to this message.

    """
}
