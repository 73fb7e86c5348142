public import Secrets
public import SignIn

/// What an account holds under the key ring. It is bound to its entry and attribute: moved elsewhere it opens no more.
extension KeyRing {
  /// The secret of `drawbridgeTOTPSecret`.
  public func authenticatorSecret(_ stored: [UInt8], of id: EntryUUID) throws(SealFailure) -> Secret {
    try open(stored, entryUUID: id.bytes, attribute: Attribute.totpSecret.name)
  }

  public func sealedAuthenticatorSecret(
    _ secret: Secret, of id: EntryUUID, nonce: [UInt8]
  ) throws(SealFailure) -> [UInt8] {
    try seal(secret, entryUUID: id.bytes, attribute: Attribute.totpSecret.name, nonce: nonce)
  }

  /// What a value of `drawbridgeRecoveryCode` says: the same under whichever key it is sealed.
  public func recoveryCodePlain(_ stored: [UInt8], of id: EntryUUID) throws(SealFailure) -> Secret {
    try authenticatorPlain(stored, entryUUID: id.bytes, attribute: Attribute.recoveryCode.name)
  }

  public func sealedRecoveryCode(_ plain: Secret, of id: EntryUUID, nonce: [UInt8]) throws(SealFailure) -> [UInt8] {
    try seal(plain, entryUUID: id.bytes, attribute: Attribute.recoveryCode.name, nonce: nonce)
  }
}
