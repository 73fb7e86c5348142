internal import SignIn

/// What people read. The words of the user guide, where it has any.
struct Texts: Sendable {
  var deactivated: String
  var deactivatedByAdministrator: String
  var contact: String?

  func text(for ask: Ask) -> String {
    let question =
      switch ask.prompt {
      case .password: "Password"
      case .code: "Verification code has been sent. Please copy it to the input box below."
      case .newPassword: "New Password"
      case .confirmPassword: "Confirm New Password"
      case .totp: "Enter the verification code from your authenticator app."
      case .combined: "Enter your password and, right behind it, the verification code from your authenticator app."
      case .enrol: "Scan the QR code with your authenticator app, then enter the code that it shows."
      }
    guard let refused = ask.refused else { return question }
    return "\(text(for: refused, ask.prompt)) \(question)"
  }

  private func text(for refusal: Ask.Refusal, _ prompt: Ask.Prompt) -> String {
    switch refusal {
    case .wrong:
      switch prompt {
      case .password: "Wrong password."
      case .combined: "Wrong password or code."
      default: "Wrong code."
      }
    case .reused: "This code was used already. Wait for the next one."
    case .expired: "The code has expired. Ask for a new one."
    case .tooSoon: "A code was sent a moment ago. Wait a minute before you ask for another."
    case .password(let objection): text(for: objection)
    }
  }

  private func text(for objection: PasswordRule.Objection) -> String {
    switch objection {
    case .tooShort: "The password is too short."
    case .tooLong: "The password is too long."
    case .badCharacter: "The password holds a character that is not allowed."
    case .dotBeforeAt: "A . must not stand right before an @."
    case .tooFewClasses: "The password needs three of: lowercase, uppercase, numbers, symbols."
    case .common: "The password is too common."
    case .mismatch: "The two entries differ."
    case .reused: "The password was used before."
    }
  }

  func text(for ending: Ending) -> String {
    switch ending {
    case .signedIn: "You are signed in."
    case .passwordChanged: "Your password has been changed."
    case .denied: "Sign-in failed. Check what you entered, or ask for help."
    case .deactivated(let account):
      account.deactivation?.reason == .administrator ? deactivatedByAdministrator : deactivated
    case .locked: "Too many failed tries. Wait, then try again."
    case .unsupported:
      "Your account has no authenticator app yet, and this program cannot set one up. Sign in elsewhere first."
    case .passwordExpired: "Your password has expired. Ask your administrator."
    }
  }
}
