internal import Secrets

/// Password and code at one prompt, for programs that have but one field: the last six bytes are the code. It drives
/// the steps that ask one after the other, and no reply tells which of the two was wrong.
///
/// So a wrong code costs the password's budget as well: what rests after so many wrong answers must not depend on how
/// many of them began with the right password. And an account's state is told only to who has both.
struct BothFactorsStep: Equatable, Sendable {
  enum Use: Equatable, Sendable { case signIn, change }

  enum Result: Equatable, Sendable {
    /// A better hash of the same password, where the stored one is weaker than today's.
    case both(Account, upgrade: PasswordHash?)
    /// There is no authenticator yet, so all that was typed was the password. Only a sign-in can go on from here.
    case passwordAlone(PasswordStep.Proof)
  }

  private struct Typed: Equatable, Sendable {
    let password: Secret
    /// Nil where all of it was the password.
    let code: [UInt8]?
  }

  private enum State: Equatable, Sendable {
    case asking
    case reading(Secret)
    case password(PasswordStep, Typed, Subject)
    /// The password was right; what keeps the account from going on is told if the code is right, too.
    case matching(Subject, Ending)
    case chargingCode(Subject)
    case authenticator(AuthenticatorStep, PasswordStep.Proof, Secret, Subject)
    /// Both were right: the change that says so waits for a hash, which a wrong answer must not take the time for.
    case upgrading(AuthenticatorStep, PasswordStep.Proof, Secret, Subject, then: Action)
    case charging(Notice?)
  }

  private let use: Use
  private var state = State.asking
  private var left = Rules.triesMax

  init(_ use: Use) { self.use = use }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Progress<Result> {
    switch (state, event) {
    case (.asking, .opened):
      return .act(.ask(Ask(.combined)))

    case (.asking, .answered(.combined(let typed))):
      state = .reading(typed)
      return .act(.read(.password))

    case (.reading(let typed), .found(let subject)):
      if let ending = rests(subject, at: now) { return .act(.end(ending)) }
      var step = PasswordStep()
      let parts = parts(of: typed, for: subject)
      _ = step.receive(.opened, at: now, rules: rules)
      _ = step.receive(.answered(.password(parts.password)), at: now, rules: rules)
      return take(step.receive(event, at: now, rules: rules), step, parts, subject, at: now)

    case (.password(var step, let typed, let subject), .verified),
      (.password(var step, let typed, let subject), .applied):
      var rules = rules
      rules.upgradesHashes = false  // later, and only for who has both
      return take(step.receive(event, at: now, rules: rules), step, typed, subject, at: now)

    case (.matching(let subject, let ending), .matched(let step)):
      guard let step else {
        state = .chargingCode(subject)
        return .act(.charge(.authenticator, subject))
      }
      // It opens nothing, so it is not used up.
      return subject.account?.hasUsed(step) ?? true ? refuse(subject) : .act(.end(ending))

    case (.chargingCode(let subject), .applied):
      return refuse(subject)

    case (.authenticator(var step, let proof, let password, let subject), _):
      return take(step.receive(event, at: now), step, proof, password, subject, rules: rules)

    case (.upgrading(let step, var proof, let password, let subject, let action), .hashed(let hash)):
      proof.upgrade = hash
      state = .authenticator(step, proof, password, subject)
      return .act(action)

    case (.charging(let notice), .applied):
      left -= 1
      if left == 0 { return .act(.end(.denied, notice: notice)) }
      state = .asking
      return .act(.ask(Ask(.combined, refused: .wrong, left: left), notice: notice))

    case (.asking, _), (.reading, _), (.password, _), (.matching, _), (.chargingCode, _), (.upgrading, _),
      (.charging, _):
      return .act(.outOfTurn)
    }
  }

  // MARK: The password

  private mutating func take(
    _ progress: Progress<PasswordStep.Proof>, _ step: PasswordStep, _ typed: Typed, _ subject: Subject,
    at now: Timestamp
  ) -> Progress<Result> {
    switch progress {
    case .done(let proof):
      guard let code = typed.code else { return .done(.passwordAlone(proof)) }
      var next = AuthenticatorStep(use, after: proof)
      if case .act(.end(let ending, let notice)) = next.receive(.opened, at: now) {
        return .act(.end(ending, notice: notice))
      }
      let action = next.receive(.answered(.totp(code)), at: now)
      state = .authenticator(next, proof, typed.password, subject)
      guard case .act(let reading) = action else { return .act(.outOfTurn) }
      return .act(reading)

    case .act(.end(let ending, let notice)):
      guard let code = typed.code, let account = subject.account, let sealed = account.sealedSecret else {
        return .act(.end(ending, notice: notice))
      }
      state = .matching(subject, ending)
      return .act(.match(code, .sealed(sealed, account.id)))

    case .act(.ask(_, let notice)):
      state = .charging(notice)
      return receive(.applied, at: now, rules: Rules())

    case .act(.outOfTurn):
      return .act(.outOfTurn)

    case .act(let action):
      state = .password(step, typed, subject)
      return .act(action)
    }
  }

  // MARK: The code

  private mutating func take(
    _ progress: Progress<Account>, _ step: AuthenticatorStep, _ proof: PasswordStep.Proof, _ password: Secret,
    _ subject: Subject, rules: Rules
  ) -> Progress<Result> {
    switch progress {
    case .done(let account):
      return .done(.both(account, upgrade: proof.upgrade))

    case .act(.ask):  // wrong, or right and used already
      return refuse(subject)

    case .act(.outOfTurn):
      return .act(.outOfTurn)

    case .act(let action):
      if case .commit = action, use == .signIn, proof.upgrade == nil, rules.upgradesHashes,
        proof.account.hash?.isWeaker(than: rules.hashCost) == true
      {
        state = .upgrading(step, proof, password, subject, then: action)
        return .act(.hash(password))
      }
      state = .authenticator(step, proof, password, subject)
      return .act(action)
    }
  }

  private mutating func refuse(_ subject: Subject) -> Progress<Result> {
    state = .charging(nil)
    return .act(.charge(.password, subject))
  }

  // MARK: What was typed

  /// Either factor's rest, before anything is verified.
  private func rests(_ subject: Subject, at now: Timestamp) -> Ending? {
    var longest: Int64 = 0
    for factor in [Factor.password, .authenticator] {
      let allowance: Allowance = factor == .password ? .password : .authenticator
      if case .rests(let seconds) = allowance.verdict(on: subject.tries[factor], at: now) {
        longest = max(longest, seconds)
      }
    }
    return longest > 0 ? .locked(seconds: longest) : nil
  }

  private func parts(of typed: Secret, for subject: Subject) -> Typed {
    if use == .signIn, let account = subject.account, account.sealedSecret == nil {
      return Typed(password: typed, code: nil)
    }
    return typed.withBytes { bytes in
      Typed(password: Secret(bytes.dropLast(Rules.codeDigits)), code: Array(bytes.suffix(Rules.codeDigits)))
    }
  }
}

extension BothFactorsStep {
  /// Between two answers.
  var waiting: Waiting? { state == .asking ? Waiting(.bothFactors(left: left)) : nil }

  init(_ use: Use, left: Int) {
    self.use = use
    self.left = left
  }
}
