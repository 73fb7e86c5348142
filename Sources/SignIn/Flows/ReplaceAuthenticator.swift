internal import Secrets

/// Another phone: who knows the password and holds the authenticator app, or a recovery code where that is lost, enrols a
/// new app. The old one is good until the very end, and from then on for nothing. It signs nobody in, and ends every
/// session.
struct ReplaceAuthenticator: Equatable, Sendable {
  private enum Step: Equatable, Sendable {
    /// The client could not walk to the end: the same for every login, before any is looked at.
    case unsupported
    case factors(FactorsStep)
    case enrol(EnrolStep, Account)
    case replacing(Account, RecoveryCodes)
  }

  private var step: Step

  /// Password and code are two questions also for a client that asks for both at once: a recovery code is no part of one.
  init(for abilities: Abilities) {
    step = abilities.enrols ? .factors(FactorsStep(.change, asksOnce: false)) : .unsupported
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Action {
    switch step {
    case .unsupported:
      return event == .opened ? .end(.unsupported) : .outOfTurn

    case .factors(var factors):
      switch factors.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .factors(factors)
        return action
      case .done(.passwordAlone):
        return .end(.denied)
      case .done(.both(let account, _)):
        step = .enrol(EnrolStep(for: account), account)
        return receive(.opened, at: now, rules: rules)
      }

    case .enrol(var enrol, let account):
      switch enrol.receive(event, at: now, rules: rules) {
      case .act(let action):
        step = .enrol(enrol, account)
        return action
      case .done(let enrolment):
        step = .replacing(account, enrolment.recovery)
        return .commit(.replaceAuthenticator(account, enrolment, at: now))
      }

    case .replacing(let account, let recovery):
      return event == .applied
        ? .end(.enrolled(account, recovery: recovery), notice: .authenticatorReplaced(account))
        : event.isOutcome ? .end(.denied) : .outOfTurn
    }
  }
}

extension ReplaceAuthenticator {
  var waiting: Waiting? {
    switch step {
    case .factors(let factors): factors.waiting
    case .enrol(let enrol, let account):
      enrol.waiting.map { Waiting(.enrol(left: $0.left, $0.secret, chosen: nil), account) }
    case .unsupported, .replacing: nil
    }
  }

  mutating func resume(_ waiting: Waiting) -> Bool {
    switch (waiting.step, waiting.account) {
    case (.enrol(let left, let secret, nil), let account?):
      step = .enrol(EnrolStep(for: account, left: left, secret: secret), account)
    case (.password, _), (.authenticator, _):
      guard let factors = FactorsStep(.change, at: waiting) else { return false }
      step = .factors(factors)
    case (.bothFactors, _), (.mailedCode, _), (.newPassword, _), (.confirmPassword, _), (.enrol, _):
      return false
    }
    return true
  }
}
