extension Request {
  /// What a user typed, byte for byte. It prints as `********`, whatever prints it.
  public enum Answer: Sendable, Equatable {
    case password([UInt8])
    case code([UInt8])
    /// Another mailed code, please.
    case again
    case newPassword([UInt8])
    case confirmPassword([UInt8])
    case totp([UInt8])
    /// In place of it.
    case recovery([UInt8])
    /// Password and code in one, the code last.
    case combined([UInt8])
    case enrol([UInt8])
  }
}

extension Request.Answer {
  /// The verb of the answer's line, in upper case.
  public var verb: String {
    switch self {
    case .password: "PASSWORD"
    case .code: "CODE"
    case .again: "AGAIN"
    case .newPassword: "NEW-PASSWORD"
    case .confirmPassword: "CONFIRM-PASSWORD"
    case .totp: "TOTP"
    case .recovery: "RECOVERY"
    case .combined: "COMBINED"
    case .enrol: "ENROL"
    }
  }

  /// The bytes that were typed; none for `again`.
  public var bytes: [UInt8] {
    switch self {
    case .password(let bytes), .code(let bytes), .newPassword(let bytes), .confirmPassword(let bytes),
      .totp(let bytes), .recovery(let bytes), .combined(let bytes), .enrol(let bytes):
      bytes
    case .again: []
    }
  }

  /// Whether the answer may hold bytes above 0x7F: a password is anybody's language, a code is digits.
  var isText: Bool {
    switch self {
    case .password, .newPassword, .confirmPassword, .combined: true
    case .code, .again, .totp, .recovery, .enrol: false
    }
  }
}

extension Request.Answer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { self == .again ? verb : "\(verb) ********" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .enum) }
}
