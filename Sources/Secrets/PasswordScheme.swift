/// The schemes that a directory may hold, and how each is verified.
enum PasswordScheme: Equatable {
  case argon2
  case salted(Digest)
  case pbkdf2(Digest)
  case crypt
  case passThrough

  /// Scheme names are case-insensitive (RFC 2307, section 5.3).
  init?(name: String) {
    switch name.uppercased() {
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

  func verify(_ password: Secret, _ value: [UInt8]) -> PasswordHash.Verdict {
    switch self {
    case .argon2: password.withBytes { verifyArgon2($0, value) }
    case .salted(let digest): password.withBytes { verifySalted($0, value, digest) }
    case .pbkdf2(let digest): password.withBytes { verifyPBKDF2($0, value, digest) }
    case .crypt: verifyCrypt(password, value)
    case .passThrough: .unusable(.unknownScheme("SASL"))
    }
  }

  /// Why no password could match a value, as far as that shows without computing anything.
  func objection(to value: [UInt8]) -> PasswordHash.Unusable? {
    do throws(PasswordHash.Unusable) {
      switch self {
      case .argon2: _ = try argon2(value)
      case .salted(let digest): _ = try salted(value, digest)
      case .pbkdf2(let digest): _ = try pbkdf2(value, digest)
      case .crypt: _ = try CryptHash(value)
      case .passThrough: return .unknownScheme("SASL")
      }
      return nil
    } catch {
      return error
    }
  }

  private func argon2(_ value: [UInt8]) throws(PasswordHash.Unusable) -> Argon2String {
    guard let string = Argon2String(value) else { throw .malformed }
    guard string.parameters.isWithinLimits else { throw .beyondLimits }
    guard string.parameters.isEnough, Argon2.saltLengths.contains(string.salt.count),
      Argon2.tagLengths.contains(string.tag.count)
    else { throw .malformed }
    return string
  }

  private func verifyArgon2(_ password: UnsafeRawBufferPointer, _ value: [UInt8]) -> PasswordHash.Verdict {
    let string: Argon2String
    do throws(PasswordHash.Unusable) { string = try argon2(value) } catch { return .unusable(error) }
    let tag = Argon2.tag(
      of: password, salt: string.salt, variant: string.variant, version: string.version, parameters: string.parameters,
      length: string.tag.count)
    guard let tag else { return .unusable(.engineFailure) }
    return constantTimeEqual(tag, string.tag) ? .match : .mismatch
  }

  /// Digest of password and salt, followed by the salt; without a salt in the older forms.
  private func salted(_ value: [UInt8], _ digest: Digest) throws(PasswordHash.Unusable) -> [UInt8] {
    guard let bytes = Base64.decode(value), bytes.count >= digest.length, bytes.count <= digest.length + 64 else {
      throw .malformed
    }
    return bytes
  }

  private func verifySalted(
    _ password: UnsafeRawBufferPointer, _ value: [UInt8], _ digest: Digest
  ) -> PasswordHash.Verdict {
    let bytes: [UInt8]
    do throws(PasswordHash.Unusable) { bytes = try salted(value, digest) } catch { return .unusable(error) }
    let salt = Array(bytes.dropFirst(digest.length))
    let computed = salt.withUnsafeBytes { digest.hash([password, $0]) }
    guard let computed else { return .unusable(.engineFailure) }
    return constantTimeEqual(computed, Array(bytes.prefix(digest.length))) ? .match : .mismatch
  }

  private static let iterationsMax = 1_000_000

  /// `iterations$salt$key`, as slapd's pw-pbkdf2 module writes it.
  private func pbkdf2(
    _ value: [UInt8], _ digest: Digest
  ) throws(PasswordHash.Unusable) -> (iterations: Int, salt: [UInt8], key: [UInt8]) {
    let fields = value.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
    guard fields.count == 3, let iterations = decimal(fields[0]), let salt = Base64.decode(fields[1]),
      let key = Base64.decode(fields[2]), iterations > 0, key.count == digest.length, (1...64).contains(salt.count)
    else { throw .malformed }
    guard iterations <= Self.iterationsMax else { throw .beyondLimits }
    return (iterations, salt, key)
  }

  private func verifyPBKDF2(
    _ password: UnsafeRawBufferPointer, _ value: [UInt8], _ digest: Digest
  ) -> PasswordHash.Verdict {
    let parts: (iterations: Int, salt: [UInt8], key: [UInt8])
    do throws(PasswordHash.Unusable) { parts = try pbkdf2(value, digest) } catch { return .unusable(error) }
    // HMAC fills its key up with NUL bytes (RFC 2104, section 2), so that one at the end would not be seen.
    guard password.last != 0 else { return .mismatch }
    let computed = digest.pbkdf2(
      password, salt: parts.salt, iterations: parts.iterations, length: parts.key.count)
    guard let computed else { return .unusable(.engineFailure) }
    return constantTimeEqual(computed, parts.key) ? .match : .mismatch
  }

  private func verifyCrypt(_ password: Secret, _ value: [UInt8]) -> PasswordHash.Verdict {
    do throws(PasswordHash.Unusable) { return try CryptHash(value).verify(password) } catch { return .unusable(error) }
  }
}
