internal import SignIn

extension Attribute {
  static let objectClass: Attribute = "objectClass"
  static let entryUUID: Attribute = "entryUUID"
  static let createTimestamp: Attribute = "createTimestamp"
  static let modifyTimestamp: Attribute = "modifyTimestamp"
  static let modifiersName: Attribute = "modifiersName"
  static let mail: Attribute = "mail"
  static let uid: Attribute = "uid"
  static let preferredLanguage: Attribute = "preferredLanguage"
  static let userPassword: Attribute = "userPassword"
  static let password: Attribute = "drawbridgePassword"
  static let passwordHistory: Attribute = "drawbridgePasswordHistory"
  static let totpSecret: Attribute = "drawbridgeTOTPSecret"
  static let totpLastStep: Attribute = "drawbridgeTOTPLastStep"
  static let lastSignIn: Attribute = "drawbridgeLastSignIn"
  static let previousSignIn: Attribute = "drawbridgePreviousSignIn"
  static let idleSince: Attribute = "drawbridgeIdleSince"
  static let invitedTime: Attribute = "drawbridgeInvitedTime"
  static let deactivatedTime: Attribute = "drawbridgeDeactivatedTime"
  static let deactivatedReason: Attribute = "drawbridgeDeactivatedReason"
  static let warnedTime: Attribute = "drawbridgeWarnedTime"
  static let warningClaimed: Attribute = "drawbridgeWarningClaimed"
  static let lockSet: Attribute = "drawbridgeLockSet"
  static let code: Attribute = "drawbridgeCode"
  static let recoveryCode: Attribute = "drawbridgeRecoveryCode"
  static let sessionsSince: Attribute = "drawbridgeSessionsSince"
  static let sessionEnded: Attribute = "drawbridgeSessionEnded"
  static let exempt: Attribute = "drawbridgeExempt"
  /// Of ppolicy. A server without it knows neither, and fails every write and every assertion that names one.
  static let accountLockedTime: Attribute = "pwdAccountLockedTime"
  static let passwordChangedTime: Attribute = "pwdChangedTime"
  static let passwordReset: Attribute = "pwdReset"
  /// Of slapd itself, from 2.5 on: known whether or not it is kept.
  static let passwordLastSuccess: Attribute = "pwdLastSuccess"
  /// Of the lastbind overlay.
  static let authTimestamp: Attribute = "authTimestamp"

  /// Of the shared entry.
  static let lastSweep: Attribute = "drawbridgeLastSweep"
  static let sweepBegun: Attribute = "drawbridgeSweepBegun"
  static let member: Attribute = "member"

  static func tries(_ factor: Factor) -> Attribute {
    switch factor {
    case .password: "drawbridgePasswordTries"
    case .authenticator: "drawbridgeOTPTries"
    case .forgot: "drawbridgeForgotTries"
    case .mailedCode: "drawbridgeCodeTries"
    case .mail: "drawbridgeMailsSent"
    case .notice: "drawbridgeNoticesSent"
    }
  }

  /// What an account is read with. The login attributes come on top.
  static let ofAccount: [Attribute] =
    [
      .entryUUID, .createTimestamp, .mail, .uid, .preferredLanguage, .userPassword, .password, .passwordHistory,
      .totpSecret,
      .totpLastStep, .lastSignIn, .previousSignIn, .idleSince, .invitedTime, .deactivatedTime, .deactivatedReason,
      .warnedTime, .warningClaimed, .lockSet, .code, .recoveryCode, .exempt, .sessionsSince, .sessionEnded,
      .accountLockedTime,
      .passwordChangedTime, .passwordReset, .passwordLastSuccess, .authTimestamp, .modifiersName, .modifyTimestamp,
    ] + Factor.allCases.map { tries($0) }
}

extension [Attribute] {
  /// What is decided by whether an account is idle.
  static let ofInactivity: [Attribute] = [
    .entryUUID, .idleSince, .lastSignIn, .exempt, .passwordLastSuccess, .authTimestamp,
  ]
}

extension Filter {
  /// Only entries of this class take part.
  static let isAccount = Filter.equal(.objectClass, "drawbridgeAccount")
}
