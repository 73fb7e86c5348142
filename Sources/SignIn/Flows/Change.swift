public import Secrets

/// A change of an entry that decides something: one MODIFY whose condition travels with it, so that two daemons, a
/// crash, or an administrator at the same moment never leave half of it. Each carries the account as it was read.
public enum Change: Equatable, Sendable {
  /// Both factors were right: step, stamps, cleared budgets and the clock.
  case signIn(Account, step: Int64, at: Timestamp)
  /// The same with a recovery code in place of the step: that one, as stored, is gone with it.
  case signInWithRecoveryCode(Account, [UInt8], at: Timestamp)
  /// First-time login: password, authenticator, step, stamps and clock, all at once.
  case firstLogin(Account, PasswordHash, Enrolment, at: Timestamp)
  /// An account that had a password gets its authenticator, and is signed in.
  case enrol(Account, Enrolment, at: Timestamp)
  /// Another authenticator, and other recovery codes, in the place of those that were read; every session is over.
  case replaceAuthenticator(Account, Enrolment, at: Timestamp)
  /// A code that opens the way to a new password is used up.
  case useStep(Account, step: Int64)
  /// The same with a recovery code, as stored.
  case useRecoveryCode(Account, [UInt8])
  /// The hash that was verified is replaced; the old one may join the history.
  case setPassword(Account, PasswordHash, keepingHistory: Int)
  /// The same password under the parameters of today.
  case upgradeHash(Account, PasswordHash)
  case storeMailedCode(Account, LiveCode, at: Timestamp)
  case useMailedCode(Account)
  case charge(Account, Factor, Tries, killsMailedCode: Bool)
  case deactivate(Account, Deactivation.Reason, at: Timestamp, cutoff: Timestamp?)
  case reactivate(Account, at: Timestamp)
  /// An administrator forgives all guesses. How many mails went out is not forgotten.
  case unlock(Account)
  /// Back to first-time login: neither password nor authenticator, no code, no tries, no session.
  case reset(Account, at: Timestamp, keepingHistory: Int)
  /// Every session that was opened before is over.
  case endSessions(Account, at: Timestamp)
  /// One session is over, which would end by itself then.
  case endSession(Account, id: [UInt8], ends: Timestamp, at: Timestamp)
  /// Takes one deactivation back, and no other: the marker is the one that is told here.
  case undo(Account, deactivated: Timestamp, at: Timestamp)
  /// Completes what an administrator began with one gesture of an LDAP tool.
  case finishReactivation(Account, at: Timestamp)
  /// Sets the lock of a deactivated account again that went with its password.
  case lockAgain(Account, at: Timestamp)
  case startClock(Account, at: Timestamp)
  /// An invitation that an LDAP tool has made: one without its time runs from now on, and the clock goes.
  case dateInvitation(Account, at: Timestamp)
  /// The owner was seen elsewhere: the clock follows, only ever forward.
  case advanceClock(Account, to: Timestamp)
  /// Before a warning of inactivity is sent: of several daemons, one sends it.
  case claimWarning(Account, at: Timestamp)
  /// After the mail server has taken the warning that was claimed then.
  case stampWarning(Account, claimed: Timestamp, at: Timestamp)
  /// The same authenticator and the same recovery codes, under another key.
  case reseal(Account, Resealed)

  public var account: Account {
    switch self {
    case .signIn(let account, _, _), .signInWithRecoveryCode(let account, _, _), .firstLogin(let account, _, _, _),
      .enrol(let account, _, _), .replaceAuthenticator(let account, _, _), .useStep(let account, _),
      .useRecoveryCode(let account, _), .setPassword(let account, _, _), .upgradeHash(let account, _),
      .storeMailedCode(let account, _, _), .useMailedCode(let account), .charge(let account, _, _, _),
      .deactivate(let account, _, _, _), .reactivate(let account, _), .unlock(let account),
      .reset(let account, _, _), .endSessions(let account, _), .endSession(let account, _, _, _),
      .finishReactivation(let account, _),
      .lockAgain(let account, _), .startClock(let account, _), .advanceClock(let account, _),
      .dateInvitation(let account, _), .undo(let account, _, _), .claimWarning(let account, _),
      .stampWarning(let account, _, _), .reseal(let account, _):
      account
    }
  }

  /// Whether it was out of the question already when the account was read: the code is used, or the lock would
  /// be set in the second of the password's change, so that nothing told them apart later. Such a change is never sent,
  /// so that a refused condition of an unchanged entry always means a fault.
  public var isRuledOut: Bool {
    switch self {
    case .signIn(let account, let step, _), .useStep(let account, let step): account.hasUsed(step)
    case .signInWithRecoveryCode(let account, let code, _), .useRecoveryCode(let account, let code):
      !account.recoveryCodes.contains(code)
    case .lockAgain(let account, let at): account.passwordChanged?.seconds == at.seconds
    default: false
    }
  }

  /// One wrong answer more, on top of what the account was read with. The last one that a mailed code survives takes it
  /// along: decided anew with every reading, as another daemon may have charged or mailed since.
  public static func charging(_ account: Account, _ factor: Factor, at now: Timestamp) -> Change {
    let tries = account.tries[factor].charged(at: now)
    let killsMailedCode = factor == .mailedCode && tries.consecutive >= Rules.codeTriesMax
    return .charge(account, factor, tries, killsMailedCode: killsMailedCode)
  }

  /// Whether an entry, read after the answer to this change was lost, shows that it was applied. Every value that is
  /// looked for here is unique to its writer: a stamp in microseconds, or bytes with fresh randomness in them.
  public func landed(in now: Account) -> Bool {
    guard now.id == account.id else { return false }
    switch self {
    case .signIn(_, _, let at), .signInWithRecoveryCode(_, _, let at), .firstLogin(_, _, _, let at),
      .enrol(_, _, let at):
      return now.lastSignIn == at
    case .setPassword(_, let hash, _), .upgradeHash(_, let hash): return now.hash == hash
    case .storeMailedCode(_, let code, _): return now.mailedCode == code
    case .charge(_, let factor, let tries, _): return now.tries[factor] == tries
    case .deactivate(_, _, let at, _): return now.deactivation?.since == at
    case .reactivate, .undo, .finishReactivation:
      return now.deactivation == nil && !now.hasUnfinishedReactivation
    case .claimWarning(_, let at): return now.warningClaim?.time == at
    case .stampWarning(_, _, let at): return now.warned?.time == at
    case .lockAgain: return now.lock == .ours
    case .unlock: return Factor.guesses.allSatisfy { now.tries[$0] == .none }
    case .replaceAuthenticator(_, _, let at), .reset(_, let at, _), .endSessions(_, let at):
      return now.sessionsSince?.time == at
    case .endSession(_, let id, _, _): return now.endedSessions.contains(id)
    case .startClock: return now.idleSince != nil
    case .dateInvitation(let account, let at):
      return now.invited == account.invited ?? at && now.idleSince == nil
    case .advanceClock(_, let to): return now.idleSince?.time == to.startOfDay
    case .reseal(_, let resealed): return resealed.landed(in: now)
    case .useStep, .useRecoveryCode, .useMailedCode: return false  // anybody may have used it: never taken for our own
    }
  }
}
