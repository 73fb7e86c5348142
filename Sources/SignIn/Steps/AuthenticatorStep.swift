internal import Secrets

/// "Open your Authenticator app and enter the verification code. Then, click on Verify." A right code is used up by
/// the directory, once for all daemons: for a sign-in that MODIFY is the sign-in itself.
struct AuthenticatorStep: Equatable, Sendable {
  enum Use: Equatable, Sendable {
    case signIn(PasswordStep.Proof)
    case change(PasswordStep.Proof)
    /// The code alone opens the way to a new password.
    case forgot

    var factor: Factor { self == .forgot ? .forgot : .authenticator }
    var allowance: Allowance { self == .forgot ? .forgot : .authenticator }
    var proof: PasswordStep.Proof? {
      switch self {
      case .signIn(let proof), .change(let proof): proof
      case .forgot: nil
      }
    }
  }

  private enum State: Equatable, Sendable {
    case asking
    case reading([UInt8])
    case matching(Subject)
    case committing(Account, step: Int64, retries: Int)
    case charging(Subject)
  }

  let use: Use
  /// Whose mailbox was proven before, if one was: a code of that account counts, and of no other.
  private let owner: EntryUUID?
  private var state = State.asking
  private var left = Rules.triesMax
  /// The budget may have moved between reading and committing so many times before the flow says "later".
  private static let retriesMax = 3

  init(_ use: Use, owner: EntryUUID? = nil) {
    self.use = use
    self.owner = owner
  }

  mutating func receive(_ event: Event, at now: Timestamp) -> Progress<Account> {
    switch (state, event) {
    case (.asking, .opened):
      if let proof = use.proof, let ending = rests(proof.account.subject, at: now) { return .act(.end(ending)) }
      return .act(.ask(Ask(.totp)))

    case (.asking, .answered(.totp(let typed))):
      state = .reading(typed)
      return .act(.read(use.factor))

    case (.reading(let typed), .found(let subject)):
      if let ending = objection(to: subject, at: now) ?? rests(subject, at: now) { return .act(.end(ending)) }
      state = .matching(subject)
      return .act(.match(typed, authenticator(of: subject)))

    case (.matching(let subject), .matched(let step)):
      guard let step, let account = subject.account, authenticator(of: subject) != nil else { return refuse(subject) }
      return commit(account, step: step, at: now, retries: 0)

    case (.committing(var account, let step, _), .applied):
      account.lastStep = step
      return .done(account)

    case (.committing(let account, let step, let retries), .refused(let subject)):
      if let ending = objection(to: subject, at: now) { return .act(.end(ending)) }
      guard let fresh = subject.account, fresh.sealedSecret == account.sealedSecret, fresh.hash == account.hash else {
        return .act(.end(.denied))
      }
      guard authenticator(of: subject) != nil else { return refuse(subject) }
      if fresh.hasUsed(step) {
        // Only who knows the password may learn that the code was right once. It was no guess, so it costs nothing.
        return use == .forgot ? refuse(subject) : askAgain(.reused, account: fresh)
      }
      if let ending = rests(subject, at: now) { return .act(.end(ending)) }
      guard retries < Self.retriesMax else { return .act(.later) }
      return commit(fresh, step: step, at: now, retries: retries + 1)

    case (.charging(let subject), .applied):
      return askAgain(.wrong, account: subject.account)

    case (.asking, _), (.reading, _), (.matching, _), (.committing, _), (.charging, _):
      return .act(.outOfTurn)
    }
  }

  private func objection(to subject: Subject, at now: Timestamp) -> Ending? {
    use.proof?.objection(to: subject, at: now)
  }

  private func rests(_ subject: Subject, at now: Timestamp) -> Ending? {
    guard case .rests(let seconds) = use.allowance.verdict(on: subject.tries[use.factor], at: now) else { return nil }
    return .locked(seconds: seconds)
  }

  private func authenticator(of subject: Subject) -> Authenticator? {
    guard let account = subject.account, let sealed = account.sealedSecret, owner == nil || owner == account.id else {
      return nil
    }
    switch (use, account.standing) {
    case (.signIn, _), (.change, _), (.forgot, .active), (.forgot, .lacksPassword): return .sealed(sealed, account.id)
    case (.forgot, _): return nil
    }
  }

  private mutating func commit(_ account: Account, step: Int64, at now: Timestamp, retries: Int) -> Progress<Account> {
    state = .committing(account, step: step, retries: retries)
    switch use {
    case .signIn: return .act(.commit(.signIn(account, step: step, at: now)))
    case .change, .forgot: return .act(.commit(.useStep(account, step: step)))
    }
  }

  private mutating func refuse(_ subject: Subject) -> Progress<Account> {
    state = .charging(subject)
    return .act(.charge(use.factor, subject))
  }

  private mutating func askAgain(_ refusal: Ask.Refusal, account: Account?) -> Progress<Account> {
    left -= 1
    let notice = use == .forgot ? account.flatMap { $0.notice(for: .forgot) } : nil
    if left == 0 { return .act(.end(.denied, notice: notice)) }
    state = .asking
    return .act(.ask(Ask(.totp, refused: refusal, left: left), notice: notice))
  }
}

extension AuthenticatorStep {
  /// Between two answers. Where a mailbox alone was proven, the account is known to the flow around.
  var waiting: Waiting? {
    state == .asking ? Waiting(.authenticator(left: left, upgrade: use.proof?.upgrade), use.proof?.account) : nil
  }

  init(_ use: Use, owner: EntryUUID? = nil, left: Int) {
    self.init(use, owner: owner)
    self.left = left
  }
}
