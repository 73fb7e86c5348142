internal import COpenSSL

/// Why there is no signing key to work with; says what to do.
public struct SigningKeyFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String
}

/// A private key on the curve P-256, for ES256 (RFC 7518, section 3.4).
public final class SigningKey: Sendable {
  private static let curve = "P-256"
  /// OpenSSL's name for it, as SEC 2 and X9.62 have it.
  private static let curveInOpenSSL = "prime256v1"
  /// Of a coordinate, and of each half of a signature.
  private static let numberLength: Int32 = 32
  private static let signatureMaxBytes = 72

  /// Unsafe in name, for a pointer is not Sendable; but it is only read after `init`, and OpenSSL counts its references
  /// under a lock.
  private nonisolated(unsafe) let key: OpaquePointer
  /// The coordinates of the public point, 32 bytes each.
  public let x: [UInt8]
  public let y: [UInt8]
  /// The thumbprint of RFC 7638, in base64url: the same key has the same name wherever it is.
  public let id: String

  private init(owning key: OpaquePointer) throws(SigningKeyFailure) {
    let x = Self.number(key, "qx")
    let y = Self.number(key, "qy")
    guard let x, let y, Self.isOnTheCurve(key), let id = Self.thumbprint(x, y) else {
      EVP_PKEY_free(key)
      throw SigningKeyFailure(description: "not a private key on the curve P-256")
    }
    (self.key, self.x, self.y, self.id) = (key, x, y, id)
  }

  deinit { EVP_PKEY_free(key) }

  /// A private key in PEM, `PRIVATE KEY` or `EC PRIVATE KEY`, not encrypted.
  public convenience init(pem: [UInt8]) throws(SigningKeyFailure) {
    let key = pem.withUnsafeBytes { bytes in
      guard let input = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else {
        return nil as OpaquePointer?
      }
      defer { BIO_free(input) }
      // Without a callback, OpenSSL would ask for a passphrase on the terminal.
      return PEM_read_bio_PrivateKey(input, nil, { _, _, _, _ in -1 }, nil)
    }
    ERR_clear_error()
    guard let key else {
      throw SigningKeyFailure(description: "no private key in PEM, or an encrypted one")
    }
    try self.init(owning: key)
  }

  /// - Parameter setting: what names the file in the configuration.
  public static func load(path: String, setting: String) throws(SigningKeyFailure) -> SigningKey {
    do throws(KeyFile.Failure) {
      var pem = try KeyFile(path: path, setting: setting, madeBy: "drawbridged --make-jwt-key \(path)").read()
      defer { pem.wipe() }
      do throws(SigningKeyFailure) { return try SigningKey(pem: pem) } catch {
        throw KeyFile.Failure(description: "\(path): \(error.description) (\(setting))")
      }
    } catch {
      throw SigningKeyFailure(description: error.description)
    }
  }

  /// Makes a new file with a new key; never over an existing one.
  public static func create(path: String) throws(SigningKeyFailure) {
    guard var pem = generate() else { throw SigningKeyFailure(description: "OpenSSL made no key") }
    defer { pem.wipe() }
    do throws(KeyFile.Failure) { try KeyFile.create(path: path, pem) } catch {
      throw SigningKeyFailure(description: error.description)
    }
  }

  /// PKCS #8 in PEM (RFC 5958, RFC 7468).
  private static func generate() -> [UInt8]? {
    guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, curve) == 1,
      EVP_PKEY_generate(context, &key) == 1
    else { return nil }
    defer { EVP_PKEY_free(key) }
    // In memory that is wiped when it is freed.
    guard let output = BIO_new(BIO_s_secmem()) else { return nil }
    defer { BIO_free(output) }
    var pem = [UInt8](repeating: 0, count: 1024)
    guard PEM_write_bio_PKCS8PrivateKey(output, key, nil, nil, 0, nil, nil) == 1 else { return nil }
    let count = BIO_read(output, &pem, Int32(clamping: pem.count))
    defer { pem.wipe() }
    return count > 0 ? Array(pem.prefix(Int(count))) : nil
  }

  /// The signature as two numbers of 32 bytes, one behind the other. Nil only where OpenSSL itself fails.
  public func sign(_ message: [UInt8]) -> [UInt8]? {
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: Self.signatureMaxBytes)
    var count = signature.count
    guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
      EVP_DigestSign(context, &signature, &count, message, message.count) == 1
    else { return nil }
    // OpenSSL writes them as ASN.1 has them (RFC 3279, section 2.2.3).
    let numbers = signature.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return d2i_ECDSA_SIG(nil, &start, count)
    }
    guard let numbers else { return nil }
    defer { ECDSA_SIG_free(numbers) }
    guard let r = Self.bytes(ECDSA_SIG_get0_r(numbers)), let s = Self.bytes(ECDSA_SIG_get0_s(numbers)) else {
      return nil
    }
    return r + s
  }

  // MARK: - Parts

  private static func isOnTheCurve(_ key: OpaquePointer) -> Bool {
    var name = [CChar](repeating: 0, count: 64)
    var count = 0
    guard EVP_PKEY_get_group_name(key, &name, name.count, &count) == 1 else { return false }
    return String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) == curveInOpenSSL
  }

  private static func number(_ key: OpaquePointer, _ name: String) -> [UInt8]? {
    var number: OpaquePointer?
    guard EVP_PKEY_get_bn_param(key, name, &number) == 1 else { return nil }
    defer { BN_free(number) }
    return bytes(number)
  }

  private static func bytes(_ number: OpaquePointer?) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: Int(numberLength))
    return BN_bn2binpad(number, &bytes, numberLength) == numberLength ? bytes : nil
  }

  private static func thumbprint(_ x: [UInt8], _ y: [UInt8]) -> String? {
    // Names in the order of their letters, and no blanks (RFC 7638, section 3.3).
    let members = "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"\(Base64URL.encode(x))\",\"y\":\"\(Base64URL.encode(y))\"}"
    return Array(members.utf8).withUnsafeBytes { Digest.sha256.hash([$0]) }.map { Base64URL.encode($0) }
  }
}
