internal import Directory
internal import Mail
internal import SignIn
internal import Wire

/// What an administrator may have done to one account.
extension Administration {
  /// Reads the account and carries the verb out; again, where the entry changed between reading and writing.
  func carryOut(
    _ verb: Request.Admin.AccountVerb, on login: [UInt8], under authority: Authority, items: ItemSink
  ) async throws(DirectoryError) -> Done {
    var last: Account?
    for _ in 0..<Self.attemptsMax {
      let found = try await service.accounts.account(login: login)
      guard permits(found, under: authority) else { return Self.outside(found) }
      guard let account = found else { return Done(Self.noSuchAccount) }
      last = account
      if let objection = try await objection(to: verb, on: account, under: authority) {
        return Done(objection, account)
      }
      if let reply = try await carryOut(verb, on: account, items: items) { return Done(reply, account) }
    }
    return Done(Self.changedMeanwhile, last)
  }

  static let attemptsMax = 3
  static let noSuchAccount = Reply.no("no-such-account", text: "No account answers to this login.")
  static let changedMeanwhile = Reply.later(
    "changed", after: 1, text: "The entry changed at the same moment. Try again.")

  /// Nil where the entry had changed.
  private func carryOut(
    _ verb: Request.Admin.AccountVerb, on account: Account, items: ItemSink
  ) async throws(DirectoryError) -> Reply? {
    switch verb {
    case .show: return show(account)
    case .explain: return try await explain(account, items: items)
    case .reactivate: return try await reactivate(account)
    case .deactivate: return try await deactivate(account)
    case .unlock: return try await unlock(account)
    case .reset: return try await reset(account)
    case .signOutAll: return try await signOutAll(account)
    }
  }

  private func show(_ account: Account) -> Reply {
    let tries = [("password-tries", Factor.password), ("otp-tries", .authenticator), ("forgot-tries", .forgot)]
      .map { Field($0, account.tries[$1].consecutive) }
    return .ok("account", Self.names(of: account) + Self.facts(of: account) + tries)
  }

  /// Whether an account may be used, and when it was; what there is no stamp of is left out.
  static func facts(of account: Account) -> [Field] {
    let times = [
      ("last-sign-in", account.lastSignIn), ("previous-sign-in", account.previousSignIn),
      ("idle-since", account.idleSince?.time), ("invited", account.invited),
      ("deactivated", account.deactivation?.since),
    ].compactMap { name, time in time.map { Field(name, $0.rfc3339) } }
    let reason = account.deactivation.map { [Field("reason", $0.reason.rawValue)] } ?? []
    return [Field("state", account.standing.word)] + times + reason
  }

  private func reactivate(_ account: Account) async throws(DirectoryError) -> Reply? {
    guard account.deactivation != nil else {
      let lock =
        account.standing == .locked ? " It is locked by pwdAccountLockedTime, which is not ours to delete." : ""
      return .no("not-deactivated", text: "The account is not deactivated." + lock)
    }
    guard try await service.accounts.apply(.reactivate(account, at: service.now())) == .applied else { return nil }
    service.postbox.post(.reactivated, to: account)
    return .ok("reactivated", Self.names(of: account))
  }

  private func deactivate(_ account: Account) async throws(DirectoryError) -> Reply? {
    guard account.deactivation == nil else {
      return .no("already-deactivated", Self.facts(of: account), text: "The account is deactivated already.")
    }
    let change = Change.deactivate(account, .administrator, at: service.now(), cutoff: nil)
    guard try await service.accounts.apply(change) == .applied else { return nil }
    return .ok("deactivated", Self.names(of: account))
  }

  /// A lock that is not Drawbridge's own stays: whoever set it had a reason.
  private func unlock(_ account: Account) async throws(DirectoryError) -> Reply? {
    let charged = Factor.guesses.filter { account.tries[$0] != .none }
    if !charged.isEmpty {
      guard try await service.accounts.apply(.unlock(account)) == .applied else { return nil }
    }
    let fields = Self.names(of: account) + [Field("cleared", charged.count)]
    guard account.hasForeignLock else { return .ok("unlocked", fields) }
    return .ok(
      "unlocked", fields + [Field("lock", "foreign")],
      text: "pwdAccountLockedTime still stands. It is not Drawbridge's: EXPLAIN tells how to take it away.")
  }

  private func reset(_ account: Account) async throws(DirectoryError) -> Reply? {
    switch account.standing {
    case .invited:
      return .no("not-set-up", text: "There is nothing to reset: the account is invited. INVITE invites it again.")
    case .deactivated: return .no("deactivated", text: "The account is deactivated. Reactivate it first.")
    case .locked:
      return .no("locked", text: "pwdAccountLockedTime stands, and slapd would drop it with the password.")
    case .lacksAuthenticator, .lacksPassword, .active: break
    }
    let at = max(service.now(), Self.next(after: account.sessionsSince))
    let change = Change.reset(account, at: at, keepingHistory: service.rules.historyMax)
    guard try await service.accounts.apply(change) == .applied else { return nil }
    service.postbox.post(.factorReset, to: account)
    return .ok("reset", Self.names(of: account))
  }

  private func signOutAll(_ account: Account) async throws(DirectoryError) -> Reply? {
    let at = max(service.now(), Self.next(after: account.sessionsSince))
    guard try await service.accounts.apply(.endSessions(account, at: at)) == .applied else { return nil }
    return .ok("signed-out", Self.names(of: account) + [Field("sessions-since", at.rfc3339)])
  }

  /// Stamps of the end of sessions only ever move forward, whatever the clock says.
  static func next(after stamp: StoredTime?) -> Timestamp {
    Timestamp(microseconds: (stamp?.time?.microseconds ?? 0) + 1)
  }
}

extension Account.Standing {
  /// As the line protocol says it.
  var word: String {
    switch self {
    case .invited: "invited"
    case .lacksAuthenticator, .lacksPassword: "half-set-up"
    case .active: "active"
    case .deactivated: "deactivated"
    case .locked: "locked"
    }
  }
}
