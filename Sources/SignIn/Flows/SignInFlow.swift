internal import Secrets

/// Section 2 of the user guide, "Logging into an application": password, then the code of the authenticator app, or a
/// recovery code where that is not at hand. An imported account, which has a password and no authenticator yet, proves
/// its mailbox and enrols one instead.
struct SignInFlow: Equatable, Sendable {
  private enum Step: Equatable, Sendable {
    case factors(FactorsStep)
    case mailedCode(MailedCodeStep)
    case enrol(EnrolStep, Account)
    case enrolling(Account, RecoveryCodes)
    case upgrading(Account)
  }

  private let abilities: Abilities
  private var step: Step

  init(for abilities: Abilities) {
    self.abilities = abilities
    step = .factors(FactorsStep(.signIn, asksOnce: abilities.asksOnce))
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Action {
    switch step {
    case .factors(var factors):
      switch factors.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .factors(factors)
        return action
      case .done(.passwordAlone(let proof)):
        return proveMailbox(after: proof, at: now, rules: rules)
      case .done(.both(let account, let upgrade)):
        return finish(account, upgrade)
      }

    case .mailedCode(var mailedCode):
      switch mailedCode.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .mailedCode(mailedCode)
        return action
      case .done(let account):
        step = .enrol(EnrolStep(for: account), account)
        return receive(.opened, at: now, rules: rules)
      }

    case .enrol(var enrol, let account):
      switch enrol.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .enrol(enrol, account)
        return action
      case .done(let enrolment):
        step = .enrolling(account, enrolment.recovery)
        return .commit(.enrol(account, enrolment, at: now))
      }

    case .enrolling(let account, let recovery):
      return event == .applied
        ? .end(.signedIn(account, recovery: recovery), notice: .enrolled(account))
        : event.isOutcome ? .end(.denied) : .outOfTurn

    case .upgrading(let account):
      return event.isOutcome ? .end(.signedIn(account)) : .outOfTurn
    }
  }

  /// On the way to an authenticator; no code is mailed for a client that could not go on.
  private mutating func proveMailbox(after proof: PasswordStep.Proof, at now: Timestamp, rules: Rules) -> Action {
    guard abilities.enrols else { return .end(.unsupported) }
    step = .mailedCode(MailedCodeStep(for: .halfSetUp, after: proof))
    return receive(.opened, at: now, rules: rules)
  }

  private mutating func finish(_ account: Account, _ upgrade: PasswordHash?) -> Action {
    guard let upgrade else { return .end(.signedIn(account)) }
    step = .upgrading(account)
    return .attempt(.upgradeHash(account, upgrade))
  }
}

extension Event {
  /// Whether a change came to its end.
  var isOutcome: Bool {
    switch self {
    case .applied, .refused: true
    case .opened, .answered, .found, .verified, .hashed, .matched, .matchedRecoveryCode, .matchedMailedCode, .drawn,
      .drawnRecoveryCodes:
      false
    }
  }
}

extension Account {
  /// How an authenticator app names the account beside the issuer.
  var label: String { mail ?? uid ?? dn }
}

extension SignInFlow {
  var waiting: Waiting? {
    switch step {
    case .factors(let factors): factors.waiting
    case .mailedCode(let mailedCode): mailedCode.waiting
    case .enrol(let enrol, let account):
      enrol.waiting.map { Waiting(.enrol(left: $0.left, $0.secret, chosen: nil), account) }
    case .enrolling, .upgrading: nil
    }
  }

  mutating func resume(_ waiting: Waiting) -> Bool {
    switch (waiting.step, waiting.account) {
    case (.mailedCode(let left, let asked), let account?):
      let proof = PasswordStep.Proof(account: account)
      step = .mailedCode(MailedCodeStep(for: .halfSetUp, after: proof, left: left, asked: asked))
    case (.enrol(let left, let secret, nil), let account?):
      step = .enrol(EnrolStep(for: account, left: left, secret: secret), account)
    case (.password, _), (.bothFactors, _), (.authenticator, _):
      guard let factors = FactorsStep(.signIn, at: waiting) else { return false }
      step = .factors(factors)
    case (.mailedCode, _), (.newPassword, _), (.confirmPassword, _), (.enrol, _):
      return false
    }
    return true
  }
}
