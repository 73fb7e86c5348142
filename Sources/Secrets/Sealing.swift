internal import COpenSSL

/// Why a sealed value does not open.
public enum SealFailure: Error, Equatable, Sendable {
  /// Another daemon's ring is newer: an operator has to bring this one up to date. No verdict on any credential.
  case unknownKey(UInt32)
  case malformed
  /// Damaged, or sealed for another entry or attribute.
  case refused
}

extension KeyRing {
  private static let version: UInt8 = 1
  /// NIST SP 800-38D, sections 8.2.1 and 5.2.1.2.
  public static let nonceLength = 12
  private static let tagLength = 16
  private static let headLength = 5
  static let plainMaxBytes = 2048

  /// AES-256-GCM: version ‖ key id (4, big-endian) ‖ nonce (12) ‖ ciphertext ‖ tag (16). Version, key id, entry and
  /// attribute are additional data, so that a value moved to another entry stays shut.
  public func seal(
    _ plain: Secret, entryUUID: [UInt8], attribute: String, nonce: [UInt8]
  ) throws(SealFailure) -> [UInt8] {
    guard let key = keys[activeKeyID], nonce.count == Self.nonceLength, plain.count <= Self.plainMaxBytes else {
      throw .malformed
    }
    let head = [Self.version] + Self.bigEndian(activeKeyID)
    let context = Self.additionalData(head, entryUUID, attribute)
    let text = plain.withBytes { Self.crypt($0, key: key, nonce: nonce, context: context, tag: nil) }
    guard let text else { throw .malformed }
    return head + nonce + text
  }

  public func open(_ blob: [UInt8], entryUUID: [UInt8], attribute: String) throws(SealFailure) -> Secret {
    let overhead = Self.headLength + Self.nonceLength + Self.tagLength
    guard blob.count >= overhead, blob.count <= overhead + Self.plainMaxBytes, blob.first == Self.version else {
      throw .malformed
    }
    let head = Array(blob.prefix(Self.headLength))
    let id = head.dropFirst().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard let key = keys[id] else { throw .unknownKey(id) }
    let rest = blob.dropFirst(Self.headLength)
    let text = Array(rest.dropFirst(Self.nonceLength).dropLast(Self.tagLength))
    let plain = text.withUnsafeBytes {
      Self.crypt(
        $0, key: key, nonce: Array(rest.prefix(Self.nonceLength)),
        context: Self.additionalData(head, entryUUID, attribute), tag: Array(rest.suffix(Self.tagLength)))
    }
    guard var plain else { throw .refused }
    defer { plain.wipe() }
    return Secret(plain)
  }

  /// Which key a sealed value was made under, whether the ring has it or not; nil where it is no sealed value.
  public static func keyID(of blob: [UInt8]) -> UInt32? {
    guard blob.count >= headLength + nonceLength + tagLength, blob.first == version else { return nil }
    return blob.prefix(headLength).dropFirst().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }

  /// Encrypts where there is no tag, and appends one; decrypts where there is, and answers nil unless it is right.
  private static func crypt(
    _ text: UnsafeRawBufferPointer, key: Secret, nonce: [UInt8], context: [UInt8], tag: [UInt8]?
  ) -> [UInt8]? {
    guard let cipher = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(cipher) }
    let encrypts: Int32 = tag == nil ? 1 : 0
    let begun = key.withBytes {
      EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), nil, $0.bindMemory(to: UInt8.self).baseAddress, nonce, encrypts)
    }
    var count: Int32 = 0
    var result = [UInt8](repeating: 0, count: text.count)
    let source = text.bindMemory(to: UInt8.self).baseAddress
    guard begun == 1, EVP_CipherUpdate(cipher, nil, &count, context, Int32(clamping: context.count)) == 1,
      EVP_CipherUpdate(cipher, &result, &count, source, Int32(clamping: text.count)) == 1
    else { return nil }
    if var tag {
      guard EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1 else { return nil }
    }
    var spare = [UInt8](repeating: 0, count: 16)
    guard EVP_CipherFinal_ex(cipher, &spare, &count) == 1 else {
      result.wipe()  // what nobody vouches for
      return nil
    }
    guard tag == nil else { return result }
    var made = [UInt8](repeating: 0, count: tagLength)
    guard EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &made) == 1 else { return nil }
    return result + made
  }

  private static func additionalData(_ head: [UInt8], _ entryUUID: [UInt8], _ attribute: String) -> [UInt8] {
    head + framed([entryUUID, Array(attribute.utf8)])
  }

  // MARK: - Authenticators: what may be checked, but not computed or searched, without the ring

  /// Key id (4) ‖ HMAC-SHA-256 under a key of its own, derived from the active one, over purpose and parts.
  public func authenticator(purpose: String, parts: [[UInt8]]) throws(SealFailure) -> [UInt8] {
    guard let key = keys[activeKeyID], let mac = Self.mac(purpose, parts, key) else { throw .malformed }
    return Self.bigEndian(activeKeyID) + mac
  }

  public func verify(_ authenticator: [UInt8], purpose: String, parts: [[UInt8]]) throws(SealFailure) -> Bool {
    guard authenticator.count == 4 + Digest.sha256.length else { throw .malformed }
    let id = authenticator.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard let key = keys[id] else { throw .unknownKey(id) }
    guard let mac = Self.mac(purpose, parts, key) else { throw .malformed }
    return constantTimeEqual(mac, Array(authenticator.dropFirst(4)))
  }

  private static func mac(_ purpose: String, _ parts: [[UInt8]], _ key: Secret) -> [UInt8]? {
    guard var derived = authenticatorKey(key) else { return nil }
    defer { derived.wipe() }
    return mac(purpose, parts, underDerived: derived)
  }

  /// The sealing key is used for nothing else: NIST SP 800-108, a PRF over a label.
  static func authenticatorKey(_ key: Secret) -> [UInt8]? {
    key.withBytes { Digest.sha256.hmac(Array("drawbridge authenticator".utf8), key: $0) }
  }

  static func mac(_ purpose: String, _ parts: [[UInt8]], underDerived key: [UInt8]) -> [UInt8]? {
    key.withUnsafeBytes { Digest.sha256.hmac(framed([Array(purpose.utf8)] + parts), key: $0) }
  }

  /// Each part behind its length, so that no two lists are written alike.
  private static func framed(_ parts: [[UInt8]]) -> [UInt8] {
    parts.flatMap { bigEndian(UInt32(truncatingIfNeeded: $0.count)) + $0 }
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}
