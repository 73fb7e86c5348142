internal import Secrets

/// "Open your Authenticator app and enter the verification code. Then, click on Verify." A right code is used up by
/// the directory, once for all daemons: for a sign-in that MODIFY is the sign-in itself. A recovery code does the same
/// for who cannot open that app, in the same budget.
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
    case readingForRecovery([UInt8])
    case matchingRecoveryCode(Subject)
    case committing(Account, Code, retries: Int)
    case charging(Subject)
  }

  /// What was right.
  private enum Code: Equatable, Sendable {
    case step(Int64)
    /// As stored.
    case recovery([UInt8])

    func isUsed(in account: Account) -> Bool {
      switch self {
      case .step(let step): account.hasUsed(step)
      case .recovery(let code): !account.recoveryCodes.contains(code)
      }
    }
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

    case (.asking, .answered(.recoveryCode(let typed))) where takesRecoveryCodes:
      state = .readingForRecovery(typed)
      return .act(.read(use.factor))

    case (.readingForRecovery(let typed), .found(let subject)):
      if let ending = objection(to: subject, at: now) ?? rests(subject, at: now) { return .act(.end(ending)) }
      state = .matchingRecoveryCode(subject)
      return .act(.matchRecoveryCode(typed, authenticator(of: subject) == nil ? nil : subject.account))

    case (.matchingRecoveryCode(let subject), .matchedRecoveryCode(let code)):
      guard let code, let account = subject.account, authenticator(of: subject) != nil else { return refuse(subject) }
      return commit(account, .recovery(code), at: now, retries: 0)

    case (.reading(let typed), .found(let subject)):
      if let ending = objection(to: subject, at: now) ?? rests(subject, at: now) { return .act(.end(ending)) }
      state = .matching(subject)
      return .act(.match(typed, authenticator(of: subject)))

    case (.matching(let subject), .matched(let step)):
      guard let step, let account = subject.account, authenticator(of: subject) != nil else { return refuse(subject) }
      return commit(account, .step(step), at: now, retries: 0)

    case (.committing(var account, let code, _), .applied):
      switch code {
      case .step(let step): account.lastStep = step
      case .recovery(let code): account.recoveryCodes.removeAll { $0 == code }
      }
      return .done(account)

    case (.committing(let account, let code, let retries), .refused(let subject)):
      if let ending = objection(to: subject, at: now) { return .act(.end(ending)) }
      guard let fresh = subject.account, fresh.sealedSecret == account.sealedSecret, fresh.hash == account.hash else {
        return .act(.end(.denied))
      }
      guard authenticator(of: subject) != nil else { return refuse(subject) }
      if code.isUsed(in: fresh) {
        // Only who knows the password may learn that the code was right once. It was no guess, so it costs nothing. Of a
        // recovery code nobody can tell later: it is as wrong now as it is then.
        guard case .step = code, use != .forgot else { return refuse(subject) }
        return askAgain(.reused, account: fresh)
      }
      if let ending = rests(subject, at: now) { return .act(.end(ending)) }
      guard retries < Self.retriesMax else { return .act(.later) }
      return commit(fresh, code, at: now, retries: retries + 1)

    case (.charging(let subject), .applied):
      return askAgain(.wrong, account: subject.account)

    case (.asking, _), (.reading, _), (.matching, _), (.readingForRecovery, _), (.matchingRecoveryCode, _),
      (.committing, _), (.charging, _):
      return .act(.outOfTurn)
    }
  }

  /// Not where one alone would open the way to a new password: two of them would then be both factors (NIST SP 800-63B-4,
  /// section 4.2.2.2). After a mailed code it is one of two.
  private var takesRecoveryCodes: Bool { use != .forgot || owner != nil }

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

  private mutating func commit(_ account: Account, _ code: Code, at now: Timestamp, retries: Int) -> Progress<Account> {
    state = .committing(account, code, retries: retries)
    switch (use, code) {
    case (.signIn, .step(let step)): return .act(.commit(.signIn(account, step: step, at: now)))
    case (.signIn, .recovery(let code)): return .act(.commit(.signInWithRecoveryCode(account, code, at: now)))
    case (.change, .step(let step)), (.forgot, .step(let step)): return .act(.commit(.useStep(account, step: step)))
    case (.change, .recovery(let code)), (.forgot, .recovery(let code)):
      return .act(.commit(.useRecoveryCode(account, code)))
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
