internal import Directory
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
    let authority = Authority(peer: peer)
    do throws(DirectoryError) {
      switch request.verb {
      case .invite(let login, let attributes): return try await invite(login, attributes, under: authority)
      case .account(let verb, let login): return try await carryOut(verb, on: login, under: authority)
      case .sweep(let mode): return await sweep.reply(mode, for: peer, items: items)
      case .undo(let id, let deactivated): return try await undo(id, deactivated: deactivated, under: authority)
      case .adopt, .list, .status: return .err("unknown-verb", text: "There is no such verb yet.")
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

  /// Tells the audit what was done, to whom, and on whose authority.
  func audit(_ act: String, _ account: Account?, under authority: Authority, result: String = "done") {
    service.audit(
      AuditEvent(kind: .administration, name: act, result: result, account: account?.id, peer: authority.peer))
  }

  static func names(of account: Account) -> [Field] {
    [("login", account.mail ?? account.uid), ("uid", account.uid), ("dn", account.dn)]
      .compactMap { name, value in value.map { Field(name, $0) } }
  }
}

/// On whose authority a request of administration is carried out.
struct Authority: Sendable {
  let peer: Peer
}
