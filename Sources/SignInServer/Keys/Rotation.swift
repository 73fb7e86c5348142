internal import Directory
internal import Logging
internal import Secrets
internal import SignIn

/// Seals everything that is under an older key anew, under the active one: entry by entry, each by one MODIFY whose
/// condition is what was read. Sign-ins go on meanwhile. It may be cut short at any moment: what is left is found by the
/// next one.
struct Rotation: Sendable {
  struct Summary: Sendable, Equatable {
    var secrets = 0
    var recoveryCodes = 0
    /// Still under another key than the active one when all was looked at for the last time.
    var left = 0
    /// Of those: under keys that the ring lacks, and damaged ones.
    var unknown = 0
    var damaged = 0
    var resealed: Int { secrets + recoveryCodes }
  }

  enum Note: Sendable {
    case progress(examined: Int, resealed: Int)
    /// Cannot be opened; nil for a damaged one.
    case stuck(Account, unknownKey: UInt32?)
  }

  let service: SignInService
  let pace: Pace

  private var keys: KeyRing { service.keys }

  /// Entries that other daemons sealed under an older key meanwhile are found by another pass.
  private static let passesMax = 4
  private static let attemptsMax = 3
  /// No client is told of more.
  private static let stuckMax = 100
  private static let progressPause = Duration.seconds(1)

  /// - Parameter tell: answers false to stop.
  /// - Returns: nil where it was stopped.
  func run(_ tell: (Note) async -> Bool) async throws(DirectoryError) -> Summary? {
    var summary = Summary()
    for pass in 1...Self.passesMax {
      (summary.left, summary.unknown, summary.damaged) = (0, 0, 0)
      let before = summary.resealed
      guard try await self.pass(&summary, isFirst: pass == 1, tell) else { return nil }
      if summary.resealed == before { break }
    }
    return summary
  }

  private func pass(
    _ summary: inout Summary, isFirst: Bool, _ tell: (Note) async -> Bool
  ) async throws(DirectoryError) -> Bool {
    var told = ContinuousClock.now
    var (examined, stuck, goesOn) = (0, 0, true)
    var counted = summary
    try await service.accounts.forEach(.underKeys) { account throws(DirectoryError) in
      examined += 1
      let plan = plan(account)
      counted.left += plan.stuck.count
      for unknown in plan.stuck {
        if unknown == nil { counted.damaged += 1 } else { counted.unknown += 1 }
        if isFirst, goesOn, stuck < Self.stuckMax { goesOn = await tell(.stuck(account, unknownKey: unknown)) }
        stuck += 1
      }
      if !plan.resealed.isEmpty {
        guard await pace.wait() else {
          goesOn = false
          return false
        }
        try await carryOver(account, plan.resealed, &counted)
      }
      if goesOn, ContinuousClock.now - told >= Self.progressPause {
        told = .now
        goesOn = await tell(.progress(examined: examined, resealed: counted.resealed))
      }
      return goesOn && !Task.isCancelled
    }
    summary = counted
    return goesOn && !Task.isCancelled
  }

  /// Tries again where the entry was changed at the same moment: whatever was written since is what counts.
  private func carryOver(
    _ account: Account, _ resealed: Resealed, _ summary: inout Summary
  ) async throws(DirectoryError) {
    var (account, resealed) = (account, resealed)
    for _ in 0..<Self.attemptsMax {
      switch try await service.accounts.apply(.reseal(account, resealed)) {
      case .applied:
        summary.secrets += resealed.secret == nil ? 0 : 1
        summary.recoveryCodes += resealed.recoveryCodes.count
        return
      case .refused(nil): return
      case .refused(let fresh?):
        account = fresh
        resealed = plan(fresh).resealed
        if resealed.isEmpty { return }
      }
    }
    summary.left += (resealed.secret == nil ? 0 : 1) + resealed.recoveryCodes.count
  }

  /// What of an account is to be carried over, and for each value that cannot be opened the key that is missing.
  private func plan(_ account: Account) -> (resealed: Resealed, stuck: [UInt32?]) {
    var resealed = Resealed()
    var stuck: [UInt32?] = []
    func value(
      _ old: [UInt8], _ open: ([UInt8], EntryUUID) throws(SealFailure) -> Secret,
      _ seal: (Secret, EntryUUID, [UInt8]) throws(SealFailure) -> [UInt8]
    ) -> Resealed.Value? {
      do throws(SealFailure) {
        // Never taken for one that is done.
        guard let nonce = try? service.random(KeyRing.nonceLength) else { throw .malformed }
        return Resealed.Value(old: old, new: try seal(try open(old, account.id), account.id, nonce))
      } catch {
        if case .unknownKey(let key) = error { stuck.append(key) } else { stuck.append(nil) }
        return nil
      }
    }
    if let secret = account.sealedSecret, KeyRing.keyID(of: secret) != keys.activeKeyID {
      resealed.secret = value(secret, keys.authenticatorSecret, keys.sealedAuthenticatorSecret)
    }
    for code in account.recoveryCodes where KeyRing.keyID(ofAuthenticator: code) != keys.activeKeyID {
      if let moved = value(code, keys.recoveryCodePlain, keys.sealedRecoveryCode) {
        resealed.recoveryCodes.append(moved)
      }
    }
    return (resealed, stuck)
  }
}
