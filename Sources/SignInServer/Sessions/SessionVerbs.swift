internal import Directory
internal import Logging
internal import Secrets
internal import SignIn
internal import Wire

/// `SESSION`, `SIGNOUT` and `JWKS`: what relying applications ask after a sign-in.
extension SignInService {
  private static let over = Reply.no("expired", text: "The session is over. Sign in again.")
  private static let attemptsMax = 3

  /// - Parameter name: who asks, as it says.
  func session(_ token: [UInt8], for name: [UInt8]?, by peer: Peer) async -> Reply {
    do throws(Later) {
      switch try await sessions.verify(token, for: name) {
      case .good(let session, let account):
        guard try await admits(account, to: name) else {
          metrics.count { $0.sessions.add("not-a-member") }
          tell("not-a-member", account.id, peer)
          return .no("denied", text: "This account may not use the service.")
        }
        metrics.count { $0.sessions.add("good") }
        let renewed = sessions.renewed(session)
        let facts =
          [Field("since", session.issued.rfc3339)]
          + (session.service.isEmpty ? [] : [Field("service", session.service)])
        return .ok(
          "session",
          Self.names(of: account) + facts
            + sessions.fields(of: renewed?.session ?? session, renewed?.token, account, for: name))
      case .over(let id, let why):
        metrics.count { $0.sessions.add("over") }
        tell(why, id, peer)
        return Self.over
      }
    } catch {
      return reply(to: error)
    }
  }

  /// A session that is over already is signed out; what is no token is not, or a client that cuts them would believe so.
  func signOut(_ token: [UInt8], by peer: Peer) async -> Reply {
    do throws(Later) {
      guard let session = try sessions.read(token) else { return Self.over }
      let key = Turnstile.Key(subject: session.account.bytes, factor: nil)
      // One at a time, so that they do not write past the limit together.
      do { _ = try await turnstile.enter(key, since: turnstile.mark) } catch { throw Later(reason: "busy") }
      let result: String
      do throws(DirectoryError) {
        result = try await end(session)
        await turnstile.leave(key)
      } catch {
        await turnstile.leave(key)
        throw later(error)
      }
      audit(
        AuditEvent(
          kind: .session, name: "signout", result: result, account: session.account, peer: peer,
          facts: session.service.isEmpty ? [] : [("service", session.service)]))
      return result == "changed" ? Administration.changedMeanwhile : .ok("signed-out", text: "You are signed out.")
    } catch {
      return reply(to: error)
    }
  }

  /// Ends one session, or all where too many single ones have ended; a word for the audit.
  private func end(_ session: Session) async throws(DirectoryError) -> String {
    for _ in 0..<Self.attemptsMax {
      let now = now()
      guard !EndedSessions.isOutdated(session.ends, at: now),
        let account = try await accounts.account(id: session.account),
        !account.endedSessions.contains(session.id)
      else { return "over-already" }
      let isFull = account.endedSessions.isFull(at: now)
      let change: Change =
        isFull
        ? .endSessions(account, at: max(now, Administration.next(after: account.sessionsSince)))
        : .endSession(account, id: session.id, ends: session.ends, at: now)
      if try await accounts.apply(change) == .applied { return isFull ? "signed-out-everywhere" : "signed-out" }
    }
    return "changed"
  }

  /// The keys as a JSON Web Key Set has them (RFC 7517), an item each.
  var keySet: Reply {
    guard let keys = sessions.webTokens?.keys else {
      return .no("off", text: "No tokens are signed here (jwt.issuer).")
    }
    let items = keys.map { key in
      Item([
        Field("kty", "EC"), Field("crv", "P-256"), Field("alg", "ES256"), Field("use", "sig"), Field("kid", key.id),
        Field("x", Base64URL.encode(key.x)), Field("y", Base64URL.encode(key.y)),
      ])
    }
    return .ok("jwks", [Field("count", items.count)], items: items)
  }

  /// Why a session is over is for the operator who looks for it. It is asked too often for the audit.
  private func tell(_ why: String, _ id: EntryUUID?, _ peer: Peer) {
    logger.debug("session", metadata: ["reason": "\(why)", "id": "\(id.map(\.description) ?? "-")", "peer": "\(peer)"])
  }
}

extension Sessions {
  func fields(of opened: Opened, _ account: Account, for service: [UInt8]?) -> [Field] {
    fields(of: opened.session, opened.token, account, for: service)
  }

  /// - Parameter token: nil where the client has it already.
  fileprivate func fields(of session: Session, _ token: String?, _ account: Account, for service: [UInt8]?) -> [Field] {
    let signed = service.flatMap { webTokens?.token(session, account, for: $0, at: now(), random: random) }
    return [
      token.map { Field("session", $0) }, Field("until", session.ends.rfc3339),
      idleEnd(of: session).map { Field("idle-until", $0.rfc3339) }, signed.map { Field("jwt", $0) },
    ].compactMap { $0 }
  }
}
