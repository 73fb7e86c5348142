import Secrets

@testable import SignIn

/// A flow, rehearsed against a directory of one account, its mailbox and its authenticator app: all in memory, and
/// truthful. Keeps the list of what the flow asked for.
struct Rehearsal {
  /// Nil: the login leads nowhere.
  var account: Account?
  var now = Timestamp.sample
  /// What happens elsewhere right before an effect of the flow is done.
  var meanwhile: (Action, inout Account?) -> Void = { _, _ in }
  private(set) var actions: [Action] = []
  /// The codes that were mailed, the newest last.
  private(set) var mailbox: [[UInt8]] = []
  private(set) var flow: Flow
  private let rules: Rules
  private var strangers = TriesTable()
  /// Who has the app: shown once, or enrolled all along.
  private var app = TOTP(secret: Sample.secret)

  private let abilities: Abilities

  init(_ kind: Flow.Kind, _ account: Account?, rules: Rules = Rules(), for abilities: Abilities = .plain) {
    flow = Flow(kind, rules: rules, for: abilities)
    self.rules = rules
    self.abilities = abilities
    self.account = account
  }

  /// The present code of the app, and a wrong one.
  var code: [UInt8] { app.code(at: step) }
  var wrongCode: [UInt8] { code == bytes("000000") ? bytes("000001") : bytes("000000") }
  var step: Int64 { app.step(at: now.seconds) }

  /// The same account and the same clock, another flow.
  mutating func restart(_ kind: Flow.Kind) -> Action {
    flow = Flow(kind, rules: rules, for: abilities)
    return run(.opened)
  }

  /// The flow goes on from its bytes alone, and from the account as it is now; answers the question once more.
  mutating func parkAndResume(asking ask: Ask) -> Ask? {
    guard let (parked, bound) = flow.parked(asking: ask), let read = ParkedFlow(parked.bytes), read == parked else {
      return nil
    }
    let fresh = bound == nil ? nil : account
    guard let resumed = Flow(read, account: fresh, rules: rules, for: abilities) else { return nil }
    flow = resumed
    if case .enrol = read.step { _ = run(.opened) }
    return read.ask(fresh, rules: rules)
  }

  mutating func open() -> Action { run(.opened) }
  mutating func answer(_ answer: Answer) -> Action { run(.answered(answer)) }
  mutating func password(_ text: String) -> Action { run(.answered(.password(Secret(bytes(text))))) }
  mutating func combined(_ password: String, _ code: [UInt8]) -> Action {
    run(.answered(.combined(Secret(bytes(password) + code))))
  }
  mutating func newPassword(_ text: String) -> Action { run(.answered(.newPassword(Secret(bytes(text))))) }
  mutating func confirm(_ text: String) -> Action { run(.answered(.confirmPassword(Secret(bytes(text))))) }
  mutating func rightCode() -> Action { run(.answered(.totp(code))) }
  mutating func recoveryCode(_ text: String) -> Action { run(.answered(.recoveryCode(bytes(text)))) }
  mutating func wrongTOTP() -> Action { run(.answered(.totp(wrongCode))) }

  func charges(_ factor: Factor) -> Int { actions.count { if case .charge(factor, _) = $0 { true } else { false } } }

  func count(_ isCounted: (Action) -> Bool) -> Int { actions.count(where: isCounted) }

  private var subject: Subject { account?.subject ?? Subject(account: nil, tries: strangers) }

  private mutating func run(_ first: Event) -> Action {
    var event = first
    while true {
      let action = flow.receive(event, at: now)
      actions.append(action)
      meanwhile(action, &account)
      guard let next = done(action) else { return action }
      event = next
    }
  }

  /// Does an effect; nil where it is the user's turn, or nobody's.
  private mutating func done(_ action: Action) -> Event? {
    switch action {
    case .ask, .end, .outOfTurn, .later: return nil
    case .read: return .found(subject)
    case .verify(let password, let hash):
      let typed = password.withBytes { bytes("{PLAIN}") + Array($0) }
      return .verified(hash?.stored == typed ? .match : .mismatch)
    case .hash(let password): return .hashed(password.withBytes { PasswordHash(stored: bytes("{PLAIN}") + Array($0)) })
    case .match(let typed, let authenticator):
      switch authenticator {
      case nil: return .matched(step: nil)
      case .sealed(let sealed, _): return .matched(step: TOTP(secret: Secret(sealed)).match(typed, at: now.seconds))
      case .pending(let secret): return .matched(step: TOTP(secret: secret).match(typed, at: now.seconds))
      }
    case .drawSecret:
      let secret = Secret(bytes("09876543210987654321"))
      app = TOTP(secret: secret)
      return .drawn(secret)
    case .drawRecoveryCodes(_, let count): return .drawnRecoveryCodes(.sample(count))
    case .matchRecoveryCode(let typed, let account):
      return .matchedRecoveryCode(account?.recoveryCodes.first { $0 == bytes("stored ") + typed })
    case .mailCode(let read, let purpose, let expires):
      let code = bytes(String(100_000 + mailbox.count))
      let live = LiveCode(stored: bytes("\(purpose.rawValue) \(expires.generalizedTime) ") + code)
      guard apply(.storeMailedCode(read, live, at: now)) else { return .refused(subject) }
      mailbox.append(code)
      return .applied
    case .matchMailedCode(let typed, let account, let purpose):
      let words = (account?.mailedCode?.stored ?? []).split(separator: 0x20).map { Array($0) }
      guard words.count == 3, let expires = Timestamp(generalizedTime: words[1]) else {
        return .matchedMailedCode(false)
      }
      return .matchedMailedCode(words[0] == bytes(purpose.rawValue) && words[2] == typed && now < expires)
    case .charge(let factor, let subject):
      guard let account = subject.account else {
        strangers[factor] = strangers[factor].charged(at: now)
        return .applied
      }
      _ = apply(.charging(account, factor, at: now))
      return .applied
    case .commit(let change), .attempt(let change): return apply(change) ? .applied : .refused(subject)
    }
  }

  /// One MODIFY with its condition, as `docs/directory.md` has it.
  private mutating func apply(_ change: Change) -> Bool {
    let read = change.account
    guard var entry = account, entry.id == read.id else { return false }
    let isEnabled = entry.deactivation == nil && entry.lock != .foreign
    let isAsRead = entry.hash == read.hash && entry.sealedSecret == read.sealedSecret
    switch change {
    case .signIn(_, let step, let at):
      guard isEnabled, isAsRead, (entry.lastStep ?? -1) < step,
        entry.tries[.authenticator] == read.tries[.authenticator]
      else { return false }
      entry.signIn(step, at)
    case .signInWithRecoveryCode(_, let code, let at):
      guard isEnabled, isAsRead, entry.recoveryCodes.contains(code),
        entry.tries[.authenticator] == read.tries[.authenticator]
      else { return false }
      entry.recoveryCodes.removeAll { $0 == code }
      entry.signIn(nil, at)
    case .firstLogin(_, let hash, let enrolment, let at):
      guard isEnabled, entry.hash == nil, entry.sealedSecret == nil, entry.mail == read.mail else { return false }
      entry.hash = hash
      entry.enrol(enrolment)
      entry.signIn(enrolment.step, at)
    case .enrol(_, let enrolment, let at):
      guard isEnabled, entry.hash == read.hash, entry.sealedSecret == nil else { return false }
      entry.enrol(enrolment)
      entry.signIn(enrolment.step, at)
    case .replaceAuthenticator(_, let enrolment, _):
      guard isEnabled, isAsRead else { return false }
      entry.enrol(enrolment)
      entry.lastStep = max(enrolment.step, read.lastStep ?? 0)
    case .useRecoveryCode(_, let code):
      guard isEnabled, isAsRead, entry.recoveryCodes.contains(code) else { return false }
      entry.recoveryCodes.removeAll { $0 == code }
    case .useStep(_, let step):
      guard isEnabled, isAsRead, (entry.lastStep ?? -1) < step else { return false }
      entry.lastStep = step
    case .setPassword(_, let hash, let keeping):
      guard isEnabled, isAsRead else { return false }
      entry.history = Array(([entry.hash].compactMap { $0 } + entry.history).prefix(keeping))
      entry.hash = hash
    case .upgradeHash(_, let hash):
      guard isEnabled, entry.hash == read.hash else { return false }
      entry.hash = hash
    case .storeMailedCode(_, let code, let at):
      guard isEnabled, isAsRead, entry.tries[.mail] == read.tries[.mail] else { return false }
      entry.mailedCode = code
      entry.tries[.mail] = entry.tries[.mail].charged(at: at)
      entry.tries[.mailedCode] = entry.tries[.mailedCode].interrupted()
    case .useMailedCode:
      guard let live = entry.mailedCode, live == read.mailedCode else { return false }
      entry.mailedCode = nil
    case .charge(_, let factor, let tries, let kills):
      entry.tries[factor] = tries
      if kills { entry.mailedCode = nil }
    case .deactivate, .reactivate, .undo, .claimWarning, .stampWarning, .unlock, .reset, .endSessions, .endSession,
      .finishReactivation, .lockAgain, .startClock, .dateInvitation,
      .advanceClock, .reseal:
      return false
    }
    account = entry
    return true
  }
}

extension Account {
  fileprivate mutating func enrol(_ enrolment: Enrolment) {
    (sealedSecret, recoveryCodes) = (enrolment.secret.withBytes { Array($0) }, enrolment.recovery.stored)
  }

  fileprivate mutating func signIn(_ step: Int64?, _ at: Timestamp) {
    (lastStep, lastSignIn) = (step ?? lastStep, at)
    for factor in [Factor.password, .authenticator, .mailedCode] { tries[factor] = .none }
  }
}
