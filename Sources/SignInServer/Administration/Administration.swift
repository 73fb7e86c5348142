internal import Directory
internal import Mail
internal import SignIn
internal import Wire

/// Sends one item of a list; false where the client has gone.
typealias ItemSink = (Item) async -> Bool

/// What administrators ask for, and what is told of an account to peers that may know.
struct Administration: Sendable {
  let service: SignInService
  let sweep: Sweep

  func run(_ request: Request.Admin, by peer: Peer, items: ItemSink) async -> Reply {
    guard peer.isAdministrator else { return .err("not-permitted", text: "This verb belongs on the admin socket.") }
    do throws(DirectoryError) {
      switch request.verb {
      case .invite(let login, let attributes): return try await invite(login, attributes, by: peer)
      case .account(.show, let login): return try await show(login)
      case .account(.reactivate, let login): return try await reactivate(login, by: peer)
      case .sweep(let mode): return try await sweep.reply(mode, items: items)
      case .account, .adopt, .list, .undo, .status: return .err("unknown-verb", text: "There is no such verb yet.")
      }
    } catch {
      return SignInService.reply(to: service.later(error))
    }
  }

  /// `ACCOUNT`: whether somebody whom another means has authenticated may come in.
  func account(_ login: [UInt8]) async -> Reply {
    do throws(DirectoryError) {
      guard let account = try await service.accounts.account(login: login) else { return .no("denied") }
      switch account.standing {
      case .active, .lacksAuthenticator, .lacksPassword: return .ok("active")
      case .deactivated: return service.reply(to: .deactivated(account), login: login)
      case .invited, .locked: return .no("denied")
      }
    } catch {
      return SignInService.reply(to: service.later(error))
    }
  }

  private func invite(_ login: [UInt8], _ fields: [Field], by peer: Peer) async throws(DirectoryError) -> Reply {
    var attributes: [Attribute: [UInt8]] = [:]
    for field in fields {
      guard let attribute = Attribute(field.name) else { return .err("bad-attribute") }
      attributes[attribute] = field.value
    }
    switch try await service.accounts.invite(Invitation(login: login, attributes: attributes)) {
    case .exists: return .no("exists", text: "There is such an account, and it is set up.")
    case .ambiguous: return .no("ambiguous", text: "Several entries answer to this login.")
    case .incomplete(let why): return .no("incomplete", text: why)
    case .invited(let account):
      audit("invite", account, by: peer)
      service.postbox.post(
        .invitation, to: account, values: ["days": String(service.rules.invitationLifetimeSeconds / 86_400)])
      return .ok("invited", Self.names(of: account))
    }
  }

  private func show(_ login: [UInt8]) async throws(DirectoryError) -> Reply {
    guard let account = try await service.accounts.account(login: login) else { return Self.noSuchAccount }
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

  private func reactivate(_ login: [UInt8], by peer: Peer) async throws(DirectoryError) -> Reply {
    // Twice: the entry may change between reading and writing.
    for _ in 0..<2 {
      guard let account = try await service.accounts.account(login: login) else { return Self.noSuchAccount }
      guard account.deactivation != nil else { return .no("not-deactivated", text: "The account is not deactivated.") }
      if try await service.accounts.apply(.reactivate(account, at: service.now())) == .applied {
        audit("reactivate", account, by: peer)
        service.postbox.post(.reactivated, to: account)
        return .ok("reactivated", Self.names(of: account))
      }
    }
    return .later("changed", after: 1, text: "The entry changed at the same moment. Try again.")
  }

  private func audit(_ act: String, _ account: Account, by peer: Peer) {
    service.audit(AuditEvent(kind: .administration, name: act, result: "done", account: account.id, peer: peer))
  }

  private static let noSuchAccount = Reply.no("no-such-account", text: "No account answers to this login.")

  private static func names(of account: Account) -> [Field] {
    [("login", account.mail ?? account.uid), ("uid", account.uid), ("dn", account.dn)]
      .compactMap { name, value in value.map { Field(name, $0) } }
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
