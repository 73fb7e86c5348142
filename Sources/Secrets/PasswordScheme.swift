internal import CCrypt

/// The schemes that a directory may hold, and how each is verified.
enum PasswordScheme: Equatable {
  case argon2
  case salted(Digest)
  case pbkdf2(Digest)
  case crypt
  case passThrough

  /// Scheme names are case-insensitive (RFC 2307, section 5.3).
  init?(name: some Collection<UInt8>) {
    switch String(decoding: name, as: UTF8.self).uppercased() {
    case "ARGON2": self = .argon2
    case "SHA", "SSHA": self = .salted(.sha1)
    case "SHA256", "SSHA256": self = .salted(.sha256)
    case "SHA512", "SSHA512": self = .salted(.sha512)
    case "PBKDF2", "PBKDF2-SHA1": self = .pbkdf2(.sha1)
    case "PBKDF2-SHA256": self = .pbkdf2(.sha256)
    case "PBKDF2-SHA512": self = .pbkdf2(.sha512)
    case "CRYPT": self = .crypt
    case "SASL": self = .passThrough
    default: return nil
    }
  }

  func verify(_ password: UnsafeRawBufferPointer, _ value: [UInt8]) -> PasswordHash.Verdict {
    switch self {
    case .argon2: verifyArgon2(password, value)
    case .salted(let digest): verifySalted(password, value, digest)
    case .pbkdf2(let digest): verifyPBKDF2(password, value, digest)
    case .crypt: verifyCrypt(password, value)
    case .passThrough: .unusable(.unknownScheme)
    }
  }

  private func verifyArgon2(_ password: UnsafeRawBufferPointer, _ value: [UInt8]) -> PasswordHash.Verdict {
    guard let string = Argon2String(value) else { return .unusable(.malformed) }
    guard string.parameters.isWithinLimits else { return .unusable(.beyondLimits) }
    let tag = Argon2.tag(
      of: password, salt: string.salt, variant: string.variant, parameters: string.parameters, length: string.tag.count)
    guard let tag else { return .unusable(.malformed) }
    return constantTimeEqual(tag, string.tag) ? .match : .mismatch
  }

  /// Digest of password and salt, followed by the salt; without a salt in the older forms.
  private func verifySalted(
    _ password: UnsafeRawBufferPointer, _ value: [UInt8], _ digest: Digest
  ) -> PasswordHash.Verdict {
    guard let bytes = Base64.decode(value), bytes.count >= digest.length, bytes.count <= digest.length + 64 else {
      return .unusable(.malformed)
    }
    let salt = Array(bytes.dropFirst(digest.length))
    let computed = salt.withUnsafeBytes { digest.hash([password, $0]) }
    guard let computed else { return .unusable(.malformed) }
    return constantTimeEqual(computed, bytes.prefix(digest.length)) ? .match : .mismatch
  }

  private static let iterationsMax = 1_000_000

  /// `iterations$salt$key`, as slapd's pw-pbkdf2 module writes it.
  private func verifyPBKDF2(
    _ password: UnsafeRawBufferPointer, _ value: [UInt8], _ digest: Digest
  ) -> PasswordHash.Verdict {
    let fields = value.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
    guard fields.count == 3, let iterations = decimal(fields[0]), let salt = Base64.decode(fields[1]),
      let key = Base64.decode(fields[2]), iterations > 0, (16...64).contains(key.count), (1...64).contains(salt.count)
    else { return .unusable(.malformed) }
    guard iterations <= Self.iterationsMax else { return .unusable(.beyondLimits) }
    let computed = digest.pbkdf2(password, salt: salt, iterations: iterations, length: key.count)
    guard let computed else { return .unusable(.malformed) }
    return constantTimeEqual(computed, key) ? .match : .mismatch
  }

  /// Crypt takes C strings: a password with a NUL, or longer than the function looks, would be cut, so it is refused.
  private func verifyCrypt(_ password: UnsafeRawBufferPointer, _ value: [UInt8]) -> PasswordHash.Verdict {
    guard value.count <= 256, value.count >= 13, let kind = CryptKind(value) else { return .unusable(.malformed) }
    guard kind.isWithinLimits(value) else { return .unusable(.beyondLimits) }
    guard !password.contains(0), password.count <= kind.passwordMaxBytes else { return .mismatch }
    var data = crypt_data()
    var phrase = password.map { CChar(bitPattern: $0) } + [0]
    let setting = value.map { CChar(bitPattern: $0) } + [0]
    defer { for index in phrase.indices { phrase[index] = 0 } }
    guard let result = crypt_r(phrase, setting, &data) else { return .unusable(.malformed) }
    let computed = String(cString: result).utf8
    guard computed.first != UInt8(ascii: "*") else { return .unusable(.malformed) }
    return constantTimeEqual(Array(computed), value) ? .match : .mismatch
  }
}

/// crypt(5)'s methods, and what each is allowed to cost.
private enum CryptKind {
  case des, md5, sha, bcrypt

  init?(_ value: [UInt8]) {
    guard value.first == UInt8(ascii: "$") else {
      self = .des
      return
    }
    switch String(decoding: value.dropFirst().prefix { $0 != UInt8(ascii: "$") }, as: UTF8.self) {
    case "1": self = .md5
    case "5", "6": self = .sha
    case "2a", "2b", "2y": self = .bcrypt
    default: return nil  // yescrypt and scrypt hide their memory in an encoding of their own
    }
  }

  var passwordMaxBytes: Int {
    switch self {
    case .des: 8
    case .bcrypt: 72
    case .md5, .sha: 512
    }
  }

  func isWithinLimits(_ value: [UInt8]) -> Bool {
    let field = value.dropFirst().split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false).dropFirst()
      .first
    guard let field else { return true }
    switch self {
    case .des, .md5: return true
    case .bcrypt: return decimal(field).map { $0 <= 14 } ?? false
    case .sha:
      guard field.starts(with: "rounds=".utf8) else { return true }
      return decimal(field.dropFirst(7)).map { $0 <= 1_000_000 } ?? false
    }
  }
}
