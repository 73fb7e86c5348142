internal import Secrets

/// Section 3 of the user guide, "Resetting your password": the code of the authenticator app opens the way to a new
/// password. It signs nobody in, unlocks nothing, and refills no budget.
struct ForgotPassword: Equatable, Sendable {
  private enum Step: Equatable, Sendable {
    case mailedCode(MailedCodeStep)
    /// With the account whose mailbox was proven before, if one was.
    case authenticator(AuthenticatorStep, Account?)
    case setting(SetPassword)
  }

  private var step: Step

  init(rules: Rules) {
    step =
      rules.forgotNeedsMailedCode
      ? .mailedCode(MailedCodeStep(for: .forgot)) : .authenticator(AuthenticatorStep(.forgot), nil)
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Action {
    switch step {
    case .mailedCode(var mailedCode):
      switch mailedCode.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .mailedCode(mailedCode)
        return action
      case .done(let account):
        step = .authenticator(AuthenticatorStep(.forgot, owner: account.id), account)
        return receive(.opened, at: now, rules: rules)
      }

    case .authenticator(var authenticator, let owner):
      switch authenticator.receive(event, at: now) {
      case .act(let action):
        step = .authenticator(authenticator, owner)
        return action
      case .done(let account):
        step = .setting(SetPassword(for: account, rules: rules))
        return receive(.opened, at: now, rules: rules)
      }

    case .setting(var setting):
      let action = setting.receive(event, at: now, rules: rules)
      step = .setting(setting)
      return action
    }
  }
}

/// A new password for who knows the present one and holds the authenticator.
struct ChangePassword: Equatable, Sendable {
  private enum Step: Equatable, Sendable {
    case factors(FactorsStep)
    case setting(SetPassword)
  }

  private var step: Step

  init(for abilities: Abilities) {
    step = .factors(FactorsStep(.change, asksOnce: abilities.asksOnce))
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Action {
    switch step {
    case .factors(var factors):
      switch factors.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .factors(factors)
        return action
      case .done(.passwordAlone):
        return .end(.denied)
      case .done(.both(let account, _)):
        step = .setting(SetPassword(for: account, rules: rules))
        return receive(.opened, at: now, rules: rules)
      }

    case .setting(var setting):
      let action = setting.receive(event, at: now, rules: rules)
      step = .setting(setting)
      return action
    }
  }
}

/// The end that both share: choose, confirm, store.
struct SetPassword: Equatable, Sendable {
  private let account: Account
  private var choosing: NewPasswordStep
  private var isStoring = false

  init(for account: Account, rules: Rules) {
    self.account = account
    choosing = NewPasswordStep(for: account, rules: rules)
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Action {
    if isStoring {
      return event == .applied
        ? .end(.passwordChanged(account), notice: .passwordChanged(account))
        : event.isOutcome ? .end(.denied) : .outOfTurn
    }
    switch choosing.receive(event, at: now, rules: rules) {
    case .act(let action): return action
    case .done(let hash):
      isStoring = true
      return .commit(.setPassword(account, hash, keepingHistory: rules.historyMax))
    }
  }
}

// MARK: - Between two answers

extension ForgotPassword {
  var waiting: Waiting? {
    switch step {
    case .mailedCode(let mailedCode): mailedCode.waiting
    case .authenticator(let authenticator, let owner): authenticator.waiting.map { Waiting($0.step, owner) }
    case .setting(let setting): setting.waiting
    }
  }

  mutating func resume(_ waiting: Waiting, rules: Rules) -> Bool {
    switch (waiting.step, waiting.account) {
    case (.mailedCode(let left, let asked), nil):
      step = .mailedCode(MailedCodeStep(for: .forgot, left: left, asked: asked))
    case (.authenticator(let left, nil), let owner):
      // The rules may have become stricter meanwhile.
      guard owner != nil || !rules.forgotNeedsMailedCode else { return false }
      step = .authenticator(AuthenticatorStep(.forgot, owner: owner?.id, left: left), owner)
    case (.newPassword, let account?), (.confirmPassword, let account?):
      guard let setting = SetPassword(waiting.step, for: account, rules: rules) else { return false }
      step = .setting(setting)
    case (.password, _), (.bothFactors, _), (.authenticator, _), (.mailedCode, _), (.newPassword, _),
      (.confirmPassword, _), (.enrol, _):
      return false
    }
    return true
  }
}

extension ChangePassword {
  var waiting: Waiting? {
    switch step {
    case .factors(let factors): factors.waiting
    case .setting(let setting): setting.waiting
    }
  }

  mutating func resume(_ waiting: Waiting, rules: Rules) -> Bool {
    switch (waiting.step, waiting.account) {
    case (.newPassword, let account?), (.confirmPassword, let account?):
      guard let setting = SetPassword(waiting.step, for: account, rules: rules) else { return false }
      step = .setting(setting)
    case (.password, _), (.bothFactors, _), (.authenticator, _):
      guard let factors = FactorsStep(.change, at: waiting) else { return false }
      step = .factors(factors)
    case (.mailedCode, _), (.newPassword, _), (.confirmPassword, _), (.enrol, _):
      return false
    }
    return true
  }
}

extension SetPassword {
  var waiting: Waiting? { isStoring ? nil : choosing.waiting.map { Waiting($0, account) } }

  init?(_ step: ParkedFlow.Step, for account: Account, rules: Rules) {
    guard let choosing = NewPasswordStep(step, for: account, rules: rules) else { return nil }
    self.init(for: account, rules: rules)
    self.choosing = choosing
  }
}
