/// A password could not be hashed: no memory, or parameters out of range.
public struct HashingFailure: Error {}

/// A value of `userPassword` (RFC 2307, section 5.3: `{SCHEME}…`) or `drawbridgePassword`, as it is stored.
public struct PasswordHash: Sendable, Equatable {
  /// Longer values are not read.
  static let storedMaxBytes = 1024

  public enum Unusable: Error, Sendable, Equatable {
    /// By its name; empty where there is none, that is, for clear text, which never counts.
    case unknownScheme(String)
    case malformed
    /// It asks for more memory or time than is granted to any stored value.
    case beyondLimits
    /// The host could not compute it, as a rule for want of memory: the same value may do later.
    case engineFailure
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
    guard salt.count == Argon2Parameters.saltLength else { throw HashingFailure() }
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
    guard stored.count <= Self.storedMaxBytes else { return .unusable(.beyondLimits) }
    guard let (name, value) = parts else { return .unusable(.unknownScheme("")) }
    guard let scheme = PasswordScheme(name: name) else { return .unusable(.unknownScheme(name)) }
    return scheme.verify(password, value)
  }

  /// Why no password could match this value, as far as it shows without computing anything: what an import is checked
  /// by. Nil says that the form is right.
  public var objection: Unusable? {
    guard stored.count <= Self.storedMaxBytes else { return .beyondLimits }
    guard let (name, value) = parts else { return .unknownScheme("") }
    guard let scheme = PasswordScheme(name: name) else { return .unknownScheme(name) }
    return scheme.objection(to: value)
  }

  /// The name of the scheme, in upper case; nil for clear text.
  public var schemeName: String? { parts?.name }

  /// `{SASL}…`: slapd asks somebody else, and the hash stands in `drawbridgePassword`.
  public var isPassThrough: Bool { parts.flatMap { PasswordScheme(name: $0.name) } == .passThrough }

  /// The name of the scheme in upper case, nil where there is none, that is, for clear text.
  public var scheme: String? { parts?.name }

  /// Whether Drawbridge can verify a password against this at all.
  public var isOfKnownScheme: Bool { parts.flatMap { PasswordScheme(name: $0.name) } != nil && !isPassThrough }

  /// Whether the same password ought to be hashed anew: any other scheme, or lower costs.
  public func isWeaker(than wanted: Argon2Parameters) -> Bool {
    guard let (name, value) = parts, PasswordScheme(name: name) == .argon2, let string = Argon2String(value),
      string.variant == .argon2id, string.version == 0x13
    else { return true }
    // Lanes only divide the work.
    return string.parameters.memoryKiB < wanted.memoryKiB || string.parameters.passes < wanted.passes
      || string.salt.count < Argon2Parameters.saltLength || string.tag.count < Argon2Parameters.tagLength
  }

  /// A name is short and plain, so that what is shown of it is no password that happens to stand in braces.
  private var parts: (name: String, value: [UInt8])? {
    guard stored.first == UInt8(ascii: "{"), let end = stored.prefix(34).firstIndex(of: UInt8(ascii: "}")) else {
      return nil
    }
    let bytes = stored[1..<end]
    guard !bytes.isEmpty, bytes.allSatisfy(Self.isNameByte) else { return nil }
    let name = String(decoding: bytes, as: UTF8.self).uppercased()
    // slapd 2.5.13's own argon2 module leaves NUL bytes at the end of its values.
    return (name, Array(stored[(end + 1)...].prefix { $0 != 0 }))
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}

extension PasswordHash: CustomStringConvertible, CustomReflectable {
  public var description: String { "********" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
