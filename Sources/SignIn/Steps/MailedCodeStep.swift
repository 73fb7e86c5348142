/// "By clicking the Send verification code button, an email will be sent to your email address with a temporary
/// verification code." Who gets none walks the same way, is told the same, and fails as on a wrong code.
struct MailedCodeStep: Equatable, Sendable {
  private enum State: Equatable, Sendable {
    case opening
    case finding
    case storing
    case asking
    case reading([UInt8])
    case matching(Subject)
    case using(Account)
    case charging
  }

  let purpose: MailedCodePurpose
  /// The password that was right before, if one was.
  private let proof: PasswordStep.Proof?
  private var state = State.opening
  private var left = Rules.triesMax
  /// When this flow last asked for a code; whether one went out is the mailbox's to tell.
  private var asked: Timestamp?

  init(for purpose: MailedCodePurpose, after proof: PasswordStep.Proof? = nil) {
    self.purpose = purpose
    self.proof = proof
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Progress<Account> {
    switch (state, event) {
    case (.opening, .opened):
      state = .finding
      return .act(.read(.mailedCode))

    case (.finding, .found(let subject)):
      if let ending = proof?.objection(to: subject, at: now) { return .act(.end(ending)) }
      asked = now
      guard let account = recipient(subject, rules: rules, at: now) else {
        return ask(notice: subject.account?.notice(for: purpose))
      }
      // Inside the cooldown, or over the cap: the code that is out there stays good, and no mail goes.
      guard rules.mail.verdict(on: subject.tries[.mail], at: now) == .open else { return ask() }
      state = .storing
      return .act(.mailCode(account, purpose, expires: now.adding(seconds: rules.codeLifetimeSeconds)))

    case (.storing, .applied), (.storing, .refused):
      return ask()

    case (.asking, .answered(.again)):
      if let asked, now < asked.adding(seconds: rules.mailCooldownSeconds) { return ask(refused: .tooSoon) }
      state = .finding
      return .act(.read(.mailedCode))

    case (.asking, .answered(.code(let typed))):
      if let asked, now >= asked.adding(seconds: rules.codeLifetimeSeconds) { return ask(refused: .expired) }
      state = .reading(typed)
      return .act(.read(.mailedCode))

    case (.reading(let typed), .found(let subject)):
      if let ending = proof?.objection(to: subject, at: now) { return .act(.end(ending)) }
      if case .rests(let seconds) = Allowance.mailedCode.verdict(on: subject.tries[.mailedCode], at: now) {
        return .act(.end(.locked(seconds: seconds)))
      }
      state = .matching(subject)
      return .act(.matchMailedCode(typed, recipient(subject, rules: rules, at: now), purpose))

    case (.matching(let subject), .matchedMailedCode(let matched)):
      guard matched, let account = recipient(subject, rules: rules, at: now) else { return refuse(subject) }
      state = .using(account)
      return .act(.commit(.useMailedCode(account)))

    case (.using(var account), .applied):
      account.mailedCode = nil
      return .done(account)

    case (.using, .refused(let subject)):
      return refuse(subject)

    case (.charging, .applied):
      left -= 1
      return left == 0 ? .act(.end(.denied)) : ask(refused: .wrong)

    case (.opening, _), (.finding, _), (.storing, _), (.asking, _), (.reading, _), (.matching, _), (.using, _),
      (.charging, _):
      return .act(.outOfTurn)
    }
  }

  /// Whose code it can be: of an account that may have got one.
  private func recipient(_ subject: Subject, rules: Rules, at now: Timestamp) -> Account? {
    subject.account.flatMap { $0.mayReceiveCode(for: purpose, rules: rules, at: now) ? $0 : nil }
  }

  private mutating func ask(refused: Ask.Refusal? = nil, notice: Notice? = nil) -> Progress<Account> {
    state = .asking
    return .act(.ask(Ask(.code, refused: refused, left: refused == nil ? nil : left), notice: notice))
  }

  private mutating func refuse(_ subject: Subject) -> Progress<Account> {
    state = .charging
    return .act(.charge(.mailedCode, subject))
  }
}

extension MailedCodeStep {
  /// Between two answers.
  var waiting: Waiting? {
    state == .asking ? Waiting(.mailedCode(left: left, asked: asked), proof?.account) : nil
  }

  init(for purpose: MailedCodePurpose, after proof: PasswordStep.Proof? = nil, left: Int, asked: Timestamp?) {
    self.init(for: purpose, after: proof)
    (state, self.left, self.asked) = (.asking, left, asked)
  }
}
