internal import Secrets

/// The password, and then the authenticator: one after the other, or at once where the client asks so. What a sign-in,
/// another password and another authenticator begin with.
struct FactorsStep: Equatable, Sendable {
  private enum State: Equatable, Sendable {
    case password(PasswordStep)
    case authenticator(AuthenticatorStep)
    case atOnce(BothFactorsStep)
  }

  private let use: BothFactorsStep.Use
  private var state: State

  init(_ use: BothFactorsStep.Use, asksOnce: Bool) {
    self.use = use
    state = asksOnce ? .atOnce(BothFactorsStep(use)) : .password(PasswordStep())
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Progress<BothFactorsStep.Result> {
    switch state {
    case .password(var password):
      switch password.receive(event, at: now, rules: rules) {
      case .act(let action):
        state = .password(password)
        return .act(action)
      case .done(let proof):
        if use == .signIn, proof.account.standing == .lacksAuthenticator { return .done(.passwordAlone(proof)) }
        state = .authenticator(AuthenticatorStep(use, after: proof))
        return receive(.opened, at: now, rules: rules)
      }

    case .authenticator(var authenticator):
      switch authenticator.receive(event, at: now) {
      case .act(let action):
        state = .authenticator(authenticator)
        return .act(action)
      case .done(let account):
        return .done(.both(account, upgrade: authenticator.use.proof?.upgrade))
      }

    case .atOnce(var both):
      let progress = both.receive(event, at: now, rules: rules)
      state = .atOnce(both)
      return progress
    }
  }
}

extension FactorsStep {
  /// Between two answers.
  var waiting: Waiting? {
    switch state {
    case .password(let password): password.waiting
    case .authenticator(let authenticator): authenticator.waiting
    case .atOnce(let both): both.waiting
    }
  }

  /// Nil where it does not wait for that.
  init?(_ use: BothFactorsStep.Use, at waiting: Waiting) {
    self.use = use
    switch (waiting.step, waiting.account) {
    case (.password(let left), nil): state = .password(PasswordStep(left: left))
    case (.bothFactors(let left), nil): state = .atOnce(BothFactorsStep(use, left: left))
    case (.authenticator(let left, let upgrade), let account?):
      let proof = PasswordStep.Proof(account: account, upgrade: upgrade)
      state = .authenticator(AuthenticatorStep(use, after: proof, left: left))
    case (.password, _), (.bothFactors, _), (.authenticator, _), (.mailedCode, _), (.newPassword, _),
      (.confirmPassword, _), (.enrol, _):
      return nil
    }
  }
}

extension AuthenticatorStep {
  init(_ use: BothFactorsStep.Use, after proof: PasswordStep.Proof, left: Int = Rules.triesMax) {
    self.init(use == .signIn ? .signIn(proof) : .change(proof), left: left)
  }
}
