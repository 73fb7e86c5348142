internal import Directory
internal import Logging
internal import Mail
internal import SignIn

/// "Your account will be deactivated in 30 days." A warning is claimed before it is sent and stamped after the mail
/// server has it. Of several daemons one sends it, and a second one comes only where a daemon dies in between.
extension Round {
  /// Longer than a mail is tried.
  private static let leaseSeconds: Int64 = 900
  /// So many in a row that the mail server did not take, and the rest waits for the next sweep.
  private static let failuresInARowMax = 3
  private static let stampAttemptsMax = 5

  /// One mail at a time: sign-in codes never wait behind a queue of warnings.
  mutating func warn(_ tell: Sweep.Tell) async throws(DirectoryError) {
    guard failure == nil, service.postbox.outbox != nil,
      let cutoff = sweep.inactivity.warningCutoff(at: service.now())
    else { return }
    var failuresInARow = 0
    _ = try await sweep.accounts.forEach(.idle(since: cutoff)) { account throws(DirectoryError) in
      guard let days = sweep.inactivity.daysToTell(account, at: service.now()), account.standing != .locked,
        try await sweep.protection.reason(toKeep: account, exempt: exempt) == nil
      else { return true }
      if isClaimed(account) { return await note(account, .skipped, tell, reason: "another daemon is about to warn") }
      guard account.mail != nil else { return await note(account, .skipped, tell, reason: "no mail address") }
      if isDryRun { return await note(account, .wouldWarn, tell) }
      switch try await warn(account, days: days) {
      case .stopped: return stop()
      case .lost: return true
      case .sent:
        failuresInARow = 0
        return await note(account, .warned, tell)
      case .failed:
        failuresInARow += 1
        guard await note(account, .skipped, tell, reason: "the mail was not taken; again at the next sweep") else {
          return false
        }
        guard failuresInARow >= Self.failuresInARowMax else { return true }
        service.logger.error("the mail server takes no warnings; the next sweep tries again (mail.server)")
        return false
      }
    }
  }

  private enum Sending { case sent, failed, lost, stopped }

  /// A claim in the future is nobody's any more: its daemon's clock was wrong.
  private func isClaimed(_ account: Account) -> Bool {
    guard let claimed = account.warningClaim?.time else { return false }
    let now = service.now()
    return claimed.adding(seconds: Self.leaseSeconds) > now && claimed <= now.adding(seconds: Self.leaseSeconds)
  }

  private mutating func warn(_ account: Account, days: Int64) async throws(DirectoryError) -> Sending {
    let message = service.postbox.message(.inactivityWarning, to: account, values: ["days": String(days)])
    guard let message else { return .failed }
    guard await service.postbox.waitForRoom(), await sweep.pace.wait() else { return .stopped }
    let claimed = service.now()
    guard try await sweep.accounts.apply(.claimWarning(account, at: claimed)) == .applied else { return .lost }
    guard await service.postbox.deliver(message) else { return Task.isCancelled ? .stopped : .failed }
    await stamp(account, claimed: claimed)
    return .sent
  }

  /// Tried again: a mail that was sent and not stamped is sent once more.
  private func stamp(_ account: Account, claimed: Timestamp) async {
    for attempt in 1...Self.stampAttemptsMax {
      _ = await sweep.pace.wait()
      do throws(DirectoryError) {
        // Refused where the owner has signed in meanwhile, and there is nothing to stamp.
        _ = try await sweep.accounts.apply(.stampWarning(account, claimed: claimed, at: service.now()))
        return
      } catch {
        service.logger.error(
          "a warning was sent and is not recorded yet", metadata: ["id": "\(account.id)", "reason": "\(error.text)"])
        try? await Task.sleep(for: .seconds(attempt))
      }
    }
  }
}
