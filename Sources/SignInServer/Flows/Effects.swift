internal import Directory
internal import Logging
internal import Secrets
internal import SignIn

extension SignInService {
  /// Feeds an event to a flow and does what it asks for until it asks the user, ends, or cannot go on. On `Later`, and
  /// on an answer out of turn, the flow is left as it was before the event.
  func advance(_ walk: inout Walk, by event: Event) async throws(Later) -> Action {
    var effects = Effects(service: self, walk: walk, answer: event)
    do throws(Later) {
      let action = try await effects.run()
      await effects.leave()
      if action != .outOfTurn { walk = effects.walk }
      return action
    } catch {
      await effects.leave()
      walk.unsettled = effects.walk.unsettled
      walk.held = effects.walk.held
      walk.known = nil
      throw error
    }
  }
}

/// The effects of one answer: every action becomes one event.
struct Effects {
  let service: SignInService
  var walk: Walk
  private let answer: Event
  private var turn: Turnstile.Key?

  init(service: SignInService, walk: Walk, answer: Event) {
    self.service = service
    self.walk = walk
    self.answer = answer
  }

  mutating func run() async throws(Later) -> Action {
    var event = answer
    while true {
      let action = walk.flow.receive(event, at: service.now())
      switch action {
      case .ask, .end, .outOfTurn:
        return action
      case .later:
        throw Later(reason: "busy")
      case .read(let factor):
        event = .found(try await read(for: factor))
      case .verify(let password, let hash):
        event = .verified(try await verify(password, hash))
      case .hash(let password):
        event = .hashed(try await hash(password))
      case .match(let typed, let authenticator):
        event = .matched(step: try match(typed, authenticator))
      case .matchRecoveryCode(let typed, let account):
        event = .matchedRecoveryCode(try service.recoveryCode(typed, of: account, or: walk.unsettled))
      case .matchMailedCode(let typed, let account, let purpose):
        event = .matchedMailedCode(try service.matches(typed, account: account, purpose: purpose))
      case .drawSecret:
        event = .drawn(Secret(try draw(TOTP.secretLength)))
      case .drawRecoveryCodes(let id, let count):
        event = .drawnRecoveryCodes(try service.drawRecoveryCodes(for: id, count: count))
      case .mailCode(let account, let purpose, let expires):
        event = try await mailCode(account, purpose, expires: expires)
      case .charge(let factor, let subject):
        try await charge(factor, subject)
        event = .applied
      case .commit(let change):
        // Before the code is used up: where the directory cannot say, the same answer may be given again.
        if change.signsIn { walk.isAdmitted = try await service.admits(change.account, to: walk.service) }
        event = try await commit(change)
      case .attempt(let change):
        event = (try? await commit(change)) ?? .applied
      }
    }
  }

  mutating func leave() async {
    if let turn { await service.turnstile.leave(turn) }
    turn = nil
  }

  // MARK: The account

  private mutating func read(for factor: Factor) async throws(Later) -> Subject {
    await leave()
    if let held = walk.held {
      if held.event == answer { await service.shadows.takeBack(held.key, held.factor) }
      walk.held = nil
    }
    let known = try await known()
    let key = Turnstile.Key(subject: key(of: known.subject), factor: factor)
    let isOld: Bool
    do { isOld = try await service.turnstile.enter(key, since: known.mark) } catch { throw Later(reason: "busy") }
    turn = key
    let current = isOld ? try await find() : known
    walk.known = current
    walk.account = current.subject.account?.id
    return current.subject
  }

  private func known() async throws(Later) -> (subject: Subject, mark: UInt64) {
    if let known = walk.known { return known }
    return try await find()
  }

  private func key(of subject: Subject) -> [UInt8] { subject.account?.id.bytes ?? service.digest(of: walk.login) }

  private func find() async throws(Later) -> (subject: Subject, mark: UInt64) {
    let mark = await service.turnstile.mark
    do throws(DirectoryError) {
      if var account = try await service.accounts.account(login: walk.login) {
        await service.shadows.add(to: &account.tries, of: account.id.bytes)
        return (account.subject, mark)
      }
    } catch {
      throw service.later(error)
    }
    return (Subject(account: nil, tries: await service.shadows[service.digest(of: walk.login)]), mark)
  }

  // MARK: Changes

  private mutating func commit(_ change: Change) async throws(Later) -> Event {
    walk.known = nil
    do throws(DirectoryError) {
      switch try await service.accounts.apply(change) {
      case .applied:
        keepCredentials(of: change)
        tellRecovery(by: change)
        await landed(change)
        return .applied
      case .refused(let fresh):
        guard let fresh else { return .refused(Subject(account: nil, tries: TriesTable())) }
        guard let landed = walk.unsettled.first(where: { $0.landed(in: fresh) && !$0.isCharge }) else {
          return .refused(fresh.subject)
        }
        keepCredentials(of: landed)
        tellRecovery(by: landed)
        return .applied
      }
    } catch {
      remember(change, error)
      throw service.later(error)
    }
  }

  private mutating func keepCredentials(of change: Change) {
    if let credentials = change.credentials { walk.credentials = credentials }
    if case .upgradeHash(_, let hash) = change { walk.credentials?.hash = hash }
  }

  /// A recovery code is gone: its owner hears of it, whatever becomes of the flow.
  private mutating func tellRecovery(by change: Change) {
    guard let code = change.recoveryCode else { return }
    let left = change.account.recoveryCodes.count { $0 != code }
    walk.recoveryCodesLeft = left
    service.tell(.recoveryCodeUsed(change.account, left: left))
  }

  /// Repeated until it lands: the guess was evaluated. A charge of the same answer that was lost before and landed
  /// after all is not made again.
  private mutating func charge(_ factor: Factor, _ subject: Subject) async throws(Later) {
    walk.known = nil
    guard var account = subject.account else {
      await hold(service.digest(of: walk.login), factor)
      // While accounts cannot be charged, this one must not look different.
      if service.refusedWrites.stand { throw Later.refusedWrite }
      walk.held = nil
      return
    }
    for _ in 0..<16 {
      if walk.unsettled.contains(where: { $0.isCharge && $0.landed(in: account) }) {
        walk.unsettled = []
        return
      }
      let change = Change.charging(account, factor, at: service.now())
      do throws(DirectoryError) {
        switch try await service.accounts.apply(change) {
        case .applied:
          service.refusedWrites.clear()
          await service.shadows.forget(account.id.bytes, factor)
          let row = account.tries[factor].consecutive + 1
          if row.isMultiple(of: Allowance.noticedInARow) { service.tell(.failedAttempts(account)) }
          return
        case .refused(nil): return
        case .refused(let fresh?):
          account = fresh
          await service.shadows.add(to: &account.tries, of: account.id.bytes)
        }
      } catch {
        remember(change, error)
        let later = service.later(error)
        switch error {
        case .lost: throw later  // remembered, and settled with the next answer
        case .unavailable, .busy, .fenced:
          await hold(account.id.bytes, factor)
          throw later
        case .refused, .unsuitable:
          service.refusedWrites.note()
          await hold(account.id.bytes, factor)
          throw Later.refusedWrite
        }
      }
    }
    throw Later(reason: "busy")
  }

  /// A wrong answer whose charge the directory certainly did not take counts in this daemon until it takes one again: a
  /// directory that is read-only or full must not let anybody guess on.
  private mutating func hold(_ key: [UInt8], _ factor: Factor) async {
    await service.shadows.charge(key, factor, at: service.now())
    walk.held = Walk.Held(event: answer, key: key, factor: factor)
  }

  /// Whoever is in has no wrong answers in a row.
  private func landed(_ change: Change) async {
    service.refusedWrites.clear()
    switch change {
    case .signIn(let account, _, _), .signInWithRecoveryCode(let account, _, _), .firstLogin(let account, _, _, _),
      .enrol(let account, _, _):
      for factor in [Factor.password, .authenticator, .mailedCode] {
        await service.shadows.forget(account.id.bytes, factor)
      }
    default: break
    }
  }

  private mutating func mailCode(
    _ account: Account, _ purpose: MailedCodePurpose, expires: Timestamp
  ) async throws(Later) -> Event {
    let (code, live) = try service.drawMailedCode(for: account, purpose: purpose, expires: expires)
    let event = try await commit(.storeMailedCode(account, live, at: service.now()))
    if event == .applied {
      service.postbox.post(
        code: code, to: account, for: purpose, lifetimeSeconds: service.rules.codeLifetimeSeconds,
        asked: walk.language)
    }
    return event
  }

  private mutating func remember(_ change: Change, _ error: DirectoryError) {
    guard case .lost = error else { return }
    walk.unsettled = walk.unsettled.suffix(Walk.unsettledMax - 1) + [change]
  }
}

extension SignInService {
  func later(_ error: DirectoryError) -> Later {
    logger.error("directory", metadata: ["reason": "\(error.text)"])
    switch error {
    case .busy: return Later(reason: "busy")
    case .fenced(let seconds): return Later(reason: "directory", afterSeconds: max(1, seconds))
    case .unavailable, .lost, .refused, .unsuitable: return Later(reason: "directory", afterSeconds: 2)
    }
  }
}

extension Change {
  var isCharge: Bool {
    if case .charge = self { true } else { false }
  }
}
