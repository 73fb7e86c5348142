internal import Directory
internal import Logging
internal import Secrets
internal import SignIn

/// Signs people in for programs that ask once, and in one string: the password, and the code right behind it.
///
/// It walks the flow of anybody who signs in, at one prompt, so that the same is counted, rests and is told to the audit.
/// Only a complete account gets in; nobody is asked to set one up.
struct Door: Sendable {
  struct Attempt: Sendable {
    let login: [UInt8]
    /// Password and code.
    let secret: Secret
    /// Which application asks, as the client says.
    let service: [UInt8]?
    /// The address of the user's host, where the client says it.
    let from: [UInt8]?
    let peer: Peer
  }

  enum Verdict: Sendable {
    case accepted(Account)
    /// The account where both factors were right.
    case refused(Refusal, Account?)
    /// Nothing was decided, nor counted; the word says why.
    case later(String)
  }

  enum Refusal: String, Sendable {
    case denied, locked, deactivated
    case passwordExpired = "password-expired"
    /// The peer may not ask here.
    case notPermitted = "not-permitted"
  }

  /// In the audit.
  let name: String
  let current: CurrentParts
  let places: Places

  var service: SignInService { current.service }
  private var recent: RecentStrings { current.parts.recentStrings }

  /// Tells the log where it does not: somebody has to set it right.
  func admits(_ peer: Peer) -> Bool {
    if peer.isAdmittedAtDoor { return true }
    service.logger.warning(
      "a peer that may not use this socket (listen.group)", metadata: ["door": "\(name)", "peer": "\(peer)"])
    return false
  }

  func verdict(on attempt: Attempt) async -> Verdict {
    guard admits(attempt.peer) else { return .refused(.notPermitted, nil) }
    // No string that could be right: nothing is learnt from it, so nothing is counted.
    guard attempt.secret.endsInCode else { return tell(attempt, "no-code", .refused(.denied, nil)) }
    guard places.enter() else { return tell(attempt, "busy", .later("busy")) }
    defer { places.leave() }
    let source = Source(from: attempt.from, peer: attempt.peer)
    if let source, service.penalties.wait(source, at: .now) != nil {
      return tell(attempt, "source-locked", .refused(.locked, nil))
    }
    guard let key = recent.key(login: service.digest(of: attempt.login), secret: attempt.secret) else {
      return tell(attempt, "later", .later("keys"))
    }
    // One at a time of the same string: of two that come together, the second is the first one's repetition.
    do { try await recent.enter(key) } catch { return tell(attempt, "busy", .later("busy")) }
    let verdict: Verdict
    if let earlier = recent[key] {
      verdict = await again(attempt, earlier)
    } else {
      verdict = await walk(attempt, source, key)
    }
    await recent.leave(key)
    return verdict
  }

  // MARK: A string for the first time

  private func walk(_ attempt: Attempt, _ source: Source?, _ key: RecentStrings.Key) async -> Verdict {
    let begun = ContinuousClock.now
    let flow = Flow(.signIn, rules: service.rules, for: Abilities(asksOnce: true, enrols: false))
    var walk = Walk(flow, login: attempt.login, source: source, service: attempt.service)
    let action: Action
    do throws(Later) {
      _ = try await service.advance(&walk, by: .opened)
      action = try await service.advance(&walk, by: .answered(.combined(attempt.secret)))
    } catch {
      if error.isRefusal {
        charge(source)
        await service.holdRefusal(of: attempt.login, since: begun)
      }
      return tell(attempt, "later", .later(error.reason), account: walk.account)
    }
    switch action {
    case .end(.signedIn(let account, _), let notice):
      if let notice { service.tell(notice) }
      recent.keep(key, of: account.id, service: attempt.service ?? []) { walk.isAdmitted ? session(of: walk) : nil }
      guard walk.isAdmitted else {
        return await refuse(attempt, .denied, "not-a-member", walk, source, begun)
      }
      return tell(attempt, "signed-in", .accepted(account), account: account.id)
    case .end(let ending, let notice):
      if let notice { service.tell(notice) }
      switch ending {
      case .deactivated(let account):
        return tell(attempt, "deactivated", .refused(.deactivated, account), account: account.id)
      case .passwordExpired:
        return tell(attempt, "password-expired", .refused(.passwordExpired, nil), account: walk.account)
      case .locked: return await refuse(attempt, .locked, "locked", walk, source, begun)
      // The password was right, and there is no authenticator: the word is the one for wrong ones.
      case .unsupported: return await refuse(attempt, .denied, "unsupported", walk, source, begun)
      case .signedIn, .enrolled, .passwordChanged, .denied:
        return await refuse(attempt, .denied, "denied", walk, source, begun)
      }
    case .ask(_, let notice):
      if let notice { service.tell(notice) }
      return await refuse(attempt, .denied, "denied", walk, source, begun, wrong: true)
    default:
      return tell(attempt, "later", .later("flow"), account: walk.account)
    }
  }

  private func refuse(
    _ attempt: Attempt, _ refusal: Refusal, _ result: String, _ walk: Walk, _ source: Source?,
    _ begun: ContinuousClock.Instant, wrong: Bool = false
  ) async -> Verdict {
    charge(source)
    let verdict = tell(attempt, result, .refused(refusal, nil), account: walk.account, wrong: wrong)
    await service.holdRefusal(of: attempt.login, since: begun)
    return verdict
  }

  // MARK: The same string again

  /// It holds a used code. Whoever has it has both factors, so this is no guess, and counts nothing; where the service
  /// is granted a while, it is good for as long as the session that it opened would be.
  private func again(_ attempt: Attempt, _ earlier: RecentStrings.Entry) async -> Verdict {
    guard let token = earlier.token(for: attempt.service ?? [], at: .now) else {
      return tell(attempt, "reused", .refused(.denied, nil), account: earlier.account)
    }
    do throws(Later) {
      guard case .good(_, let account) = try await service.sessions.verify(token, for: attempt.service) else {
        return tell(attempt, "reused", .refused(.denied, nil), account: earlier.account)
      }
      // A login may be somebody else's by now.
      guard try await service.account(of: attempt.login)?.id == account.id else {
        return tell(attempt, "denied", .refused(.denied, nil))
      }
      guard try await service.admits(account, to: attempt.service) else {
        return tell(attempt, "not-a-member", .refused(.denied, nil), account: account.id)
      }
      return tell(attempt, "signed-in-again", .accepted(account), account: account.id)
    } catch {
      return tell(attempt, "later", .later(error.reason), account: earlier.account)
    }
  }

  private func session(of walk: Walk) -> [UInt8]? {
    let opened = walk.credentials.flatMap { try? service.sessions.open($0, service: walk.service ?? []) }
    return opened.map { Array($0.token.utf8) }
  }

  // MARK: What is told of it

  private func charge(_ source: Source?) {
    if let source { service.penalties.charge(source, at: .now) }
  }

  private func tell(
    _ attempt: Attempt, _ result: String, _ verdict: Verdict, account: EntryUUID? = nil, wrong: Bool = false
  ) -> Verdict {
    let from = attempt.from.map { ("from", $0) }
    let name = attempt.service.map { ("service", $0) }
    let count = wrong ? ("wrong", Array("1".utf8)) : nil
    service.audit(
      AuditEvent(
        kind: .flow, name: "signin", result: result, account: account, peer: attempt.peer,
        facts: [("door", Array(self.name.utf8)), from, name, count].compactMap { $0 }))
    return verdict
  }
}

extension Secret {
  /// Six digits, and something before them.
  fileprivate var endsInCode: Bool {
    withBytes { bytes in
      bytes.count > Rules.codeDigits && bytes.suffix(Rules.codeDigits).allSatisfy { 0x30...0x39 ~= $0 }
    }
  }
}
