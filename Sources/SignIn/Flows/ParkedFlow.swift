public import Secrets

/// A flow between two answers, without the account that it is about: what has to be kept to go on elsewhere.
public struct ParkedFlow: Equatable, Sendable {
  /// Where a flow waits for an answer, and what it holds there beside an account.
  public enum Step: Equatable, Sendable {
    case password(left: Int)
    case bothFactors(left: Int)
    /// A better hash of the password that was right, where there is one.
    case authenticator(left: Int, upgrade: PasswordHash?)
    /// When this flow last asked for a code.
    case mailedCode(left: Int, asked: Timestamp?)
    case newPassword
    case confirmPassword(PasswordHash)
    /// Shown, and not proven; with the password that was chosen before, in a first-time login.
    case enrol(left: Int, Secret, chosen: PasswordHash?)
  }

  public let kind: Flow.Kind
  public let step: Step
  /// Whether something was right already, so that the flow is about one account and no other.
  public let isProven: Bool
  /// What was wrong with the answer before, as the question says.
  public let refused: Ask.Refusal?

  /// The question once more; of an account where the flow is about one.
  public func ask(_ account: Account?, rules: Rules) -> Ask {
    func ask(_ prompt: Ask.Prompt, _ left: Int) -> Ask {
      Ask(prompt, refused: refused, left: refused == nil ? nil : left)
    }
    switch step {
    case .password(let left): return ask(.password, left)
    case .bothFactors(let left): return ask(.combined, left)
    case .authenticator(let left, _): return ask(.totp, left)
    case .mailedCode(let left, _): return ask(.code, left)
    case .newPassword:
      let profile = account.map { rules.password(for: $0).profile }
      return Ask(.newPassword, refused: refused, profile: profile == rules.password.profile ? nil : profile)
    case .confirmPassword: return Ask(.confirmPassword)
    case .enrol(let left, let secret, _): return ask(.enrol(secret, label: account?.label ?? "", rules: rules), left)
    }
  }
}

extension Ask.Prompt {
  static func enrol(_ secret: Secret, label: String, rules: Rules) -> Ask.Prompt {
    .enrol(
      uri: TOTP(secret: secret).uri(issuer: rules.issuer, account: label),
      secret: secret.withBytes { Base32.encode($0) })
  }
}

/// What a flow holds at a question, and the account that it is about.
struct Waiting: Equatable, Sendable {
  var step: ParkedFlow.Step
  var account: Account?

  init(_ step: ParkedFlow.Step, _ account: Account? = nil) {
    self.step = step
    self.account = account
  }
}

extension Flow {
  /// The flow as it waits for the answer to `ask`, and the account that it is about; nil while an effect is under way.
  public func parked(asking ask: Ask) -> (flow: ParkedFlow, account: Account?)? {
    waiting.map {
      (ParkedFlow(kind: kind, step: $0.step, isProven: $0.account != nil, refused: ask.refused), $0.account)
    }
  }

  /// The flow where it stood; nil where this kind of flow does not wait there.
  ///
  /// - Parameter account: as read now. The caller has made sure that nothing in it has changed that the flow builds on.
  public init?(_ parked: ParkedFlow, account: Account?, rules: Rules, for abilities: Abilities) {
    guard parked.isProven == (account != nil) else { return nil }
    self.init(parked.kind, rules: rules, for: abilities)
    guard resume(Waiting(parked.step, account)) else { return nil }
  }
}
