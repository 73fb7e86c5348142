public import Secrets

/// What a new password must be. Lengths count characters, never bytes; an over-long one is refused, never cut.
public struct PasswordRule: Equatable, Sendable {
  public enum Profile: String, Sendable, CaseIterable {
    /// The user guide's: 8 to 16 of its characters, three of four classes, no `.` right before an `@`.
    case guide
    /// NIST SP 800-63B-4, section 3.1.1.2: length and a blocked list, no classes.
    case nist
  }

  /// Why a password is refused, in the words of the line protocol.
  public enum Objection: String, Sendable, CaseIterable {
    case tooShort = "too-short"
    case tooLong = "too-long"
    case badCharacter = "bad-character"
    case dotBeforeAt = "dot-before-at"
    case tooFewClasses = "too-few-classes"
    case common
    case mismatch, reused
  }

  public let profile: Profile
  public let lengthMin: Int
  public let lengthMax: Int
  /// How many of the four classes are needed: lower case, upper case, digits, symbols. 0 where classes do not count.
  public let classesMin: Int
  public static let classes = 4
  /// Lower-cased passwords that are too common.
  public var blocked: Set<[UInt8]>

  public init(profile: Profile, blocked: Set<[UInt8]> = []) {
    self.profile = profile
    self.blocked = blocked
    switch profile {
    case .guide: (lengthMin, lengthMax, classesMin) = (8, 16, 3)
    case .nist: (lengthMin, lengthMax, classesMin) = (15, 128, 0)
    }
  }

  /// The same blocked list under another profile.
  func with(_ profile: Profile) -> PasswordRule { PasswordRule(profile: profile, blocked: blocked) }

  /// The first objection to a password, or nil. `bytes` are UTF-8.
  public func objection(to password: Secret) -> Objection? {
    password.withBytes { objection(to: Array($0)) }
  }

  func objection(to bytes: [UInt8]) -> Objection? {
    guard bytes.allSatisfy(isAllowed) else { return .badCharacter }
    // One byte in four-byte sequences begins a character; the others continue it (RFC 3629, section 3).
    let length = bytes.count { $0 & 0xC0 != 0x80 }
    if length < lengthMin { return .tooShort }
    if length > lengthMax { return .tooLong }
    if profile == .guide {
      if zip(bytes, bytes.dropFirst()).contains(where: { $0 == UInt8(ascii: ".") && $1 == UInt8(ascii: "@") }) {
        return .dotBeforeAt
      }
      if Set(bytes.map(Class.init)).count < classesMin { return .tooFewClasses }
    }
    return blocked.contains(bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }) ? .common : nil
  }

  /// The guide's characters are printable ASCII without the space, `<` and `>`.
  private func isAllowed(_ byte: UInt8) -> Bool {
    switch profile {
    case .guide: (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">")
    case .nist: byte >= 0x20 && byte != 0x7F
    }
  }

  private enum Class: Hashable {
    case lower, upper, digit, symbol
    init(_ byte: UInt8) {
      switch byte {
      case 0x61...0x7A: self = .lower
      case 0x41...0x5A: self = .upper
      case 0x30...0x39: self = .digit
      default: self = .symbol
      }
    }
  }
}
