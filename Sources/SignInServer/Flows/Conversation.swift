internal import Directory
internal import QRCode
internal import Secrets
internal import SignIn
internal import Wire

/// What one connection talks about: at most one flow at a time.
struct Conversation {
  struct Response {
    /// Its last line; items that a long list has sent before are not in it.
    var reply: Reply
    /// How long the client may still take for its next line; nil where it may take its time.
    var deadline: Duration?
    var closes = false
  }

  struct Open {
    var walk: Walk
    var ask: Ask
    /// What else is said meanwhile does not put this off.
    var answerBy: ContinuousClock.Instant
    let context: Request.Context
    let language: Texts.Language
    let deadline: ContinuousClock.Instant
    /// Wrong answers so far, for the audit.
    var wrong = 0

    mutating func wait(for ask: Ask) {
      self.ask = ask
      answerBy = min(.now + .seconds(ask.deadlineSeconds), deadline)
    }
  }

  private let current: CurrentParts
  private let administration: @Sendable () -> Administration
  let peer: Peer
  var open: Open?
  private var errorsInARow = 0
  static let errorsInARowMax = 3
  /// A whole flow may take this long, a first-time login with its mail and its app among them.
  static let flowSecondsMax: Int64 = 45 * 60

  init(current: CurrentParts, administration: @escaping @Sendable () -> Administration, peer: Peer) {
    self.current = current
    self.administration = administration
    self.peer = peer
  }

  /// Each step takes what is in use then: a flow goes on under a configuration that is read meanwhile, with the rules
  /// that it began with.
  var service: SignInService { current.service }

  var greeting: Response { Response(reply: .ok("ready", [Field("protocol", 1)]), deadline: idleDeadline) }

  /// Where no flow waits: a place is not kept for ever, but by peers that speak for many.
  private var idleDeadline: Duration? { peer.isTrusted ? nil : service.idleTimeout }

  /// - Parameter items: sends an item of a list as it comes; false where the client has gone.
  mutating func respond(to line: [UInt8], items: ItemSink) async -> Response {
    var response: Response
    do throws(RequestError) {
      response = await respond(to: try Request.parse(line), items: items)
    } catch {
      response = Response(reply: .err(error), closes: error.endsConnection)
    }
    errorsInARow = response.reply.kind == .err ? errorsInARow + 1 : 0
    if errorsInARow >= Self.errorsInARowMax { response.closes = true }
    response.deadline = open.map { max(.zero, ContinuousClock.now.duration(to: $0.answerBy)) } ?? idleDeadline
    return response
  }

  /// The client took too long: the flow is over. Nil where there was none, and the connection is.
  mutating func expire() -> Response? {
    guard let open else { return nil }
    audit("expired")
    self.open = nil
    return Response(reply: .no("expired", text: open.language[.expired]), deadline: idleDeadline)
  }

  /// The daemon ends before the flow does. Nil where there was none.
  mutating func stop() -> Response? {
    guard let open else { return nil }
    audit("stopped")
    self.open = nil
    return Response(reply: service.reply(to: Later(reason: "busy"), in: open.language), closes: true)
  }

  /// The connection is at its end.
  mutating func hangUp() {
    audit("gone")
    open = nil
  }

  private mutating func respond(to request: Request, items: ItemSink) async -> Response {
    switch request {
    case .open(let verb, let login, let context): return await begin(verb, login: login, context: context)
    case .answer(let answer): return await take(answer)
    case .qr(let style): return Response(reply: picture(style))
    case .cancel:
      guard open != nil else { return Response(reply: Self.noFlow) }
      audit("cancelled")
      open = nil
      return Response(reply: .ok("cancelled"))
    case .park: return await park()
    case .resume(let ticket): return await resume(ticket)
    case .support(let lang): return Response(reply: support(lang))
    case .help: return Response(reply: peer.isAdministrator ? Administration.help : Self.help)
    case .ping: return Response(reply: .ok("pong"))
    case .quit: return Response(reply: .ok("bye"), closes: true)
    case .account(let login, let service):
      guard peer.mayAskAboutAccounts else {
        return Response(reply: .err("not-permitted", text: "ACCOUNT is for listed peers."))
      }
      return Response(reply: await self.service.check(login, for: service, asked: peer))
    case .session(let token, let name): return Response(reply: await service.session(token, for: name, by: peer))
    case .signOut(let token): return Response(reply: await service.signOut(token, by: peer))
    case .keySet: return Response(reply: service.keySet)
    case .admin(let request): return Response(reply: await administration().run(request, by: peer, items: items))
    }
  }

  // MARK: Flows

  private mutating func begin(_ verb: Request.Flow, login: [UInt8], context: Request.Context) async -> Response {
    if open != nil { audit("dropped") }
    open = nil
    let language = service.texts.language(context.lang)
    let source = Source(from: context.from, peer: peer)
    if let source, let seconds = service.penalties.wait(source, at: .now) {
      audit(verb.kind, context, "source-locked")
      return Response(reply: service.reply(to: .locked(seconds: seconds), login: login, in: language))
    }
    // Nothing can be decided without a directory; to say so at once is the same for every login.
    do throws(DirectoryError) { try await service.accounts.ping() } catch {
      return Response(reply: service.reply(to: service.later(error), in: language))
    }
    let flow = Flow(verb.kind, rules: service.rules, for: Abilities(context.can))
    let walk = Walk(flow, login: login, source: source, service: context.service, language: context.lang)
    let deadline = ContinuousClock.now + .seconds(Self.flowSecondsMax)
    let beginning = Open(
      walk: walk, ask: Ask(.password), answerBy: deadline, context: context, language: language, deadline: deadline)
    return await step(beginning, .opened, isOpening: true)
  }

  private mutating func take(_ answer: Request.Answer) async -> Response {
    guard let open else { return Response(reply: Self.noFlow) }
    guard ContinuousClock.now < open.answerBy else { return expire() ?? Response(reply: Self.noFlow) }
    return await step(open, .answered(SignIn.Answer(answer)))
  }

  private mutating func step(_ before: Open, _ event: Event, isOpening: Bool = false) async -> Response {
    let begun = ContinuousClock.now
    var now = before
    let action: Action
    do throws(Later) { action = try await service.advance(&now.walk, by: event) } catch {
      now.wait(for: now.ask)  // the delay is ours
      open = isOpening ? nil : now
      if error.isRefusal {
        charge(before.context)
        await service.holdRefusal(of: before.walk.login, since: begun)
      }
      return Response(reply: service.reply(to: error, in: before.language))
    }
    switch action {
    case .ask(let ask, let notice):
      now.wait(for: ask)
      if ask.refused == .wrong { now.wrong += 1 }
      open = now
      service.metrics.asked(ask)
      if let notice { service.tell(notice) }
      if ask.costsSource { charge(before.context) }
      if ask.tellsByTime { await service.holdRefusal(of: before.walk.login, since: begun) }
      return Response(reply: service.reply(to: ask, login: before.walk.login, in: before.language))
    case .end(let proven, let notice):
      if proven == .denied { now.wrong += 1 }
      open = now
      let isTurnedAway = proven.signsIn && !now.walk.isAdmitted
      let ending = isTurnedAway ? .denied : proven
      audit(isTurnedAway ? "not-a-member" : ending.auditWord, ending.account)
      open = nil
      if let notice { service.tell(notice) }
      if ending.costsSource {
        charge(before.context)
        await service.holdRefusal(of: before.walk.login, since: begun)
      }
      let session = session(now, ending)
      return Response(reply: service.reply(to: ending, login: before.walk.login, in: before.language, session: session))
    default:
      return Response(reply: .err("out-of-turn", text: "Something else was asked for."))
    }
  }

  /// The session of a sign-in. Who is signed in is so without one, too: the sign-in cannot be taken back.
  private func session(_ open: Open, _ ending: Ending) -> [Field] {
    guard case .signedIn = ending, let credentials = open.walk.credentials,
      let opened = try? service.sessions.open(credentials, service: open.context.service ?? [])
    else { return [] }
    return service.sessions.fields(of: opened, credentials.account, for: open.context.service)
  }

  private func charge(_ context: Request.Context) {
    if let source = Source(from: context.from, peer: peer) { service.penalties.charge(source, at: .now) }
  }

  /// The language is that of the flow, where the request names none.
  private func support(_ lang: [UInt8]?) -> Reply {
    let language = lang == nil ? open?.language ?? service.texts.standard : service.texts.language(lang)
    let texts = service.texts
    let fields = [("help", texts.help), ("contact", texts.contact)].compactMap { name, value in
      value.map { Field(name, $0) }
    }
    return .ok("support", fields, text: language.support(texts.help ?? texts.contact))
  }

  private func picture(_ style: Request.QRStyle) -> Reply {
    guard let open else { return Self.noFlow }
    guard case .enrol(let uri, _) = open.ask.prompt, let code = QRCode(Array(uri.utf8)) else {
      return .err("out-of-turn", text: "There is nothing to show now.")
    }
    let lines = style == .text ? code.lines() : code.svg().split(separator: "\n").map(String.init)
    var reply = service.reply(to: open.ask, login: open.walk.login, in: open.language)
    reply.items = lines.map { Item(text: $0) }
    return reply
  }

  func audit(_ result: String, _ account: Account? = nil) {
    guard let open else { return }
    audit(
      open.walk.flow.kind, open.context, result, account: account?.id ?? open.walk.account, wrong: open.wrong,
      recoveryCodesLeft: open.walk.recoveryCodesLeft)
  }

  func audit(
    _ kind: Flow.Kind, _ context: Request.Context, _ result: String, account: EntryUUID? = nil, wrong: Int = 0,
    recoveryCodesLeft: Int? = nil
  ) {
    let from = context.from.map { (peer.isTrusted ? "from" : "claimed-from", $0) }
    let name = context.service.map { ("service", $0) }
    let count = wrong > 0 ? ("wrong", Array(String(wrong).utf8)) : nil
    let left = recoveryCodesLeft.map { ("recovery-codes-left", Array(String($0).utf8)) }
    service.audit(
      AuditEvent(
        kind: .flow, name: kind.word, result: result, account: account, peer: peer,
        facts: [from, name, count, left].compactMap { $0 }))
  }

  static let noFlow = Reply.err("no-flow", text: "No flow is under way.")

  private static let help = Reply.ok(
    "help",
    text: Administration.whereHelpIs,
    items: [
      "SIGNIN login", "FIRST login", "FORGOT login", "CHANGE login", "REENROL login", "CANCEL", "PARK", "RESUME ticket",
      "QR [text|svg]",
      "SESSION token [service=]", "SIGNOUT token", "JWKS", "SUPPORT", "PING", "QUIT",
    ].map { Item(text: $0) })
}
