internal import SignIn
internal import Wire

/// `PARK` and `RESUME`: how a program that keeps no connection, such as a web application between two requests, keeps a flow.
extension Conversation {
  /// Hands the flow over to the client; it stays with the connection where that cannot be.
  mutating func park() async -> Response {
    guard let open else { return Response(reply: Self.noFlow) }
    guard ContinuousClock.now < open.answerBy else { return expire() ?? Response(reply: Self.noFlow) }
    guard let owner = peer.owner else {
      return Response(
        reply: .err("not-permitted", text: "PARK is for users of this host and for holders of a certificate."))
    }
    guard let (flow, account) = open.walk.flow.parked(asking: open.ask) else {
      return Response(reply: .err("out-of-turn", text: "There is nothing to park now."))
    }
    do throws(Later) {
      let now = service.now()
      let left = ContinuousClock.now.duration(to: open.deadline).components.seconds
      let sealed = try service.seal(account)
      guard let nonce = try? service.drawNonce() else { throw Later(reason: "randomness") }
      let ticket = Ticket(
        owner: owner, parked: now, flowEnds: now.adding(seconds: left), login: open.walk.login,
        context: open.context, wrong: open.wrong, seal: sealed, flow: flow)
      guard let token = ticket.token(service.keys, nonce: nonce) else {
        return Response(reply: .err("too-long", text: "The login, or what was said with it, is too long for a ticket."))
      }
      audit("parked", account)
      self.open = nil
      return Response(
        reply: .ok("parked", [Field("ticket", token), Field("expires", Int(Ticket.lifetimeSeconds))]))
    } catch {
      return Response(reply: service.reply(to: error, in: open.language))
    }
  }

  /// Goes on with a parked flow in the place of the present one.
  mutating func resume(_ token: [UInt8]) async -> Response {
    if open != nil { audit("dropped") }
    open = nil
    do throws(Later) {
      switch try await service.resume(token, by: peer.owner) {
      case .void(let why, let ticket): return void(why, ticket)
      case .flow(let ticket, let account): return try await go(on: ticket, account)
      }
    } catch {
      return Response(reply: service.reply(to: error))
    }
  }

  private mutating func go(on ticket: Ticket, _ account: Account?) async throws(Later) -> Response {
    let language = service.texts.language(ticket.context.lang)
    let source = Source(from: ticket.context.from, peer: peer)
    if let source, let seconds = service.penalties.wait(source, at: .now) {
      audit(ticket.flow.kind, ticket.context, "source-locked", account: account?.id)
      return Response(reply: service.reply(to: .locked(seconds: seconds), login: ticket.login, in: language))
    }
    guard
      let flow = Flow(ticket.flow, account: account, rules: service.rules, for: Abilities(ticket.context.can))
    else { return void("other-rules", ticket) }
    var walk = Walk(
      flow, login: ticket.login, source: source, service: ticket.context.service, language: ticket.context.lang)
    walk.account = account?.id
    if case .enrol = ticket.flow.step { _ = try await service.advance(&walk, by: .opened) }
    let ask = ticket.flow.ask(account, rules: service.rules)
    let deadline = ContinuousClock.now + .seconds(ticket.flowEnds.secondsSince(service.now()))
    var resumed = Open(
      walk: walk, ask: ask, answerBy: deadline, context: ticket.context, language: language, deadline: deadline)
    resumed.wrong = ticket.wrong
    resumed.wait(for: ask)
    open = resumed
    return Response(reply: service.reply(to: ask, login: ticket.login, in: language))
  }

  private func void(_ why: String, _ ticket: Ticket?) -> Response {
    service.audit(
      AuditEvent(
        kind: .flow, name: ticket?.flow.kind.word ?? "resume", result: "void", peer: peer,
        facts: [("reason", Array(why.utf8))]))
    let language = service.texts.language(ticket?.context.lang)
    return Response(reply: .no("expired", text: language[.expired]), deadline: nil)
  }
}
