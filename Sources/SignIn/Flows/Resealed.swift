/// What of an account is stored under another key from now on: sealed values as they stand there, and what takes their
/// place.
public struct Resealed: Equatable, Sendable {
  public struct Value: Equatable, Sendable {
    public let old: [UInt8]
    public let new: [UInt8]

    public init(old: [UInt8], new: [UInt8]) {
      self.old = old
      self.new = new
    }
  }

  public var secret: Value?
  public var recoveryCodes: [Value]

  public var isEmpty: Bool { secret == nil && recoveryCodes.isEmpty }

  public init(secret: Value? = nil, recoveryCodes: [Value] = []) {
    self.secret = secret
    self.recoveryCodes = recoveryCodes
  }

  /// Every new value has fresh randomness in it. A recovery code may have been used up since.
  func landed(in now: Account) -> Bool {
    if let secret { return now.sealedSecret == secret.new }
    return recoveryCodes.contains { now.recoveryCodes.contains($0.new) }
  }
}

extension Change {
  /// The same change of the same account, whose authenticator and recovery codes stand under another key meanwhile. Nil
  /// where it is about those very bytes.
  ///
  /// - Parameters:
  ///   - values: recovery codes as the account has them here, and as they are stored now.
  ///   - secret: as it is stored now.
  public func resealed(_ values: [Resealed.Value], secret: [UInt8]?) -> Change? {
    func now(_ account: Account) -> Account {
      var account = account
      account.sealedSecret = secret
      account.recoveryCodes = account.recoveryCodes.map(now)
      return account
    }
    func now(_ code: [UInt8]) -> [UInt8] { values.first { $0.old == code }?.new ?? code }
    switch self {
    case .signIn(let account, let step, let at): return .signIn(now(account), step: step, at: at)
    case .signInWithRecoveryCode(let account, let code, let at):
      return .signInWithRecoveryCode(now(account), now(code), at: at)
    case .replaceAuthenticator(let account, let enrolment, let at):
      return .replaceAuthenticator(now(account), enrolment, at: at)
    case .useStep(let account, let step): return .useStep(now(account), step: step)
    case .useRecoveryCode(let account, let code): return .useRecoveryCode(now(account), now(code))
    case .setPassword(let account, let hash, let keepingHistory):
      return .setPassword(now(account), hash, keepingHistory: keepingHistory)
    case .storeMailedCode(let account, let code, let at): return .storeMailedCode(now(account), code, at: at)
    case .reset(let account, let at, let keepingHistory):
      return .reset(now(account), at: at, keepingHistory: keepingHistory)
    default: return nil  // neither stands in its condition, or it is about the bytes themselves
    }
  }
}
