internal import Directory
internal import Mail
internal import SignIn
internal import Wire

/// What an administrator may have done to one account.
extension Administration {
  /// Reads the account and carries the verb out; again, where the entry changed between reading and writing.
  func carryOut(
    _ verb: Request.Admin.AccountVerb, on login: [UInt8], under authority: Authority
  ) async throws(DirectoryError) -> Reply {
    for _ in 0..<Self.attemptsMax {
      guard let account = try await service.accounts.account(login: login) else { return Self.noSuchAccount }
      guard let reply = try await carryOut(verb, on: account, under: authority) else { continue }
      if verb.changes {
        audit(verb.rawValue.lowercased(), account, under: authority, result: reply.kind == .ok ? "done" : reply.word)
      }
      return reply
    }
    return .later("changed", after: 1, text: "The entry changed at the same moment. Try again.")
  }

  private static let attemptsMax = 3
  private static let noSuchAccount = Reply.no("no-such-account", text: "No account answers to this login.")

  /// Nil where the entry had changed.
  private func carryOut(
    _ verb: Request.Admin.AccountVerb, on account: Account, under authority: Authority
  ) async throws(DirectoryError) -> Reply? {
    switch verb {
    case .show: return show(account)
    case .reactivate: return try await reactivate(account, under: authority)
    case .explain, .deactivate, .unlock, .reset, .signOutAll:
      return .err("unknown-verb", text: "There is no such verb yet.")
    }
  }

  private func show(_ account: Account) -> Reply {
    let times = [
      ("last-sign-in", account.lastSignIn), ("previous-sign-in", account.previousSignIn),
      ("idle-since", account.idleSince?.time), ("invited", account.invited),
      ("deactivated", account.deactivation?.since),
    ].compactMap { name, time in time.map { Field(name, $0.rfc3339) } }
    let reason = account.deactivation.map { [Field("reason", $0.reason.rawValue)] } ?? []
    let tries = [("password-tries", Factor.password), ("otp-tries", .authenticator), ("forgot-tries", .forgot)]
      .map { Field($0, account.tries[$1].consecutive) }
    return .ok(
      "account", Self.names(of: account) + [Field("state", account.standing.word)] + times + reason + tries)
  }

  private func reactivate(
    _ account: Account, under authority: Authority
  ) async throws(DirectoryError) -> Reply? {
    guard account.deactivation != nil else {
      let lock =
        account.standing == .locked ? " It is locked by pwdAccountLockedTime, which is not ours to delete." : ""
      return .no("not-deactivated", text: "The account is not deactivated." + lock)
    }
    guard try await service.accounts.apply(.reactivate(account, at: service.now())) == .applied else { return nil }
    service.postbox.post(.reactivated, to: account)
    return .ok("reactivated", Self.names(of: account))
  }
}

extension Request.Admin.AccountVerb {
  fileprivate var changes: Bool {
    switch self {
    case .show, .explain: false
    case .reactivate, .deactivate, .unlock, .reset, .signOutAll: true
    }
  }
}

extension Account.Standing {
  fileprivate var word: String {
    switch self {
    case .invited: "invited"
    case .lacksAuthenticator, .lacksPassword: "half-set-up"
    case .active: "active"
    case .deactivated: "deactivated"
    case .locked: "locked"
    }
  }
}
