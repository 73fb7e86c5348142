internal import Secrets

/// "Scan the QR code with your Authenticator app … copy the displayed number into your browser window." The secret
/// lives in the flow alone until its own code has proven it; an aborted enrolment leaves no trace.
struct EnrolStep: Equatable, Sendable {
  struct Proof: Equatable, Sendable {
    let secret: Secret
    /// The step of the code that proved it: it counts as used.
    let step: Int64
  }

  private enum State: Equatable, Sendable {
    case drawing
    case asking(Secret)
    case matching(Secret)
  }

  /// The name beside the issuer in the authenticator app.
  let label: String
  private var state = State.drawing
  private var left = Rules.triesMax

  init(label: String) { self.label = label }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Progress<Proof> {
    switch (state, event) {
    case (.drawing, .opened):
      return .act(.drawSecret)

    case (.drawing, .drawn(let secret)):
      return ask(secret, rules: rules)

    case (.asking(let secret), .answered(.enrol(let typed))):
      state = .matching(secret)
      return .act(.match(typed, .pending(secret)))

    case (.matching(let secret), .matched(.some(let step))):
      return .done(Proof(secret: secret, step: step))

    case (.matching(let secret), .matched(nil)):
      left -= 1
      return left == 0 ? .act(.end(.denied)) : ask(secret, rules: rules, refused: .wrong)

    case (.drawing, _), (.asking, _), (.matching, _):
      return .act(.outOfTurn)
    }
  }

  private mutating func ask(_ secret: Secret, rules: Rules, refused: Ask.Refusal? = nil) -> Progress<Proof> {
    state = .asking(secret)
    let prompt = Ask.Prompt.enrol(secret, label: label, rules: rules)
    return .act(.ask(Ask(prompt, refused: refused, left: refused == nil ? nil : left)))
  }
}

extension EnrolStep {
  /// Between two answers: the tries that are left, and the secret that was shown.
  var waiting: (left: Int, secret: Secret)? {
    if case .asking(let secret) = state { (left, secret) } else { nil }
  }

  init(label: String, left: Int, secret: Secret) {
    self.init(label: label)
    (state, self.left) = (.asking(secret), left)
  }
}
