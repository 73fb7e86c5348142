internal import Secrets

/// "Enter your password and click on Sign in." A wrong one is refused here, the state of the account only after a
/// right one; who has no password walks the same way against a decoy.
struct PasswordStep: Equatable, Sendable {
  /// The account whose password was right, and the hash of the same password under today's parameters where the
  /// stored one is weaker.
  struct Proof: Equatable, Sendable {
    var account: Account
    var upgrade: PasswordHash?

    /// What has changed since the password was right: status, lock and hash are judged again at every step.
    func objection(to subject: Subject, at now: Timestamp) -> Ending? {
      guard let present = subject.account, present.id == account.id, present.hash == account.hash else {
        return .denied
      }
      return present.objection(at: now)
    }
  }

  private enum State: Equatable, Sendable {
    case asking
    case reading(Secret)
    case verifying(Secret, Subject)
    case upgrading(Account)
    case charging(Subject)
  }

  private var state = State.asking
  private var left = Rules.triesMax

  init() {}

  mutating func receive(_ event: Event, at now: Timestamp, rules: Rules) -> Progress<Proof> {
    switch (state, event) {
    case (.asking, .opened):
      return .act(.ask(Ask(.password)))

    case (.asking, .answered(.password(let password))):
      state = .reading(password)
      return .act(.read(.password))

    case (.reading(let password), .found(let subject)):
      if case .rests(let seconds) = Allowance.password.verdict(on: subject.tries[.password], at: now) {
        return .act(.end(.locked(seconds: seconds)))
      }
      state = .verifying(password, subject)
      return .act(.verify(password, against: subject.account?.hash))

    case (.verifying(let password, let subject), .verified(.match)):
      guard let account = subject.account, let hash = account.hash else { return refuse(subject) }
      if let objection = account.objection(at: now) { return .act(.end(objection)) }
      guard rules.upgradesHashes, hash.isWeaker(than: rules.hashCost) else { return .done(Proof(account: account)) }
      state = .upgrading(account)
      return .act(.hash(password))

    case (.verifying(_, let subject), .verified(.mismatch)), (.verifying(_, let subject), .verified(.unusable)):
      return refuse(subject)

    case (.upgrading(let account), .hashed(let hash)):
      return .done(Proof(account: account, upgrade: hash))

    case (.charging(let subject), .applied):
      left -= 1
      // An invited owner who tries to sign in learns by mail that first-time login comes before.
      let notice = subject.account.flatMap { $0.standing == .invited ? Notice.notSetUpYet($0) : nil }
      if left == 0 { return .act(.end(.denied, notice: notice)) }
      state = .asking
      return .act(.ask(Ask(.password, refused: .wrong, left: left), notice: notice))

    case (.asking, _), (.reading, _), (.verifying, _), (.upgrading, _), (.charging, _):
      return .act(.outOfTurn)
    }
  }

  private mutating func refuse(_ subject: Subject) -> Progress<Proof> {
    state = .charging(subject)
    return .act(.charge(.password, subject))
  }
}

extension PasswordStep {
  /// Between two answers.
  var waiting: Waiting? { state == .asking ? Waiting(.password(left: left)) : nil }

  init(left: Int) { self.left = left }
}
