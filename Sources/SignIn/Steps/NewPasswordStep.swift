internal import Secrets

/// "Choose and confirm your password." The cleartext is not kept between the two: the first entry is hashed, the
/// second verified against that hash.
struct NewPasswordStep: Equatable, Sendable {
  private enum State: Equatable, Sendable {
    case asking
    case comparing(Secret, with: [PasswordHash])
    case hashing
    case confirming(PasswordHash)
    case verifying(PasswordHash)
  }

  /// Hashes that the new password must differ from.
  private let earlier: [PasswordHash]
  /// The rule of the account, whose owner has proven a factor before this step.
  private let rule: PasswordRule
  private let profile: PasswordRule.Profile?
  private var state = State.asking

  init(for account: Account, rules: Rules) {
    rule = rules.password(for: account)
    profile = rule.profile == rules.password.profile ? nil : rule.profile
    earlier = [account.hash].compactMap { $0 } + account.history.prefix(rules.historyMax)
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Progress<PasswordHash> {
    switch (state, event) {
    case (.asking, .opened):
      return .act(.ask(Ask(.newPassword, profile: profile)))

    case (.asking, .answered(.newPassword(let password))):
      if let objection = rule.objection(to: password) { return askAgain(objection) }
      return compare(password, with: earlier)

    case (.comparing(let password, let hashes), .verified(let verdict)):
      if verdict == .match { return askAgain(.reused) }
      return compare(password, with: Array(hashes.dropFirst()))

    case (.hashing, .hashed(let hash)):
      state = .confirming(hash)
      return .act(.ask(Ask(.confirmPassword)))

    case (.confirming(let hash), .answered(.confirmPassword(let password))):
      state = .verifying(hash)
      return .act(.verify(password, against: hash))

    case (.verifying(let hash), .verified(let verdict)):
      return verdict == .match ? .done(hash) : askAgain(.mismatch)

    case (.asking, _), (.comparing, _), (.hashing, _), (.confirming, _), (.verifying, _):
      return .act(.outOfTurn)
    }
  }

  private mutating func compare(_ password: Secret, with hashes: [PasswordHash]) -> Progress<PasswordHash> {
    guard let hash = hashes.first else {
      state = .hashing
      return .act(.hash(password))
    }
    state = .comparing(password, with: hashes)
    return .act(.verify(password, against: hash))
  }

  private mutating func askAgain(_ objection: PasswordRule.Objection) -> Progress<PasswordHash> {
    state = .asking
    return .act(.ask(Ask(.newPassword, refused: .password(objection), profile: profile)))
  }
}

extension NewPasswordStep {
  /// Between two answers.
  var waiting: ParkedFlow.Step? {
    switch state {
    case .asking: .newPassword
    case .confirming(let hash): .confirmPassword(hash)
    case .comparing, .hashing, .verifying: nil
    }
  }

  /// Nil for a step of another kind.
  init?(_ step: ParkedFlow.Step, for account: Account, rules: Rules) {
    self.init(for: account, rules: rules)
    switch step {
    case .newPassword: state = .asking
    case .confirmPassword(let hash): state = .confirming(hash)
    case .password, .bothFactors, .authenticator, .mailedCode, .enrol: return nil
    }
  }
}
