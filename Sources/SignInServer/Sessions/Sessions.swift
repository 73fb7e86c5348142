internal import Directory
internal import Logging
internal import Secrets
internal import SignIn

/// Opens sessions and says whether they still hold. A session ends at its end, when it was idle for too long, when it is
/// signed out, and as soon as the account is no longer what it was: deactivated, locked, its password or authenticator
/// changed by whatever tool, its sessions ended.
///
/// For that the token carries an authenticator (under the key ring) over the hash, the authenticator's secret and
/// `drawbridgeSessionsSince` as they were: one search by entryUUID and a comparison decide.
struct Sessions: Sendable {
  let accounts: AccountDirectory
  let keys: KeyRing
  let lifetimeSeconds: Int64
  /// Nil for as long as it lasts.
  let idleSeconds: Int64?
  let audiences: Audiences
  /// Nil where none are signed.
  let webTokens: WebTokens?
  let now: @Sendable () -> Timestamp
  let random: RandomBytes
  let metrics: Metrics
  let logger: Logger
  /// The number of a token's key is not sealed: anybody may name one that is not there.
  private let unknownKeys = Alarm()

  private static let purpose = "session"
  /// So far may the clock of another daemon be ahead.
  private static let clockSkewSeconds: Int64 = 60

  /// What a sign-in has proven, as the entry holds it afterwards.
  struct Credentials: Equatable, Sendable {
    let account: Account
    var hash: PasswordHash?
    let secret: Authenticator
  }

  /// A session, and the token that its client keeps from now on.
  struct Opened: Sendable {
    let session: Session
    let token: String
  }

  enum Verdict: Sendable {
    case good(Session, Account)
    /// Whose it was, where that can be read; and why, a word for the log alone.
    case over(EntryUUID?, why: String)
  }

  // MARK: Opening

  /// A new session; nil where `service` is too long for one.
  func open(_ credentials: Credentials, service: [UInt8]) throws(Later) -> Opened? {
    guard service.count <= Session.serviceMaxBytes else { return nil }
    let issued = now()
    do {
      let secret = try secret(credentials.secret)
      let session = Session(
        id: try random(Session.idLength), account: credentials.account.id, issued: issued, seen: issued,
        ends: issued.adding(seconds: lifetimeSeconds), service: service,
        seal: try keys.authenticator(
          purpose: Self.purpose, parts: Self.parts(credentials.account, hash: credentials.hash, secret: secret)))
      let opened = Opened(session: session, token: try session.token(keys, nonce: try random(KeyRing.nonceLength)))
      metrics.count { $0.sessionsOpened.add() }
      return opened
    } catch {
      logger.error("a session could not be opened", metadata: ["reason": "\(error)"])
      throw Later(reason: "sessions")
    }
  }

  /// The session as last seen now, where a tenth of the idle time has passed: no sooner, so that requests at the same
  /// moment make few tokens, and no later, so that little of the idle time is lost. Nil where the token at hand will do.
  func renewed(_ session: Session) -> Opened? {
    let now = now()
    guard let idleSeconds, session.seen.adding(seconds: max(1, idleSeconds / 10)) <= now else { return nil }
    var session = session
    session.seen = now
    guard let nonce = try? random(KeyRing.nonceLength), let token = try? session.token(keys, nonce: nonce) else {
      return nil
    }
    return Opened(session: session, token: token)
  }

  /// When it ends unless its client is seen before; nil where that is not asked.
  func idleEnd(of session: Session) -> Timestamp? {
    idleSeconds.map { min(session.seen.adding(seconds: $0), session.ends) }
  }

  // MARK: Verifying

  /// What a token says; nil where it says nothing, or was changed.
  func read(_ token: [UInt8]) throws(Later) -> Session? {
    do throws(SealFailure) { return try Session(token: token, keys) } catch .unknownKey(let key) {
      throw unknownKey(key)
    } catch {
      return nil
    }
  }

  /// - Parameter service: who asks, as it says; nil where it does not.
  func verify(_ token: [UInt8], for service: [UInt8]?) async throws(Later) -> Verdict {
    guard let session = try read(token) else { return .over(nil, why: "no-token") }
    let now = now()
    guard now < session.ends else { return .over(session.account, why: "expired") }
    guard session.issued <= session.seen, session.seen <= now.adding(seconds: Self.clockSkewSeconds) else {
      return .over(session.account, why: "from-the-future")
    }
    if let end = idleEnd(of: session), end <= now { return .over(session.account, why: "idle") }
    guard audiences.admits(session, for: service) else { return .over(session.account, why: "other-service") }
    let found: Account?
    do throws(DirectoryError) { found = try await accounts.account(id: session.account) } catch { throw later(error) }
    guard let account = found, account.id == session.account, account.standing == .active,
      !account.mustChangePassword, let sealed = account.sealedSecret
    else { return .over(session.account, why: "not-active") }
    guard !account.endedSessions.contains(session.id) else { return .over(session.account, why: "signed-out") }
    do throws(SealFailure) {
      let secret = try secret(.sealed(sealed, account.id))
      let isSame = try keys.verify(
        session.seal, purpose: Self.purpose, parts: Self.parts(account, hash: account.hash, secret: secret))
      return isSame ? .good(session, account) : .over(session.account, why: "ended")
    } catch .unknownKey(let key) {
      throw unknownKey(key)
    } catch {
      return .over(session.account, why: "ended")
    }
  }

  private func later(_ error: DirectoryError) -> Later {
    logger.error("directory", metadata: ["reason": "\(error.text)"])
    return Later(reason: error == .busy ? "busy" : "directory", afterSeconds: error == .busy ? 1 : 2)
  }

  func unknownKey(_ key: UInt32) -> Later {
    metrics.count { $0.unknownKeys.add("token") }
    logger.log(
      level: unknownKeys.rings() ? .critical : .debug, "a token is sealed under an unknown key (keys.ring)",
      metadata: ["key": "\(key)"])
    return Later(reason: "keys", afterSeconds: 30)
  }

  /// The secret itself, not its sealed form: sealing it anew under another key ends no session.
  private func secret(_ authenticator: Authenticator) throws(SealFailure) -> Secret {
    switch authenticator {
    case .pending(let secret): secret
    case .sealed(let sealed, let id):
      try keys.authenticatorSecret(sealed, of: id)
    }
  }

  private static func parts(_ account: Account, hash: PasswordHash?, secret: Secret) -> [[UInt8]] {
    let since = account.sessionsSince.map { [1] + $0.stored } ?? [0]
    return [account.id.bytes, since, hash?.stored ?? [], secret.withBytes { Array($0) }]
  }
}

extension Change {
  /// What has been proven once this change is applied; nil where it signs nobody in.
  var credentials: Sessions.Credentials? {
    switch self {
    case .signIn(let account, _, _), .signInWithRecoveryCode(let account, _, _):
      account.sealedSecret.map {
        Sessions.Credentials(account: account, hash: account.hash, secret: .sealed($0, account.id))
      }
    case .firstLogin(let account, let hash, let enrolment, _):
      Sessions.Credentials(account: account, hash: hash, secret: .pending(enrolment.secret))
    case .enrol(let account, let enrolment, _):
      Sessions.Credentials(account: account, hash: account.hash, secret: .pending(enrolment.secret))
    default: nil
    }
  }
}
