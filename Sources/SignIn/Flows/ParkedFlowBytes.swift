internal import Secrets

/// A parked flow in bytes, written out by hand so that daemons of two versions never take one thing for another: version,
/// kind, whether something was proven, what was refused, the step, and what the step holds. Numbers are big-endian.
extension ParkedFlow {
  private static let version: UInt8 = 1
  /// A stored hash is no longer, and nothing else comes near it.
  private static let fieldMaxBytes = 1024

  public var bytes: [UInt8] {
    var bytes = [Self.version, kind.code, isProven ? 1 : 0, refused?.code ?? 0]
    func optional(_ field: [UInt8]?) -> [UInt8] {
      guard let field else { return [0] }
      return [1, UInt8(truncatingIfNeeded: field.count >> 8), UInt8(truncatingIfNeeded: field.count)] + field
    }
    func tries(_ left: Int) -> UInt8 { UInt8(clamping: left) }
    switch step {
    case .password(let left): bytes += [1, tries(left)]
    case .bothFactors(let left): bytes += [2, tries(left)]
    case .authenticator(let left, let upgrade): bytes += [3, tries(left)] + optional(upgrade?.stored)
    case .mailedCode(let left, let asked):
      let micros = asked.map { asked in
        (0..<8).map { UInt8(truncatingIfNeeded: asked.microseconds >> (56 - 8 * $0)) }
      }
      bytes += [4, tries(left)] + optional(micros)
    case .newPassword: bytes += [5]
    case .confirmPassword(let hash): bytes += [6] + optional(hash.stored)
    case .enrol(let left, let secret, let chosen):
      bytes += [7, tries(left)] + optional(secret.withBytes { Array($0) }) + optional(chosen?.stored)
    }
    return bytes
  }

  /// Nil for anything but what `bytes` makes.
  public init?(_ bytes: some Collection<UInt8>) {
    var rest = Array(bytes)[...]
    func byte() -> UInt8? { rest.popFirst() }
    func tries() -> Int? { byte().flatMap { (1...Rules.triesMax).contains(Int($0)) ? Int($0) : nil } }
    func optional() -> [UInt8]?? {
      guard let flag = byte() else { return .none }
      if flag == 0 { return .some(nil) }
      guard flag == 1, let high = byte(), let low = byte() else { return .none }
      let count = Int(high) << 8 | Int(low)
      guard count <= Self.fieldMaxBytes, rest.count >= count else { return .none }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    guard byte() == Self.version, let kind = byte().flatMap({ Flow.Kind(code: $0) }), let proven = byte(), proven <= 1,
      let refusal = byte(), let tag = byte()
    else { return nil }
    if refusal == 0 {
      refused = nil
    } else {
      guard let known = Ask.Refusal(code: refusal) else { return nil }
      refused = known
    }
    switch tag {
    case 1:
      guard let left = tries() else { return nil }
      step = .password(left: left)
    case 2:
      guard let left = tries() else { return nil }
      step = .bothFactors(left: left)
    case 3:
      guard let left = tries(), let upgrade = optional() else { return nil }
      step = .authenticator(left: left, upgrade: upgrade.map { PasswordHash(stored: $0) })
    case 4:
      guard let left = tries(), let asked = optional(), asked.map({ $0.count == 8 }) ?? true else { return nil }
      let micros = asked.map { $0.reduce(Int64(0)) { $0 << 8 | Int64($1) } }
      let time = micros.map { Timestamp(microseconds: $0) }
      guard time?.microseconds == micros else { return nil }  // none that a clock shows
      step = .mailedCode(left: left, asked: time)
    case 5: step = .newPassword
    case 6:
      guard case .some(.some(let hash)) = optional() else { return nil }
      step = .confirmPassword(PasswordHash(stored: hash))
    case 7:
      guard let left = tries(), case .some(.some(let secret)) = optional(), let chosen = optional() else { return nil }
      step = .enrol(left: left, Secret(secret), chosen: chosen.map { PasswordHash(stored: $0) })
    default: return nil
    }
    guard rest.isEmpty else { return nil }
    self.kind = kind
    isProven = proven == 1
  }
}

extension Flow.Kind {
  fileprivate var code: UInt8 {
    switch self {
    case .signIn: 1
    case .firstLogin: 2
    case .forgotPassword: 3
    case .changePassword: 4
    case .replaceAuthenticator: 5
    }
  }

  fileprivate init?(code: UInt8) {
    guard let kind = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = kind
  }
}

extension Ask.Refusal {
  private static let known: [Ask.Refusal] =
    [.wrong, .reused, .expired, .tooSoon] + PasswordRule.Objection.allCases.map { .password($0) }

  fileprivate var code: UInt8 {
    switch self {
    case .wrong: 1
    case .reused: 2
    case .expired: 3
    case .tooSoon: 4
    case .password(let objection):
      switch objection {
      case .tooShort: 16
      case .tooLong: 17
      case .badCharacter: 18
      case .dotBeforeAt: 19
      case .tooFewClasses: 20
      case .common: 21
      case .mismatch: 22
      case .reused: 23
      }
    }
  }

  fileprivate init?(code: UInt8) {
    guard let refusal = Self.known.first(where: { $0.code == code }) else { return nil }
    self = refusal
  }
}
