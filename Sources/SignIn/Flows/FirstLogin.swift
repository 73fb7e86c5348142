internal import Secrets

/// Section 1 of the user guide, "Creating your Single Sign-On account": a mailed code, a password chosen and
/// confirmed, an authenticator app enrolled. Nothing is written before the very end, and then everything at once.
struct FirstLogin: Equatable, Sendable {
  private enum Step: Equatable, Sendable {
    /// The client could not walk to the end: the same for every login, before any is looked at.
    case unsupported
    case mailedCode(MailedCodeStep)
    case newPassword(NewPasswordStep, Account)
    case enrol(EnrolStep, Account, PasswordHash)
    case committing(Account, RecoveryCodes)
  }

  private var step: Step

  init(for abilities: Abilities) {
    step = abilities.enrols ? .mailedCode(MailedCodeStep(for: .firstLogin)) : .unsupported
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Action {
    switch step {
    case .unsupported:
      return event == .opened ? .end(.unsupported) : .outOfTurn

    case .mailedCode(var mailedCode):
      switch mailedCode.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .mailedCode(mailedCode)
        return action
      case .done(let account):
        step = .newPassword(NewPasswordStep(for: account, rules: rules), account)
        return receive(.opened, at: now, rules: rules)
      }

    case .newPassword(var newPassword, let account):
      switch newPassword.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .newPassword(newPassword, account)
        return action
      case .done(let hash):
        step = .enrol(EnrolStep(for: account), account, hash)
        return receive(.opened, at: now, rules: rules)
      }

    case .enrol(var enrol, let account, let hash):
      switch enrol.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .enrol(enrol, account, hash)
        return action
      case .done(let enrolment):
        step = .committing(account, enrolment.recovery)
        return .commit(.firstLogin(account, hash, enrolment, at: now))
      }

    case .committing(let account, let recovery):
      return event == .applied
        ? .end(.signedIn(account, recovery: recovery), notice: .enrolled(account))
        : event.isOutcome ? .end(.denied) : .outOfTurn
    }
  }
}

extension FirstLogin {
  var waiting: Waiting? {
    switch step {
    case .mailedCode(let mailedCode): mailedCode.waiting
    case .newPassword(let newPassword, let account): newPassword.waiting.map { Waiting($0, account) }
    case .enrol(let enrol, let account, let hash):
      enrol.waiting.map { Waiting(.enrol(left: $0.left, $0.secret, chosen: hash), account) }
    case .unsupported, .committing: nil
    }
  }

  mutating func resume(_ waiting: Waiting, rules: Rules) -> Bool {
    switch (waiting.step, waiting.account) {
    case (.mailedCode(let left, let asked), nil):
      step = .mailedCode(MailedCodeStep(for: .firstLogin, left: left, asked: asked))
    case (.newPassword, let account?), (.confirmPassword, let account?):
      guard let newPassword = NewPasswordStep(waiting.step, for: account, rules: rules) else { return false }
      step = .newPassword(newPassword, account)
    case (.enrol(let left, let secret, let hash?), let account?):
      step = .enrol(EnrolStep(for: account, left: left, secret: secret), account, hash)
    case (.password, _), (.bothFactors, _), (.authenticator, _), (.mailedCode, _), (.newPassword, _),
      (.confirmPassword, _), (.enrol, _):
      return false
    }
    return true
  }
}
