internal import Directory
internal import Logging
internal import SignIn

/// One sweep, pass by pass.
struct Round {
  let sweep: Sweep
  let isDryRun: Bool
  let peer: Peer?
  var exempt = GroupMembers.none
  var summary = Sweep.Summary()
  /// What ended the round early, where it was not the directory.
  var failure: Sweep.Failure?
  var record: SweepRecord?
  /// Accounts whose deactivation is decided and not yet recorded.
  var batch: [Account] = []

  init(sweep: Sweep, isDryRun: Bool, peer: Peer?) {
    self.sweep = sweep
    self.isDryRun = isDryRun
    self.peer = peer
  }

  var service: SignInService { sweep.service }

  // MARK: Passes

  mutating func finishReactivations(_ tell: Sweep.Tell) async throws(DirectoryError) {
    guard failure == nil else { return }
    summary.examined += try await sweep.accounts.forEach(.unfinishedReactivation) {
      account throws(DirectoryError) in
      if account.lock == .displaced, !isDryRun {
        guard await isMyTurn() else { return false }
        _ = try await sweep.accounts.lockAgain(account)
      }
      guard account.hasUnfinishedReactivation else { return true }
      return try await finish(account, as: isDryRun ? .wouldReactivate : .reactivated, tell)
    }
  }

  mutating func startTimes(_ tell: Sweep.Tell) async throws(DirectoryError) {
    guard failure == nil else { return }
    try await sweep.accounts.forEach(.withoutTime) { account throws(DirectoryError) in
      let isInvited = account.hash == nil && account.sealedSecret == nil
      // Selected with them: who lacks nothing but an authenticator.
      guard isInvited || account.idleSince == nil else { return true }
      summary.examined += 1
      if account.hasUnfinishedReactivation {
        guard account.lock == .none else { return true }  // of the pass before
        return try await finish(
          account, as: isDryRun ? .wouldSetClock : .clockSet, tell, reason: "reactivated by a tool")
      }
      if isInvited { return try await dateInvitation(account, tell) }
      if isDryRun { return await note(account, .wouldSetClock, tell) }
      guard await isMyTurn() else { return false }
      let clock = sweep.inactivity.firstClock(of: account, at: service.now())
      guard try await sweep.accounts.apply(.startClock(account, at: clock)) == .applied else { return true }
      return await note(account, .clockSet, tell)
    }
  }

  mutating func deactivate(_ tell: Sweep.Tell) async throws(DirectoryError) {
    guard failure == nil else { return }
    let now = service.now()
    let cutoff = sweep.inactivity.cutoff(at: now)
    summary.examined += try await sweep.accounts.forEach(.idle(since: cutoff, orAfter: now)) {
      account throws(DirectoryError) in
      // A clock that an LDAP tool has left: of the pass before.
      guard account.standing != .invited else { return true }
      // At the time of the cutoff, which is the condition of the change: a later one would find more accounts due.
      switch sweep.inactivity.verdict(on: account, at: now) {
      case .doubtful:
        return await note(account, .skipped, tell, reason: "a stamp is no time, or lies in the future")
      case .stays:
        return try await follow(account)
      case .due:
        if let reason = try await sweep.protection.reason(toKeep: account, exempt: exempt) {
          return await note(account, .skipped, tell, reason: reason)
        }
        if isDryRun { return await note(account, .wouldDeactivate, tell) }
        batch.append(account)
        return batch.count < Self.batchMax ? true : try await flush(cutoff, tell)
      }
    }
    if failure == nil { _ = try await flush(cutoff, tell) }
  }

  // MARK: Steps; each answers false to stop

  /// Seen elsewhere since: the clock follows, so that the next sweep need not look again.
  private mutating func follow(_ account: Account) async throws(DirectoryError) -> Bool {
    let newest = [account.lastSignIn, account.lastBind].compactMap { $0 }.max()
    guard !isDryRun, let newest, let clock = account.idleSince?.time, newest.startOfDay > clock else { return true }
    guard await isMyTurn() else { return false }
    _ = try await sweep.accounts.apply(.advanceClock(account, to: newest))
    return true
  }

  /// An LDAP tool has invited: the invitation runs out as any other does, from now on.
  private mutating func dateInvitation(_ account: Account, _ tell: Sweep.Tell) async throws(DirectoryError) -> Bool {
    guard account.standing == .invited, account.invited == nil || account.idleSince != nil else { return true }
    if isDryRun { return await note(account, .wouldDateInvitation, tell) }
    guard await isMyTurn() else { return false }
    guard try await sweep.accounts.apply(.dateInvitation(account, at: service.now())) == .applied else { return true }
    return await note(account, .invitationDated, tell)
  }

  private mutating func finish(
    _ account: Account, as act: Sweep.Act, _ tell: Sweep.Tell, reason: String? = nil
  ) async throws(DirectoryError) -> Bool {
    if isDryRun { return await note(account, act, tell, reason: reason) }
    // A mail goes to the owner.
    guard await isMyTurn(), await service.postbox.waitForRoom() else { return stop() }
    guard try await sweep.accounts.finishReactivation(of: account).isOurs else { return true }
    return await note(account, act, tell, reason: reason)
  }

  private static let batchMax = 50

  /// Records what is about to be done, and does it.
  private mutating func flush(_ cutoff: Timestamp, _ tell: Sweep.Tell) async throws(DirectoryError) -> Bool {
    guard !batch.isEmpty else { return true }
    let (due, at) = (batch, service.now())
    batch = []
    do throws(SweepRecord.Failure) {
      if record == nil { record = try await sweep.records.open(at: at) }
      try await record?.append(due, deactivatedAt: at)
      summary.record = record?.path
    } catch {
      failure = .record(error.description)
      return false
    }
    for account in due {
      guard await isMyTurn() else { return false }
      // Of two last administrators in one batch, each was the other's excuse.
      if let reason = try await sweep.protection.reason(toKeep: account, exempt: exempt) {
        guard await note(account, .skipped, tell, reason: reason) else { return false }
        continue
      }
      let change = Change.deactivate(account, .inactivity, at: at, cutoff: cutoff)
      guard try await sweep.accounts.apply(change) == .applied else {
        guard await note(account, .skipped, tell, reason: "changed at the same moment") else { return false }
        continue
      }
      service.logger.notice("deactivated for inactivity", metadata: ["id": "\(account.id)", "dn": "\(account.dn)"])
      service.audit(
        AuditEvent(kind: .sweep, name: "deactivate", result: "done", account: account.id, peer: peer))
      guard await note(account, .deactivated, tell) else { return false }
    }
    return true
  }

  mutating func note(
    _ account: Account, _ act: Sweep.Act, _ tell: Sweep.Tell, reason: String? = nil
  ) async -> Bool {
    summary.counts[act, default: 0] += 1
    return await tell(Sweep.Note(account: account, act: act, reason: reason)) && !Task.isCancelled ? true : stop()
  }

  /// Waits until a change may be made; false where the sweep has to stop.
  mutating func isMyTurn() async -> Bool { await sweep.pace.wait() ? true : stop() }

  mutating func stop() -> Bool {
    failure = .stopped
    return false
  }
}
