internal import Directory
internal import Secrets
internal import SignIn
internal import Wire

/// `EXPLAIN`: why an account is as it is, which attribute says so, and what would change it. Never a hash, a secret, a
/// code, or a byte of one.
extension Administration {
  func explain(_ account: Account, items: ItemSink) async throws(DirectoryError) -> Reply {
    let now = service.now()
    let remedies = Remedy.items(
      for: account, at: now, knowsPasswordPolicy: try await service.accounts.standing().knowsPasswordPolicy)
    let explanation = Explanation(
      account: account, rules: service.rules, inactivity: sweep.inactivity, now: now)
    for item in explanation.attributes + explanation.budgets + remedies {
      guard await items(item) else { break }
    }
    return .ok(
      "explained",
      Self.names(of: account) + [Field("state", account.standing.word), Field("because", explanation.because)],
      text: explanation.sentence)
  }
}

private struct Explanation {
  let account: Account
  let rules: Rules
  let inactivity: Inactivity
  let now: Timestamp

  // MARK: The state

  private var hashAttribute: String { account.hashIsBehindPassThrough ? "drawbridgePassword" : "userPassword" }

  /// The attributes that decide, by being there or not.
  var because: String {
    switch account.standing {
    case .deactivated: "drawbridgeDeactivatedTime"
    case .locked: "pwdAccountLockedTime"
    case .invited, .active, .lacksAuthenticator, .lacksPassword: "\(hashAttribute),drawbridgeTOTPSecret"
    }
  }

  var sentence: String {
    switch account.standing {
    case .deactivated:
      account.deactivation?.reason == .administrator
        ? "An administrator has deactivated the account. It signs in again once it is reactivated."
        : "The account was idle for too long, and is deactivated. It signs in again once it is reactivated."
    case .locked:
      "The account is locked by an administrator. Drawbridge refuses it, and never lifts this lock."
    case .invited: invitationSentence
    case .lacksAuthenticator:
      "There is a password and no authenticator: the next sign-in asks for the password and a mailed code, and enrols one."
    case .lacksPassword: "There is an authenticator and no password: forgot-password sets a new one."
    case .active:
      account.mustChangePassword
        ? "The account is set up, but pwdReset asks for a new password first: sign-in is refused until it is gone."
        : restingSentence ?? "The account is set up, and signs in with password and authenticator."
    }
  }

  private var invitationSentence: String {
    guard let invited = account.invited else {
      return "There is neither password nor authenticator: first-time login sets up both."
    }
    let expiry = invited.adding(seconds: rules.invitationLifetimeSeconds)
    return now < expiry
      ? "The person is invited, and has until \(expiry.rfc3339) for the first-time login."
      : "The invitation has expired at \(expiry.rfc3339). Invite the person again."
  }

  private var restingSentence: String? {
    let resting = [Factor.password, .authenticator].filter { rest(of: $0) != nil }
    guard !resting.isEmpty else { return nil }
    return "The account is set up, but after too many wrong tries it rests for a while: see the budgets."
  }

  // MARK: Attributes

  var attributes: [Item] {
    [password, authenticator, recoveryCodes, forcedChange].compactMap { $0 } + clocks + standing
      + [sessions, exemption, code].compactMap { $0 }
  }

  private func item(_ attribute: String, _ value: String?, _ means: String, _ further: [Field] = []) -> Item {
    let value = value.map { [Field("value", $0)] } ?? []
    return Item([Field("attribute", attribute)] + value + [Field("means", means)] + further)
  }

  private func item(_ attribute: String, _ time: Timestamp?, _ means: String, _ further: [Field] = []) -> Item? {
    time.map { item(attribute, $0.rfc3339, means, further) }
  }

  private var password: Item {
    guard let hash = account.hash else {
      return item(hashAttribute, nil, "There is no password.")
    }
    let scheme = hash.schemeName.map { "of scheme \($0)" } ?? "that is clear text, or several values"
    return item(
      hashAttribute, "set",
      hash.objection == nil
        ? "A hash \(scheme), which can be verified." : "A value \(scheme), by which nobody can be verified.")
  }

  private var authenticator: Item {
    account.sealedSecret == nil
      ? item("drawbridgeTOTPSecret", nil, "There is no authenticator.")
      : item("drawbridgeTOTPSecret", "set", "An authenticator is enrolled.")
  }

  private var recoveryCodes: Item? {
    let left = account.recoveryCodes.count
    guard account.sealedSecret != nil || left > 0 else { return nil }
    return item(
      "drawbridgeRecoveryCode", String(left),
      account.sealedSecret == nil
        ? "Recovery codes of an authenticator that is gone: they are good for nothing."
        : "So many recovery codes are left. Each stands in for the authenticator once.")
  }

  private var forcedChange: Item? {
    account.mustChangePassword
      ? item("pwdReset", "TRUE", "ppolicy: a new password is wanted before the next sign-in.") : nil
  }

  private var clocks: [Item] {
    let stamps = [
      item("drawbridgeLastSignIn", account.lastSignIn, "The last sign-in."),
      item("drawbridgeWarnedTime", account.warned?.time, "The last warning that inactivity is about to count."),
      item("drawbridgePreviousSignIn", account.previousSignIn, "The sign-in before it."),
      item("pwdLastSuccess", account.lastBind, "When slapd last saw a right password of somebody who bound."),
    ]
    return stamps.compactMap { $0 } + [idleClock].compactMap { $0 } + [invitation].compactMap { $0 }
  }

  private var idleClock: Item? {
    let name = "drawbridgeIdleSince"
    guard let stored = account.idleSince else {
      switch account.standing {
      case .invited, .deactivated: return nil
      case .active, .lacksAuthenticator, .lacksPassword, .locked:
        return item(name, nil, "There is no clock yet: the next sweep starts one, and deactivates nobody without.")
      }
    }
    guard let seen = account.lastSeen, let time = stored.time else {
      return item(name, "unreadable", "This is no time: the sweep reports it, and leaves the account alone.")
    }
    if account.isExempt { return item(name, time, "Inactivity is counted from here, but the account is exempt.") }
    let due = seen.upperBound.adding(seconds: inactivity.limitSeconds(for: account))
    return item(
      name, time,
      seen.lowerBound > now
        ? "This lies in the future: the sweep reports it, and leaves the account alone."
        : "Inactivity is counted from here; without a sign-in, a sweep deactivates the account after \(due.rfc3339).",
      seen.lowerBound > now ? [] : [Field("deactivated-after", due.rfc3339)] + warning(before: due))
  }

  /// When the owner is warned next.
  private func warning(before due: Timestamp) -> [Field] {
    let next = inactivity.warnSecondsBefore.map { due.adding(seconds: -$0) }.filter { $0 > now }.min()
    return next.map { [Field("warned-after", $0.rfc3339)] } ?? []
  }

  private var invitation: Item? {
    guard let invited = account.invited else { return nil }
    let expiry = invited.adding(seconds: rules.invitationLifetimeSeconds)
    let means =
      account.standing == .invited
      ? now < expiry ? "Invited; the invitation is good for a while." : "Invited; the invitation has expired."
      : "When the account was invited."
    return item("drawbridgeInvitedTime", invited, means, [Field("expires", expiry.rfc3339)])
  }

  private var standing: [Item] {
    var items: [Item] = []
    if let deactivation = account.deactivation {
      items.append(
        item(
          "drawbridgeDeactivatedTime", deactivation.since?.rfc3339 ?? "unreadable",
          "Deactivated since then; what counts is that it is there."))
      items.append(item("drawbridgeDeactivatedReason", deactivation.reason.rawValue, "Why."))
    }
    if let lock { items.append(lock) }
    switch account.lock {
    case .none, .foreign: break
    case .ours: items.append(item("drawbridgeLockSet", "TRUE", "Says that the lock is Drawbridge's."))
    case .lifted:
      items.append(item("drawbridgeLockSet", "TRUE", "The lock was taken away: the account is being reactivated."))
    case .displaced:
      items.append(
        item("drawbridgeLockSet", "TRUE", "A change of the password took the lock along; a sweep sets it again."))
    }
    return items
  }

  private var lock: Item? {
    guard let locked = account.lockedTime else { return nil }
    let isForGood = locked.stored.elementsEqual("000001010000Z".utf8)
    let since = isForGood ? "for good" : locked.time?.rfc3339 ?? "unreadable"
    let means =
      account.lock == .ours
      ? "Drawbridge's own, set with the deactivation."
      : account.lock == .foreign
        ? "An administrator's: Drawbridge refuses the account, and never lifts this lock."
        : "ppolicy's own, for a while after failed binds: slapd heeds it, and Drawbridge does not."
    return item("pwdAccountLockedTime", since, means, account.hasForeignLock ? [Field("lock", "foreign")] : [])
  }

  private var sessions: Item? {
    account.sessionsSince.map {
      item("drawbridgeSessionsSince", $0.time?.rfc3339 ?? "unreadable", "Sessions from before are over.")
    }
  }

  private var exemption: Item? {
    account.isExempt ? item("drawbridgeExempt", "TRUE", "Never deactivated for inactivity.") : nil
  }

  private var code: Item? {
    account.mailedCode == nil ? nil : item("drawbridgeCode", "set", "A mailed code is out; it may have expired.")
  }

  // MARK: Budgets

  private func rest(of factor: Factor) -> Timestamp? {
    guard case .rests(let seconds) = rules.allowance(of: factor).verdict(on: account.tries[factor], at: now) else {
      return nil
    }
    return now.adding(seconds: seconds)
  }

  var budgets: [Item] { Factor.allCases.map(budget) }

  private func budget(_ factor: Factor) -> Item {
    let tries = account.tries[factor]
    let allowance = rules.allowance(of: factor)
    let within = allowance.windows.map { window in
      tries.recent.count { now < $0.adding(seconds: window.seconds) }
    }
    var means = ["\(tries.consecutive) in a row"]
    if let free = allowance.freeInARow {
      means.append(
        "from \(free) on each costs a rest of \(allowance.firstDelaySeconds) s, doubled up to \(allowance.longestDelaySeconds) s"
      )
    }
    means += zip(within, allowance.windows).map { "\($0) of \($1.limit) within \($1.seconds) s" }
    if let last = allowance.restsForGoodAt { means.append("at \(last) in a row only UNLOCK helps") }
    let until = rest(of: factor)
    means.append(until.map { "rests until \($0.rfc3339)" } ?? "open")
    var fields = [Field("budget", factor.word), Field("in-a-row", tries.consecutive)]
    fields += (allowance.freeInARow.map { [Field("in-a-row-limit", $0)] } ?? [])
    if !allowance.windows.isEmpty {
      fields += [
        Field("within", Self.list(within)), Field("limit", Self.list(allowance.windows.map(\.limit))),
        Field("window", Self.list(allowance.windows.map { Int($0.seconds) })),
      ]
    }
    fields += until.map { [Field("rests-until", $0.rfc3339)] } ?? []
    return item(factor.attribute, nil, means.joined(separator: "; ") + ".", fields)
  }

  private static func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ",") }
}

extension Factor {
  /// As administrators know it.
  var word: String {
    switch self {
    case .password: "password"
    case .authenticator: "otp"
    case .forgot: "forgot"
    case .mailedCode: "code"
    case .mail: "mail"
    case .notice: "notice"
    }
  }
}
