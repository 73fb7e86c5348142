internal import Directory
internal import ServiceLifecycle
internal import SignIn
internal import Wire

/// Sends one item of a list; false where the client has gone.
typealias ItemSink = (Item) async -> Bool

/// What administrators ask for, and what is told of an account to peers that may know.
struct Administration: Sendable {
  let parts: Parts
  let admission: Admission
  let reloading: Reloading
  let survey: Survey
  /// When the daemon began to serve.
  let begun: ContinuousClock.Instant

  var service: SignInService { parts.service }
  var sweep: Sweep { parts.sweep }
  private var checkup: Checkup { parts.checkup }

  /// What came of a request: the last line of its reply, and what the audit is told.
  struct Done: Sendable {
    let reply: Reply
    var account: Account?
    /// Of a dry run.
    var changedNothing = false
    /// Of an organisation's administrator, or who claims to be one.
    var refusal: Refusal?
    /// The audit was told already, and more of it.
    var isAudited = false

    init(_ reply: Reply, _ account: Account? = nil, changedNothing: Bool = false) {
      self.reply = reply
      self.account = account
      self.changedNothing = changedNothing
    }
  }

  func run(_ request: Request.Admin, by peer: Peer, items: ItemSink) async -> Reply {
    var authority = Authority(peer: peer)
    let done: Done
    do throws(DirectoryError) {
      switch try await admit(request, by: peer) {
      case .refused(let refused): done = refused
      case .admitted(let admitted):
        authority = admitted
        done = try await carryOut(request.verb, under: authority, items: items)
      }
    } catch {
      done = Done(service.reply(to: service.later(error)))
    }
    if done.isAudited { return done.reply }
    let good = done.changedNothing ? "dry-run" : "done"
    let result = done.refusal == nil ? (done.reply.kind == .ok ? good : done.reply.word) : "refused"
    audit(request.verb.word.lowercased(), done.account, under: authority, result: result, refusal: done.refusal)
    return done.reply
  }

  private func carryOut(
    _ verb: Request.Admin.Verb, under authority: Authority, items: ItemSink
  ) async throws(DirectoryError) -> Done {
    switch verb {
    case .invite(let login, let attributes): return try await invite(login, attributes, under: authority)
    case .importAccount(let login, let attributes, let dryRun):
      return try await importAccount(login, attributes, dryRun: dryRun)
    case .adopt(let filter, let dryRun):
      return try await adopt(filter, dryRun: dryRun, under: authority, items: items)
    case .account(let verb, let login): return try await carryOut(verb, on: login, under: authority, items: items)
    case .list(let criteria): return try await list(criteria, under: authority, items: items)
    case .sweep(let mode):
      var done = Done(await sweep.reply(mode, for: authority.peer) { await whileServing($0, items) })
      // A sweep tells the audit what it has done, and what the brake has kept it from.
      done.isAudited = done.reply.kind == .ok || done.reply.word == "brake"
      return done
    case .status: return Done(await status())
    case .reload:
      var done = Done(await reload(for: authority.peer))
      done.isAudited = true
      return done
    case .metrics: return Done(await metrics(items: items))
    case .keys(let mode): return Done(try await keys(mode) { await whileServing($0, items) })
    case .check: return Done(await checkup.run(items: items))
    case .undo(let id, let deactivated): return try await undo(id, deactivated: deactivated)
    }
  }

  /// What goes through the whole directory, and is gone on with by the next one, does not hold up the daemon's end.
  private func whileServing(_ item: Item, _ items: ItemSink) async -> Bool {
    await items(item) && !Task.isShuttingDownGracefully
  }

  /// Tells the audit what was done, to whom, and on whose authority.
  func audit(
    _ act: String, _ account: Account?, under authority: Authority, result: String = "done", refusal: Refusal? = nil
  ) {
    service.audit(
      AuditEvent(
        kind: .administration, name: act, result: result, account: account?.id, peer: authority.peer,
        administrator: refusal?.administrator ?? authority.organisation?.administrator.id,
        facts: refusal.map { [("reason", Array($0.reason.utf8))] } ?? []))
  }

  static func names(of account: Account) -> [Field] { SignInService.names(of: account) }

  static let whereHelpIs = "docs/protocol.md of Drawbridge describes every verb."

  /// What there is on an admin socket.
  static let help = Reply.ok(
    "help", text: whereHelpIs,
    items: [
      "INVITE login [uid=] [cn=] [sn=] [givenName=]",
      "IMPORT login [uid=] [cn=] [sn=] [givenName=] [mail=] [hash=] [dry-run=yes]",
      "ADOPT filter= [dry-run=yes]", "SHOW login", "EXPLAIN login",
      "LIST [state=] [idle-before=] [never=yes] [organisation=]", "REACTIVATE login", "DEACTIVATE login",
      "UNLOCK login", "RESET login", "SIGNOUT-ALL login", "SWEEP [dry-run|force]", "UNDO id deactivated=", "STATUS",
      "RELOAD", "METRICS", "KEYS [rotate]", "SUPPORT", "PING", "QUIT",
    ].map { Item(text: $0) })
}

/// On whose authority a request of administration is carried out.
struct Authority: Sendable {
  let peer: Peer
  /// The organisation's administrator who asks; nil for a peer of the admin socket, who may do everything.
  var organisation: OrganisationAuthority?
}
