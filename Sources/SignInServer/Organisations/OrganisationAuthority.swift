internal import Directory
internal import SignIn
internal import Wire

/// An organisation's administrator, who names the own session on each request.
struct OrganisationAuthority: Sendable {
  let administrator: Account
  /// Not empty.
  let organisations: [Organisation]
}

/// Why an organisation's administrator, or who claims to be one, was refused: for the audit alone.
struct Refusal: Sendable {
  /// A word.
  let reason: String
  /// Whose session it was, where that can be told.
  var administrator: EntryUUID?
}

extension Administration {
  /// How long ago the session may have been opened, and for which service.
  private static let sessionAgeMaxSeconds: Int64 = 15 * 60
  private static let sessionService = Array("admin".utf8)

  enum Admittance {
    case admitted(Authority)
    case refused(Done)
  }

  /// On whose authority a request is carried out, if on anybody's.
  func admit(_ request: Request.Admin, by peer: Peer) async throws(DirectoryError) -> Admittance {
    guard let token = request.session else {
      guard !peer.isAdministrator else { return .admitted(Authority(peer: peer)) }
      return .refused(Done(.err("not-permitted", text: "This verb belongs on the admin socket, or needs as=.")))
    }
    guard peer.mayNameSession, request.verb.isForOrganisations else {
      let text = "as= is for an organisation's accounts, on a socket of role signin; over TLS, beside a certificate."
      return .refused(Done(.err("not-permitted", text: text)))
    }
    let verdict: Sessions.Verdict
    do throws(Later) { verdict = try await service.sessions.verify(token, for: Self.sessionService) } catch {
      return .refused(Done(service.reply(to: error)))
    }
    switch verdict {
    case .over(let id, let why): return Self.over(why, id)
    case .good(let session, let account):
      guard session.service == Self.sessionService else { return Self.over("other-service", account.id) }
      guard service.now() <= session.issued.adding(seconds: Self.sessionAgeMaxSeconds) else {
        return Self.over("too-old", account.id)
      }
      let organisations = try await service.rules.organisations.administered(by: account, in: service.accounts)
      guard !organisations.isEmpty else {
        var done = Done(.err("not-permitted", text: "You administer no organisation."))
        done.refusal = Refusal(reason: "no-administrator", administrator: account.id)
        return .refused(done)
      }
      let authority = OrganisationAuthority(administrator: account, organisations: organisations)
      return .admitted(Authority(peer: peer, organisation: authority))
    }
  }

  /// One reply for every fault of a session: what is wrong with it is for the log.
  private static func over(_ why: String, _ id: EntryUUID?) -> Admittance {
    var done = Done(
      .no("expired", text: "The session is over, or was not opened for administration. Sign in again."))
    done.refusal = Refusal(reason: why, administrator: id)
    return .refused(done)
  }

  /// Whether a request may be about an account; to an organisation's administrator, one that is not there is as one
  /// outside.
  func permits(_ account: Account?, under authority: Authority) -> Bool {
    guard let organisations = authority.organisation?.organisations else { return true }
    guard let account, let own = service.rules.organisations.organisation(of: account) else { return false }
    return organisations.contains { $0.name == own.name }
  }

  /// Of an account that a request may not be about.
  static func outside(_ account: Account?) -> Done {
    var done = Done(noSuchAccount, account)
    done.refusal = Refusal(reason: "not-the-own-organisation")
    return done
  }

  /// What is refused whoever asks, once the account is found; nil where nothing is.
  func objection(
    to verb: Request.Admin.AccountVerb, on account: Account, under authority: Authority
  ) async throws(DirectoryError) -> Reply? {
    let isOwn = authority.organisation?.administrator.id == account.id
    if isOwn, verb == .reset || verb == .deactivate {
      return .no("not-yourself", text: "Another administrator has to do this to your account.")
    }
    if verb == .deactivate,
      try await service.rules.organisations.isLastAdministrator(account, in: service.accounts)
    {
      return .no("last-administrator", text: "The organisation would have no administrator left.")
    }
    return nil
  }
}

extension Request.Admin.Verb {
  /// Whether an organisation's administrator may ask for it.
  fileprivate var isForOrganisations: Bool {
    switch self {
    case .invite, .account, .list: true
    case .importAccount, .adopt, .sweep, .undo, .status, .metrics, .keys, .check: false
    }
  }
}
