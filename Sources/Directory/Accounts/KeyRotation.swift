internal import Secrets
internal import SignIn

/// What a rotation of the keys has done to an account between two readings.
struct KeyRotation {
  /// Recovery codes as they were read first, and as they are stored now.
  let values: [Resealed.Value]
  /// The account as it is now, but for the bytes of what was only sealed anew.
  let known: Account
  /// Nothing else of the account has changed.
  let isAll: Bool
}

extension AccountDirectory {
  /// Nil where nothing was sealed anew.
  ///
  /// - Throws: `.unsuitable` where another daemon has sealed the secret under a key that this one has not got: whether it
  ///   is the same cannot be told.
  func rotation(of known: Account, to fresh: Account) throws(DirectoryError) -> KeyRotation? {
    guard known.id == fresh.id else { return nil }
    var translated = fresh
    if let old = known.sealedSecret, let new = fresh.sealedSecret, old != new, try isSameSecret(old, new, fresh.id) {
      translated.sealedSecret = old
    }
    let gone = known.recoveryCodes.filter { !fresh.recoveryCodes.contains($0) }
    var values: [Resealed.Value] = []
    if !gone.isEmpty {
      let plain = gone.map { (stored: $0, plain: try? keys.recoveryCodePlain($0, of: fresh.id)) }
      for (place, code) in fresh.recoveryCodes.enumerated() where !known.recoveryCodes.contains(code) {
        guard let now = try? keys.recoveryCodePlain(code, of: fresh.id),
          let same = plain.first(where: { $0.plain == now })
        else {
          continue
        }
        values.append(Resealed.Value(old: same.stored, new: code))
        translated.recoveryCodes[place] = same.stored
      }
    }
    guard translated != fresh else { return nil }
    // slapd keeps values of an attribute in no order that means anything.
    translated.recoveryCodes.sort { $0.lexicographicallyPrecedes($1) }
    var before = known
    before.recoveryCodes.sort { $0.lexicographicallyPrecedes($1) }
    return KeyRotation(values: values, known: translated, isAll: translated == before)
  }

  private func isSameSecret(_ old: [UInt8], _ new: [UInt8], _ id: EntryUUID) throws(DirectoryError) -> Bool {
    do throws(SealFailure) {
      return try keys.authenticatorSecret(old, of: id) == keys.authenticatorSecret(new, of: id)
    } catch .unknownKey(let key) {
      throw .unsuitable("an authenticator is sealed under key \(key), which keys.ring lacks")
    } catch {
      return false
    }
  }
}
