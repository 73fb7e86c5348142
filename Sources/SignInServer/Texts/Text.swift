internal import SignIn

/// The texts that people read; the raw value is the key in the files of languages.
enum Text: String, CaseIterable, Sendable {
  case askPassword = "ask.password"
  case askCode = "ask.code"
  case askNewPassword = "ask.new-password"
  case askConfirmPassword = "ask.confirm-password"
  case askTOTP = "ask.totp"
  case askCombined = "ask.combined"
  case askEnrol = "ask.enrol"

  case refusedPassword = "refused.password"
  case refusedCode = "refused.code"
  case refusedCombined = "refused.combined"
  case refusedUsed = "refused.used"
  case refusedExpired = "refused.expired"
  case refusedTooSoon = "refused.too-soon"

  case tooShort = "new-password.too-short"
  case tooLong = "new-password.too-long"
  case badCharacter = "new-password.bad-character"
  case dotBeforeAt = "new-password.dot-before-at"
  case tooFewClasses = "new-password.too-few-classes"
  case common = "new-password.common"
  case mismatch = "new-password.mismatch"
  case reused = "new-password.reused"

  case signedIn = "end.signed-in"
  case enrolled = "end.enrolled"
  case passwordChanged = "end.password-changed"
  case denied = "end.denied"
  case deactivated = "end.deactivated"
  case deactivatedByAdministrator = "end.deactivated-by-administrator"
  case locked = "end.locked"
  case passwordExpired = "end.password-expired"
  case unsupported = "end.unsupported"
  case expired = "end.expired"

  case laterDirectory = "later.directory"
  case laterBusy = "later.busy"
  case laterOther = "later.other"

  case support
  case supportContact = "support.contact"

  /// What stands in braces in it, and must.
  var placeholder: String? { self == .supportContact ? "{contact}" : nil }
}

// MARK: - What says which

extension Text {
  init(_ prompt: Ask.Prompt) {
    self =
      switch prompt {
      case .password: .askPassword
      case .code: .askCode
      case .newPassword: .askNewPassword
      case .confirmPassword: .askConfirmPassword
      case .totp: .askTOTP
      case .combined: .askCombined
      case .enrol: .askEnrol
      }
  }

  init(_ refusal: Ask.Refusal, of prompt: Ask.Prompt) {
    self =
      switch (refusal, prompt) {
      case (.wrong, .password): .refusedPassword
      case (.wrong, .combined): .refusedCombined
      case (.wrong, _): .refusedCode
      case (.reused, _): .refusedUsed
      case (.expired, _): .refusedExpired
      case (.tooSoon, _): .refusedTooSoon
      case (.password(let objection), _): Text(objection)
      }
  }

  private init(_ objection: PasswordRule.Objection) {
    self =
      switch objection {
      case .tooShort: .tooShort
      case .tooLong: .tooLong
      case .badCharacter: .badCharacter
      case .dotBeforeAt: .dotBeforeAt
      case .tooFewClasses: .tooFewClasses
      case .common: .common
      case .mismatch: .mismatch
      case .reused: .reused
      }
  }

  init(_ ending: Ending) {
    self =
      switch ending {
      case .signedIn: .signedIn
      case .enrolled: .enrolled
      case .passwordChanged: .passwordChanged
      case .denied: .denied
      case .deactivated(let account):
        account.deactivation?.reason == .administrator ? .deactivatedByAdministrator : .deactivated
      case .locked: .locked
      case .passwordExpired: .passwordExpired
      case .unsupported: .unsupported
      }
  }

  init(_ later: Later) {
    self =
      switch later.reason {
      case "directory": .laterDirectory
      case "busy": .laterBusy
      default: .laterOther
      }
  }
}
