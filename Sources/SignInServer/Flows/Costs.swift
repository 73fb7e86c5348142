internal import SignIn

extension Ask {
  /// How long a person may take.
  var deadlineSeconds: Int64 {
    switch prompt {
    case .password, .totp, .combined, .newPassword, .confirmPassword: 120
    case .code: 330
    case .enrol: 15 * 60
    }
  }

  /// A wrong answer, or a mail that was asked for; whether one went out is nobody's to learn.
  var costsSource: Bool {
    switch (prompt, refused) {
    case (_, .wrong), (.code, nil): true
    default: false
    }
  }

  /// Whether the time that this reply took could tell who has an account.
  var tellsByTime: Bool {
    switch (prompt, refused) {
    case (.code, _), (_, .wrong): true
    default: false
    }
  }
}

extension Ending {
  /// A refusal that a source earns by trying on; it is held back, too, since the time that it took could tell who has an
  /// account.
  var costsSource: Bool {
    switch self {
    case .denied, .locked: true
    case .signedIn, .enrolled, .passwordChanged, .deactivated, .passwordExpired, .unsupported: false
    }
  }

  var signsIn: Bool {
    if case .signedIn = self { true } else { false }
  }

  var auditWord: String {
    switch self {
    case .signedIn: "signed-in"
    case .enrolled: "enrolled"
    case .passwordChanged: "password-changed"
    case .denied: "denied"
    case .deactivated: "deactivated"
    case .locked: "locked"
    case .passwordExpired: "password-expired"
    case .unsupported: "unsupported"
    }
  }

  var account: Account? {
    switch self {
    case .signedIn(let account, _), .enrolled(let account, _), .passwordChanged(let account),
      .deactivated(let account):
      account
    case .denied, .locked, .passwordExpired, .unsupported: nil
    }
  }
}
