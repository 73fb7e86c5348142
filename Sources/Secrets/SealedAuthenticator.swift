/// Authenticators that can be carried over to another key without what they are over: a key of the value's own, and the
/// HMAC-SHA-256 under it, sealed together for one entry and attribute. Without the ring there is nothing to search.
///
/// Values from before are an authenticator under the ring itself. They stay good, and are sealed when they are carried
/// over: the key of their HMAC, which tells nothing of the ring's key, becomes the value's own.
extension KeyRing {
  private static let ownKeyLength = 32
  private static let bareLength = 4 + Digest.sha256.length

  public func sealedAuthenticator(
    purpose: String, parts: [[UInt8]], entryUUID: [UInt8], attribute: String, random: RandomBytes
  ) throws(SealFailure) -> [UInt8] {
    guard var own = try? random(Self.ownKeyLength), own.count == Self.ownKeyLength else { throw .malformed }
    defer { own.wipe() }
    guard let mac = Self.mac(purpose, parts, underDerived: own) else { throw .malformed }
    guard let nonce = try? random(Self.nonceLength) else { throw .malformed }
    return try seal(Secret(own + mac), entryUUID: entryUUID, attribute: attribute, nonce: nonce)
  }

  /// Takes both kinds.
  public func verifySealed(
    _ stored: [UInt8], purpose: String, parts: [[UInt8]], entryUUID: [UInt8], attribute: String
  ) throws(SealFailure) -> Bool {
    let plain = try authenticatorPlain(stored, entryUUID: entryUUID, attribute: attribute)
    return try plain.withBytes { bytes throws(SealFailure) in
      guard let mac = Self.mac(purpose, parts, underDerived: Array(bytes.prefix(Self.ownKeyLength))) else {
        throw .malformed
      }
      return constantTimeEqual(mac, Array(bytes.dropFirst(Self.ownKeyLength)))
    }
  }

  /// What an authenticator says, whichever key it is sealed under: the same before and after it was carried over.
  public func authenticatorPlain(
    _ stored: [UInt8], entryUUID: [UInt8], attribute: String
  ) throws(SealFailure) -> Secret {
    guard stored.count == Self.bareLength else {
      let plain = try open(stored, entryUUID: entryUUID, attribute: attribute)
      guard plain.count == Self.ownKeyLength + Digest.sha256.length else { throw .malformed }
      return plain
    }
    let id = stored.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard let key = keys[id] else { throw .unknownKey(id) }
    guard var derived = Self.authenticatorKey(key) else { throw .malformed }
    defer { derived.wipe() }
    return Secret(derived + stored.dropFirst(4))
  }

  /// Which key an authenticator of either kind is under, whether the ring has it or not; nil where it is none.
  public static func keyID(ofAuthenticator stored: [UInt8]) -> UInt32? {
    guard stored.count == bareLength else { return keyID(of: stored) }
    return stored.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }
}
