internal import COpenSSL

/// OpenSSL's digests, by the name of their standard.
enum Digest: Sendable {
  case sha1, sha256, sha512

  /// In bytes.
  var length: Int {
    switch self {
    case .sha1: 20
    case .sha256: 32
    case .sha512: 64
    }
  }

  fileprivate var function: OpaquePointer? {
    switch self {
    case .sha1: EVP_sha1()
    case .sha256: EVP_sha256()
    case .sha512: EVP_sha512()
    }
  }

  /// Nil only where OpenSSL itself fails.
  func hash(_ parts: [UnsafeRawBufferPointer]) -> [UInt8]? {
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestInit_ex(context, function, nil) == 1 else { return nil }
    for part in parts where EVP_DigestUpdate(context, part.baseAddress, part.count) != 1 { return nil }
    var result = [UInt8](repeating: 0, count: length)
    return EVP_DigestFinal_ex(context, &result, nil) == 1 ? result : nil
  }

  /// RFC 2104.
  func hmac(_ message: [UInt8], key: UnsafeRawBufferPointer) -> [UInt8]? {
    var result = [UInt8](repeating: 0, count: length)
    var count: UInt32 = 0
    guard HMAC(function, key.baseAddress, Int32(clamping: key.count), message, message.count, &result, &count) != nil
    else { return nil }
    return result
  }

  /// RFC 8018, section 5.2.
  func pbkdf2(_ password: UnsafeRawBufferPointer, salt: [UInt8], iterations: Int, length: Int) -> [UInt8]? {
    var result = [UInt8](repeating: 0, count: length)
    let code = PKCS5_PBKDF2_HMAC(
      password.bindMemory(to: CChar.self).baseAddress, Int32(clamping: password.count), salt,
      Int32(clamping: salt.count),
      Int32(clamping: iterations), function, Int32(clamping: length), &result)
    return code == 1 ? result : nil
  }
}
