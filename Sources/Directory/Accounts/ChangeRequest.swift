internal import Secrets
internal import SignIn

/// A change as it is sent: the MODIFY and the condition that travels with it. This file is the table of
/// `docs/directory.md`, "One decision, one MODIFY".
struct ChangeRequest: Equatable {
  let modifications: [Modification]
  let condition: Filter

  /// Seals an authenticator's secret for one entry.
  typealias Seal = (Secret, EntryUUID) throws(SealFailure) -> [UInt8]

  init(_ change: Change, knowsPasswordPolicy: Bool, seal: Seal) throws(SealFailure) {
    let account = change.account
    let isEnabled = Self.isEnabled(knowsPasswordPolicy: knowsPasswordPolicy)
    let maySignIn = isEnabled + (knowsPasswordPolicy ? [.not(.equal(.passwordReset, "TRUE"))] : [])
    switch change {
    case .signIn(_, let step, let at):
      modifications = Self.signedIn(account, step: step, at: at)
      condition = .all(
        [
          Self.sameHash(account), .unchanged(.totpSecret, account.sealedSecret), Self.isNewer(step),
          .unchanged(.tries(.authenticator), account.tries[.authenticator].stored),
        ] + maySignIn)

    case .signInWithRecoveryCode(_, let code, let at):
      modifications = [.delete(.recoveryCode, [code])] + Self.signedIn(account, at: at)
      condition = .all(
        Self.holds(account, recoveryCode: code)
          + [.unchanged(.tries(.authenticator), account.tries[.authenticator].stored)] + maySignIn)

    case .firstLogin(_, let hash, let enrolment, let at):
      modifications =
        [.set(Self.hashAttribute(account), hash.stored), .clear(.invitedTime)]
        + Self.enrolled(enrolment, sealed: try seal(enrolment.secret, account.id))
        + Self.signedIn(account, step: enrolment.step, at: at)
      // The address must still be the one whose mailbox was proven.
      condition = .all(
        Self.hasNoHash(account) + [.absent(.totpSecret), .unchanged(.mail, account.mail.map { Array($0.utf8) })]
          + maySignIn)

    case .enrol(_, let enrolment, let at):
      modifications =
        Self.enrolled(enrolment, sealed: try seal(enrolment.secret, account.id))
        + Self.signedIn(account, step: enrolment.step, at: at)
      condition = .all(
        [Self.sameHash(account), .absent(.totpSecret), .unchanged(.mail, account.mail.map { Array($0.utf8) })]
          + maySignIn)

    case .replaceAuthenticator(_, let enrolment, let at):
      // The step counts for either secret, and only ever moves forward. The stamp ends the sessions, and tells whose
      // change it was.
      let step = max(enrolment.step, account.lastStep ?? 0)
      modifications =
        Self.enrolled(enrolment, sealed: try seal(enrolment.secret, account.id))
        + [.set(.totpLastStep, String(step)), .set(.sessionsSince, at.generalizedTime), .clear(.sessionEnded)]
      condition = .all(
        [Self.sameHash(account), .unchanged(.totpSecret, account.sealedSecret), Self.isNewer(step + 1)] + isEnabled)

    case .useRecoveryCode(_, let code):
      modifications = [.delete(.recoveryCode, [code])]
      condition = .all(Self.holds(account, recoveryCode: code) + isEnabled)

    case .useStep(_, let step):
      modifications = [.set(.totpLastStep, String(step))]
      condition = .all(
        [Self.sameHash(account), .unchanged(.totpSecret, account.sealedSecret), Self.isNewer(step)] + isEnabled)

    case .setPassword(_, let hash, let keepingHistory):
      modifications =
        [.set(Self.hashAttribute(account), hash.stored)] + Self.history(account, keeping: keepingHistory)
      condition = .all([Self.sameHash(account), .unchanged(.totpSecret, account.sealedSecret)] + isEnabled)

    case .upgradeHash(_, let hash):
      modifications = [.set(Self.hashAttribute(account), hash.stored)]
      condition = .all([Self.sameHash(account)] + isEnabled)

    case .storeMailedCode(_, let code, let at):
      // A new code has its own row of tries; what was tried within the hour and the day is not forgotten.
      modifications = [
        .set(.code, code.stored), .set(.tries(.mail), account.tries[.mail].charged(at: at)),
        .set(.tries(.mailedCode), account.tries[.mailedCode].interrupted()),
      ]
      condition = .all(
        [
          .unchanged(.tries(.mail), account.tries[.mail].stored), Self.sameHash(account),
          .unchanged(.tries(.mailedCode), account.tries[.mailedCode].stored),
          .unchanged(.totpSecret, account.sealedSecret), .unchanged(.mail, account.mail.map { Array($0.utf8) }),
        ] + isEnabled)

    case .useMailedCode:
      modifications = [.clear(.code)]
      condition = .unchanged(.code, account.mailedCode?.stored ?? [])

    case .charge(_, let factor, let tries, let killsMailedCode):
      modifications = [.set(.tries(factor), tries)] + (killsMailedCode ? [.clear(.code)] : [])
      condition = .unchanged(.tries(factor), account.tries[factor].stored)

    case .deactivate(_, let reason, let at, let cutoff):
      modifications =
        [
          .clear(.idleSince), .set(.deactivatedTime, at.generalizedTime), .set(.deactivatedReason, reason.rawValue),
          // A reactivation brings no session back.
          .set(.sessionsSince, at.generalizedTime),
        ]
        // A replace: an add would fail where a short lock of ppolicy's own stands.
        + (knowsPasswordPolicy && account.lock == .none
          ? [.set(.accountLockedTime, Self.lockedForGood), .set(.lockSet, "TRUE")] : [])
      condition = .all(
        [.unchanged(.idleSince, account.idleSince?.stored), .absent(.deactivatedTime)]
          + (reason == .inactivity ? [.not(.equal(.exempt, "TRUE"))] : [])
          + (knowsPasswordPolicy ? [Self.sameLock(account)] : [])
          + (cutoff.map { Self.isUnused(account, since: $0) } ?? []))

    case .undo(_, let deactivated, let at):
      modifications = Self.reactivated(at: at, lock: account.lock, knowsPasswordPolicy: knowsPasswordPolicy)
      condition = .all(
        [.equal(.deactivatedTime, deactivated.generalizedTime)]
          + (knowsPasswordPolicy ? [Self.sameLock(account)] : []))

    case .reactivate(_, let at):
      modifications = Self.reactivated(at: at, lock: account.lock, knowsPasswordPolicy: knowsPasswordPolicy)
      condition = .all([.present(.deactivatedTime)] + (knowsPasswordPolicy ? [Self.sameLock(account)] : []))

    case .unlock:
      modifications = Factor.guesses.map { .clear(.tries($0)) }
      condition = .all(Factor.guesses.map { .unchanged(.tries($0), account.tries[$0].stored) })

    case .reset(_, let at, let keepingHistory):
      modifications = Self.reset(account, at: at, keepingHistory: keepingHistory)
      // Never under a lock: slapd's ppolicy would take it away together with the hash.
      condition = .all([Self.sameHash(account), .unchanged(.totpSecret, account.sealedSecret)] + isEnabled)

    case .endSessions(_, let at):
      // What ended before is among them.
      modifications = [.set(.sessionsSince, at.generalizedTime), .clear(.sessionEnded)]
      condition = .unchanged(.sessionsSince, account.sessionsSince?.stored)

    case .endSession(_, let id, let ends, let at):
      // Value by value: a session that another daemon ends at the same moment stays ended.
      let outdated = account.endedSessions.outdated(at: at)
      let value = EndedSessions.value(id: id, ends: ends)
      modifications =
        (outdated.isEmpty ? [] : [.delete(.sessionEnded, outdated)]) + [.add(.sessionEnded, [value])]
      condition = .all(outdated.map { .equal(.sessionEnded, $0) } + [.not(.equal(.sessionEnded, value))])

    case .finishReactivation(_, let at):
      modifications = Self.reactivated(at: at, lock: account.lock, knowsPasswordPolicy: knowsPasswordPolicy)
      condition =
        switch account.lock {
        case .none, .foreign, .displaced: .all([.present(.deactivatedReason), .absent(.deactivatedTime)])
        case .ours: .all([.equal(.lockSet, "TRUE"), .absent(.deactivatedTime)])
        case .lifted: .all([.equal(.lockSet, "TRUE"), .not(.isLockedForGood)])
        }

    case .lockAgain(_, let at):
      // The new time tells a later gesture of an administrator from the change of the password before it.
      modifications = [.set(.accountLockedTime, Self.lockedForGood), .set(.deactivatedTime, at.generalizedTime)]
      condition = .all([.equal(.lockSet, "TRUE"), .present(.deactivatedTime), .not(.isLockedForGood)])

    case .advanceClock(_, let to):
      modifications = [.set(.idleSince, to.generalizedDay), .clear(.warnedTime), .clear(.warningClaimed)]
      condition = .all([.unchanged(.idleSince, account.idleSince?.stored), .absent(.deactivatedTime)])

    case .claimWarning(_, let at):
      modifications = [.set(.warningClaimed, at.generalizedTime)]
      condition = .all([
        .unchanged(.warningClaimed, account.warningClaim?.stored), .unchanged(.warnedTime, account.warned?.stored),
        .unchanged(.idleSince, account.idleSince?.stored), .not(.equal(.exempt, "TRUE")), .absent(.deactivatedTime),
      ])

    case .stampWarning(_, let claimed, let at):
      modifications = [.set(.warnedTime, at.generalizedTime), .clear(.warningClaimed)]
      condition = .equal(.warningClaimed, claimed.generalizedTime)

    case .reseal(_, let resealed):
      (modifications, condition) = Self.resealed(resealed)

    case .startClock(_, let at):
      modifications = [.set(.idleSince, at.generalizedDay)]
      condition = .all([.absent(.idleSince), .absent(.deactivatedTime)])

    case .dateInvitation(_, let at):
      let hasTime = account.invited != nil
      modifications =
        (hasTime ? [] : [.set(.invitedTime, at.generalizedTime)])
        + [.idleSince, .warnedTime, .warningClaimed].map { .clear($0) }
      condition = .all(
        (hasTime ? [] : [.absent(.invitedTime)]) + [.absent(.totpSecret)] + Self.hasNoHash(account) + isEnabled)
    }
  }

  // MARK: - Parts

  private static let lockedForGood = "000001010000Z"

  private static func hashAttribute(_ account: Account) -> Attribute {
    account.hashIsBehindPassThrough ? .password : .userPassword
  }

  private static func sameHash(_ account: Account) -> Filter {
    guard let hash = account.hash else {
      return account.hashIsBehindPassThrough ? .absent(.password) : .absent(.userPassword)
    }
    // Several values are read as one that nothing matches.
    return hash.stored.isEmpty ? .present(.userPassword) : .equal(hashAttribute(account), hash.stored)
  }

  private static func hasNoHash(_ account: Account) -> [Filter] {
    [account.hashIsBehindPassThrough ? .present(.userPassword) : .absent(.userPassword), .absent(.password)]
  }

  /// Neither a sign-in nor a bind to slapd since. slapd knows `authTimestamp` where its module is loaded, and nowhere else.
  private static func isUnused(_ account: Account, since cutoff: Timestamp) -> [Filter] {
    ([.lastSignIn, .passwordLastSuccess] + (account.showsAuthTimestamp ? [.authTimestamp] : []))
      .map { .not(.atLeast($0, Array(cutoff.generalizedTime.utf8))) }
  }

  private static func isNewer(_ step: Int64) -> Filter { .not(.atLeast(.totpLastStep, Array(String(step).utf8))) }

  /// The password is the one that was verified, and the code was not used since.
  private static func holds(_ account: Account, recoveryCode code: [UInt8]) -> [Filter] {
    [sameHash(account), .unchanged(.totpSecret, account.sealedSecret), .equal(.recoveryCode, code)]
  }

  private static func isEnabled(knowsPasswordPolicy: Bool) -> [Filter] {
    [.absent(.deactivatedTime)] + (knowsPasswordPolicy ? [.not(.isLockedForGood)] : [])
  }

  private static func sameLock(_ account: Account) -> Filter {
    switch account.lock {
    case .none, .lifted, .displaced: .not(.isLockedForGood)
    case .ours, .foreign: .isLockedForGood
    }
  }

  /// A new secret voids the recovery codes of the one before.
  private static func enrolled(_ enrolment: Enrolment, sealed: [UInt8]) -> [Modification] {
    [
      .set(.totpSecret, sealed),
      Modification(operation: .replace, attribute: .recoveryCode, values: enrolment.recovery.stored),
    ]
  }

  /// Value by value, so that what another daemon adds or uses up at the same moment stays as it is.
  private static func resealed(_ resealed: Resealed) -> ([Modification], Filter) {
    let (secret, codes) = (resealed.secret, resealed.recoveryCodes)
    return (
      (secret.map { [.delete(.totpSecret, [$0.old]), .add(.totpSecret, [$0.new])] } ?? [])
        + (codes.isEmpty
          ? [] : [.delete(.recoveryCode, codes.map(\.old)), .add(.recoveryCode, codes.map(\.new))]),
      .all((secret.map { [.equal(.totpSecret, $0.old)] } ?? []) + codes.map { .equal(.recoveryCode, $0.old) })
    )
  }

  /// Stamps, the step, cleared budgets, and the clock where it is a day older.
  private static func signedIn(_ account: Account, step: Int64? = nil, at: Timestamp) -> [Modification] {
    var modifications: [Modification] = step.map { [.set(.totpLastStep, String($0))] } ?? []
    modifications += [
      .set(.lastSignIn, at.generalizedTime), .clear(.tries(.password)),
      .clear(.tries(.authenticator)), .clear(.tries(.mailedCode)), .clear(.warnedTime), .clear(.warningClaimed),
    ]
    if let previous = account.lastSignIn { modifications.append(.set(.previousSignIn, previous.generalizedTime)) }
    let clock = account.idleSince?.time
    if clock.map({ $0 < at.startOfDay }) ?? true { modifications.append(.set(.idleSince, at.generalizedDay)) }
    return modifications
  }

  private static func history(_ account: Account, keeping count: Int) -> [Modification] {
    guard count > 0, let old = account.hash?.stored else { return [] }
    let kept = account.history.map(\.stored).suffix(count - 1) + [old]
    return [Modification(operation: .replace, attribute: .passwordHistory, values: Array(kept))]
  }

  private static func reset(_ account: Account, at: Timestamp, keepingHistory: Int) -> [Modification] {
    // What passes through to SASL is not ours to take away.
    let hashes: [Attribute] = account.hashIsBehindPassThrough ? [.password] : [.userPassword, .password]
    let cleared = hashes + [.totpSecret, .recoveryCode, .code, .sessionEnded, .idleSince]
    return (cleared + Factor.guesses.map { .tries($0) }).map { .clear($0) }
      + history(account, keeping: keepingHistory)
      + [.set(.sessionsSince, at.generalizedTime), .set(.invitedTime, at.generalizedTime)]
  }

  private static func reactivated(at: Timestamp, lock: Lock, knowsPasswordPolicy: Bool) -> [Modification] {
    [
      .clear(.deactivatedTime), .clear(.deactivatedReason), .clear(.lockSet), .set(.idleSince, at.generalizedDay),
      .clear(.warnedTime), .clear(.warningClaimed),
    ] + (knowsPasswordPolicy && lock == .ours ? [.clear(.accountLockedTime)] : [])
  }
}

extension Modification {
  /// A budget; none is an absent attribute.
  static func set(_ attribute: Attribute, _ tries: Tries) -> Modification {
    tries.stored.map { set(attribute, $0) } ?? clear(attribute)
  }
}
