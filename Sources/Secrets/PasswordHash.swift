/// A password could not be hashed: no memory, or parameters out of range.
public struct HashingFailure: Error {}

/// A value of `userPassword` (RFC 2307, section 5.3: `{SCHEME}…`) or `drawbridgePassword`, as it is stored.
public struct PasswordHash: Sendable, Equatable {
  public enum Unusable: Sendable, Equatable {
    case unknownScheme
    case malformed
    /// It asks for more memory or time than is granted to any stored value.
    case beyondLimits
  }

  public enum Verdict: Sendable, Equatable {
    case match, mismatch
    /// Nobody can sign in with this value; an administrator has to mend it.
    case unusable(Unusable)
  }

  public let stored: [UInt8]

  /// Never fails: what a value is worth shows when it is verified.
  public init(stored: [UInt8]) { self.stored = stored }

  /// `{ARGON2}$argon2id$…`, which slapd's own argon2 module verifies as well.
  public static func make(
    _ password: Secret, salt: [UInt8], parameters: Argon2Parameters = .standard
  ) throws(HashingFailure) -> PasswordHash {
    let tag = password.withBytes {
      Argon2.tag(of: $0, salt: salt, variant: .argon2id, parameters: parameters, length: Argon2Parameters.tagLength)
    }
    guard let tag else { throw HashingFailure() }
    return PasswordHash(Argon2String(variant: .argon2id, parameters: parameters, salt: salt, tag: tag))
  }

  /// A well-formed hash that no password is known for: what an account without one is verified against.
  public static func decoy(parameters: Argon2Parameters) -> PasswordHash {
    PasswordHash(
      Argon2String(
        variant: .argon2id, parameters: parameters, salt: [UInt8](repeating: 0x5A, count: Argon2Parameters.saltLength),
        tag: [UInt8](repeating: 0, count: Argon2Parameters.tagLength)))
  }

  private init(_ string: Argon2String) { stored = Array("{ARGON2}".utf8) + string.bytes }

  /// Takes as long as the stored parameters say; call it where blocking is allowed.
  public func verify(_ password: Secret) -> Verdict {
    guard let (scheme, value) = parts else { return .unusable(.unknownScheme) }
    return password.withBytes { scheme.verify($0, value) }
  }

  /// `{SASL}…`: slapd asks somebody else, and the hash stands in `drawbridgePassword`.
  public var isPassThrough: Bool { parts?.scheme == .passThrough }

  /// Whether the same password ought to be hashed anew: any other scheme, or lower costs.
  public func isWeaker(than wanted: Argon2Parameters) -> Bool {
    guard let (scheme, value) = parts, scheme == .argon2, let string = Argon2String(value), string.variant == .argon2id
    else { return true }
    return string.parameters.memoryKiB < wanted.memoryKiB || string.parameters.passes < wanted.passes
  }

  private var parts: (scheme: PasswordScheme, value: [UInt8])? {
    guard stored.first == UInt8(ascii: "{"), let end = stored.firstIndex(of: UInt8(ascii: "}")),
      let scheme = PasswordScheme(name: stored[1..<end])
    else { return nil }
    // slapd 2.5.13's own argon2 module leaves NUL bytes at the end of its values.
    return (scheme, Array(stored[(end + 1)...].prefix { $0 != 0 }))
  }
}

extension PasswordHash: CustomStringConvertible, CustomReflectable {
  public var description: String { "********" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
