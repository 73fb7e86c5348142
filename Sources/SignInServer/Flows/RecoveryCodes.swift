internal import Logging
internal import Secrets
internal import SignIn

/// How recovery codes are stored: a sealed authenticator (`SealedAuthenticator.swift`) over the entry and the code, so that
/// whoever has the directory alone has nothing to search, and a value that is moved to another entry is good for nothing
/// there.
extension SignInService {
  private static let recoveryLabel = "recovery-code"
  static let recoveryAttribute = "drawbridgeRecoveryCode"

  func drawRecoveryCodes(for id: EntryUUID, count: Int) throws(Later) -> RecoveryCodes {
    var shown: [Secret] = []
    var stored: [[UInt8]] = []
    do {
      for _ in 0..<count {
        let symbols = try RecoveryCode.draw(random)
        shown.append(Secret(RecoveryCode.grouped(symbols)))
        stored.append(
          try keys.sealedAuthenticator(
            purpose: Self.recoveryLabel, parts: [id.bytes, symbols], entryUUID: id.bytes,
            attribute: Self.recoveryAttribute, random: random))
      }
    } catch {
      logger.error("recovery codes could not be drawn", metadata: ["reason": "\(error)"])
      throw Later(reason: "randomness")
    }
    return RecoveryCodes(shown: shown, stored: stored)
  }

  /// The code of the account that `typed` is, as it is stored; nil where it is none. The work is the same for every
  /// account and for none.
  ///
  /// - Parameter unsettled: changes of this flow whose answer was lost. Should one have landed after all, its code is no
  ///   longer in the entry, and the same answer is still right.
  func recoveryCode(_ typed: [UInt8], of account: Account?, or unsettled: [Change]) throws(Later) -> [UInt8]? {
    let lost = unsettled.compactMap { $0.account.id == account?.id ? $0.recoveryCode : nil }
    let own = account?.recoveryCodes ?? []
    let stored = (own + lost.filter { !own.contains($0) }).prefix(RecoveryCodes.countMax)
    let symbols = RecoveryCode.symbols(of: typed) ?? []
    let id = (account?.id ?? EntryUUID("-")).bytes
    let decoy = decoyRecoveryCode(id)
    var found: [UInt8]?
    var unknown: UInt32?
    for place in 0..<RecoveryCodes.countMax {
      let code = place < stored.count ? stored[place] : decoy
      do throws(SealFailure) {
        let isRight = try keys.verifySealed(
          code, purpose: Self.recoveryLabel, parts: [id, symbols], entryUUID: id, attribute: Self.recoveryAttribute)
        // Of the same code under two keys, the one that the entry has.
        if isRight, !symbols.isEmpty, found == nil { found = code }
      } catch .unknownKey(let key) {
        metrics.count { $0.unknownKeys.add("account") }
        unknown = key
      } catch {
        logger.error("a recovery code cannot be read", metadata: ["id": "\(account?.id.description ?? "-")"])
      }
    }
    if found == nil, let unknown {
      logger.critical("recovery codes were made under an unknown key (keys.ring)", metadata: ["key": "\(unknown)"])
      throw Later(reason: "keys", afterSeconds: 30)
    }
    return found
  }

  /// Under the active key, and never right.
  private func decoyRecoveryCode(_ id: [UInt8]) -> [UInt8] {
    let made = try? keys.sealedAuthenticator(
      purpose: "decoy", parts: [], entryUUID: id, attribute: Self.recoveryAttribute, random: random)
    return made ?? []
  }
}

extension Change {
  /// The recovery code that this uses up, as stored.
  var recoveryCode: [UInt8]? {
    switch self {
    case .signInWithRecoveryCode(_, let code, _), .useRecoveryCode(_, let code): code
    default: nil
    }
  }
}
