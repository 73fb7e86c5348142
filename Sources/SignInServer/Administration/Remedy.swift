internal import Directory
internal import Secrets
internal import SignIn
internal import Wire

/// What any LDAP tool can do about an account, ready for `ldapmodify`.
struct Remedy {
  /// What it is for: `reactivate`.
  let name: String
  private let lines: [String]

  /// Each line of each remedy is an item: its text is the line, its field `change=` the remedy that it belongs to.
  static func items(for account: Account, at now: Timestamp, knowsPasswordPolicy: Bool) -> [Item] {
    all(for: account, at: now, knowsPasswordPolicy).flatMap { remedy in
      (dn(account.dn) + ["changetype: modify"] + remedy.lines).map { Item([Field("change", remedy.name)], text: $0) }
    }
  }

  private static func all(for account: Account, at now: Timestamp, _ knowsPasswordPolicy: Bool) -> [Remedy] {
    let hash = account.hashIsBehindPassThrough ? "drawbridgePassword" : "userPassword"
    let forgetPassword = clear(hash)
    let forgetRecovery = account.recoveryCodes.isEmpty ? [] : clear("drawbridgeRecoveryCode")
    let forgetAuthenticator = clear("drawbridgeTOTPSecret") + forgetRecovery
    let invite = set("drawbridgeInvitedTime", now.generalizedTime)
    let startOver =
      (account.hash == nil ? [] : forgetPassword) + (account.sealedSecret == nil ? [] : forgetAuthenticator)
      + clear("drawbridgeIdleSince") + invite
    let deactivate =
      set("drawbridgeDeactivatedTime", now.generalizedTime) + set("drawbridgeDeactivatedReason", "administrator")
      // Else the owner would still bind to slapd.
      + (knowsPasswordPolicy ? set("pwdAccountLockedTime", "000001010000Z") + set("drawbridgeLockSet", "TRUE") : [])
    var remedies: [Remedy] = []
    switch account.standing {
    case .deactivated: remedies = [Remedy("reactivate", ["delete: drawbridgeDeactivatedTime", "-"])]
    case .locked: remedies = [Remedy("unlock", clear("pwdAccountLockedTime"))]
    case .invited: remedies = [Remedy("invite-again", invite), Remedy("deactivate", deactivate)]
    case .lacksAuthenticator, .lacksPassword:
      remedies = [Remedy("first-time-login", startOver), Remedy("deactivate", deactivate)]
    case .active:
      remedies = [
        Remedy("reset-authenticator", forgetAuthenticator), Remedy("reset-password", forgetPassword),
        Remedy("first-time-login", startOver), Remedy("deactivate", deactivate),
      ]
    }
    if account.hasForeignLock, account.standing != .locked {
      remedies.append(Remedy("unlock", clear("pwdAccountLockedTime")))
    }
    let charged = Factor.guesses.filter { account.tries[$0] != .none }
    if !charged.isEmpty { remedies.append(Remedy("forget-tries", charged.flatMap { clear($0.attribute) })) }
    if !forgetRecovery.isEmpty { remedies.append(Remedy("forget-recovery-codes", forgetRecovery)) }
    remedies.append(
      account.isExempt
        ? Remedy("exempt-no-more", clear("drawbridgeExempt")) : Remedy("exempt", set("drawbridgeExempt", "TRUE")))
    return remedies
  }

  private init(_ name: String, _ lines: [String]) {
    self.name = name
    self.lines = lines
  }

  private static func set(_ attribute: String, _ value: String) -> [String] {
    ["replace: \(attribute)", "\(attribute): \(value)", "-"]
  }

  /// A replace by nothing: it does no harm where the attribute is gone meanwhile.
  private static func clear(_ attribute: String) -> [String] { ["replace: \(attribute)", "-"] }

  private static let lineMaxBytes = 1000

  /// The line `dn:` of RFC 2849: in base64 where the name is no SAFE-STRING, folded where it is long.
  private static func dn(_ dn: String) -> [String] {
    let bytes = Array(dn.utf8)
    let isSafe =
      bytes.allSatisfy { (0x20..<0x7F).contains($0) }
      && !(bytes.first.map { [0x20, 0x3A, 0x3C].contains($0) } ?? true) && bytes.last != 0x20
    var rest = Array((isSafe ? "dn: \(dn)" : "dn:: " + padded(Base64.encode(bytes))).utf8)[...]
    var lines: [String] = []
    while !rest.isEmpty {
      let part = rest.prefix(lineMaxBytes)
      rest = rest.dropFirst(part.count)
      lines.append((lines.isEmpty ? "" : " ") + String(decoding: part, as: UTF8.self))
    }
    return lines
  }

  private static func padded(_ base64: [UInt8]) -> String {
    String(decoding: base64, as: UTF8.self) + String(repeating: "=", count: (4 - base64.count % 4) % 4)
  }
}

extension Factor {
  /// Where its budget stands.
  var attribute: String {
    switch self {
    case .password: "drawbridgePasswordTries"
    case .authenticator: "drawbridgeOTPTries"
    case .forgot: "drawbridgeForgotTries"
    case .mailedCode: "drawbridgeCodeTries"
    case .mail: "drawbridgeMailsSent"
    case .notice: "drawbridgeNoticesSent"
    }
  }
}
