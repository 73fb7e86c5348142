internal import Secrets
internal import SignIn

/// How many values of a directory are under which key, by the key's id.
struct KeyUse: Sendable, Equatable {
  var secrets: [UInt32: Int] = [:]
  var recoveryCodes: [UInt32: Int] = [:]
  /// Only those that have not run out.
  var mailedCodes: [UInt32: Int] = [:]
  /// Values in a sealed one's place that are none.
  var malformed = 0

  var ids: [UInt32] { Set(secrets.keys).union(recoveryCodes.keys).union(mailedCodes.keys).sorted() }

  /// What stays in the directory until it is carried over.
  func stored(under id: UInt32) -> Int { secrets[id, default: 0] + recoveryCodes[id, default: 0] }
  func all(under id: UInt32) -> Int { stored(under: id) + mailedCodes[id, default: 0] }

  mutating func count(_ account: Account, at now: Timestamp) {
    func add(_ id: UInt32?, to counts: WritableKeyPath<KeyUse, [UInt32: Int]>) {
      if let id { self[keyPath: counts][id, default: 0] += 1 } else { malformed += 1 }
    }
    if let secret = account.sealedSecret { add(KeyRing.keyID(of: secret), to: \.secrets) }
    for code in account.recoveryCodes { add(KeyRing.keyID(ofAuthenticator: code), to: \.recoveryCodes) }
    if let code = account.mailedCode, let expires = SignInService.expiry(of: code), now < expires {
      add(KeyRing.keyID(ofAuthenticator: Array(code.stored.dropFirst(8))), to: \.mailedCodes)
    }
  }
}
