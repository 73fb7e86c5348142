internal import Secrets

/// "Scan the QR code with your Authenticator app … copy the displayed number into your browser window." The secret and
/// its recovery codes live in the flow alone until the secret's own code has proven it; an aborted enrolment leaves no
/// trace. They are drawn once: where the answer of the directory is lost, the same ones are still to be shown.
struct EnrolStep: Equatable, Sendable {
  private struct Pending: Equatable, Sendable {
    let secret: Secret
    var recovery = RecoveryCodes.none
  }

  private enum State: Equatable, Sendable {
    case drawing
    /// The secret was shown before, on another connection.
    case resuming(Secret)
    case drawingRecoveryCodes(Pending)
    case asking(Pending)
    case matching(Pending)
  }

  private let id: EntryUUID
  /// The name beside the issuer in the authenticator app.
  private let label: String
  private var state = State.drawing
  private var left = Rules.triesMax

  init(for account: Account) {
    id = account.id
    label = account.label
  }

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Progress<Enrolment> {
    switch (state, event) {
    case (.drawing, .opened):
      return .act(.drawSecret)

    case (.drawing, .drawn(let secret)), (.resuming(let secret), .opened):
      guard rules.recoveryCodes > 0 else { return ask(Pending(secret: secret), rules: rules) }
      state = .drawingRecoveryCodes(Pending(secret: secret))
      return .act(.drawRecoveryCodes(id, count: rules.recoveryCodes))

    case (.drawingRecoveryCodes(var pending), .drawnRecoveryCodes(let recovery)):
      pending.recovery = recovery
      return ask(pending, rules: rules)

    case (.asking(let pending), .answered(.enrol(let typed))):
      state = .matching(pending)
      return .act(.match(typed, .pending(pending.secret)))

    case (.matching(let pending), .matched(.some(let step))):
      return .done(Enrolment(pending.secret, step: step, recovery: pending.recovery))

    case (.matching(let pending), .matched(nil)):
      left -= 1
      return left == 0 ? .act(.end(.denied)) : ask(pending, rules: rules, refused: .wrong)

    case (.drawing, _), (.resuming, _), (.drawingRecoveryCodes, _), (.asking, _), (.matching, _):
      return .act(.outOfTurn)
    }
  }

  private mutating func ask(_ pending: Pending, rules: Rules, refused: Ask.Refusal? = nil) -> Progress<Enrolment> {
    state = .asking(pending)
    let prompt = Ask.Prompt.enrol(pending.secret, label: label, rules: rules)
    return .act(.ask(Ask(prompt, refused: refused, left: refused == nil ? nil : left)))
  }
}

extension EnrolStep {
  /// Between two answers: the tries that are left, and the secret that was shown.
  var waiting: (left: Int, secret: Secret)? {
    if case .asking(let pending) = state { (left, pending.secret) } else { nil }
  }

  /// Opened, it asks once more. The recovery codes, which nobody has seen yet, are others than before.
  init(for account: Account, left: Int, secret: Secret) {
    self.init(for: account)
    (state, self.left) = (.resuming(secret), left)
  }
}
