import Secrets

@testable import SignIn

/// Which answers may lead to success, written down a second time and in another way: not by steps and states, but by
/// what was done for each answer.
struct ReferenceAutomaton {
  enum Verb: CaseIterable { case password, code, totp, recovery, newPassword, confirm, enrol }

  struct Breach: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
  }

  let kind: Flow.Kind
  let needsMailedCode: Bool
  /// The right answers so far.
  private(set) var proven: [Verb] = []
  private(set) var charges = 0
  /// Whose flow it is since a factor of that account was right, and as it was read last.
  private var owner: Account?
  private var chosen: PasswordHash?
  private var drawn: Secret?
  private var recovery = RecoveryCodes.none
  private var wrong: [Verb: Int] = [:]

  init(_ kind: Flow.Kind, needsMailedCode: Bool) { (self.kind, self.needsMailedCode) = (kind, needsMailedCode) }

  private var required: [Verb] {
    switch kind {
    case .signIn:
      owner.map { $0.sealedSecret == nil } ?? false ? [.password, .code, .enrol] : [.password, .totp]
    case .firstLogin: [.code, .newPassword, .confirm, .enrol]
    case .forgotPassword: (needsMailedCode ? [.code] : []) + [.totp, .newPassword, .confirm]
    case .changePassword: [.password, .totp, .newPassword, .confirm]
    case .replaceAuthenticator: [.password, .totp, .enrol]
    }
  }

  /// The one answer that may come now.
  var next: Verb? { required.dropFirst(proven.count).first }
  /// Whether a recovery code may come in its place.
  var takesRecoveryCode: Bool { next == .totp && (kind != .forgotPassword || needsMailedCode) }

  private func factor(of verb: Verb) -> Factor? {
    switch verb {
    case .password: .password
    case .code: .mailedCode
    case .totp, .recovery: kind == .forgotPassword ? .forgot : .authenticator
    case .newPassword, .confirm, .enrol: nil
    }
  }

  /// An answer, or nil for an opening and a request of another code; what was done for it; and how it ended.
  mutating func judge(
    _ verb: Verb?, conforms: Bool, _ done: [(Action, Event)], _ outcome: Action
  ) throws(Breach) {
    if outcome == .later { return }
    let isRecovery = verb == .recovery
    let verb = isRecovery && takesRecoveryCode ? .totp : verb
    if let verb, verb != next { throw Breach("\(verb) was taken for \(String(describing: next))") }
    let facts = try Facts(of: done, for: verb, chosen: chosen, drawn: drawn, recovery: recovery)
    (drawn, recovery) = (facts.drawn, facts.recovery)
    if let used = facts.used, used != isRecovery { throw Breach("a code of one kind was taken for the other") }

    let expected: [Factor]
    switch (verb.flatMap(factor), facts.isRight, facts.applied.isEmpty) {
    case (let factor?, false?, _): expected = [factor]
    case (.mailedCode, true?, true): expected = [.mailedCode]  // used by another at the same moment
    case (.authenticator, true?, true) where isRecovery: expected = facts.charges  // the same, or denied
    case (.forgot, true?, true): expected = facts.charges.isEmpty ? [] : [.forgot]  // the same, or denied
    default: expected = []
    }
    guard facts.charges == expected else { throw Breach("charged \(facts.charges) instead of \(expected)") }
    charges += expected.count
    // A right answer may end in a refusal, as for a deactivated account.
    if case .end(let ending, _) = outcome, !ending.isSuccess { return }

    var isRight = facts.isRight == true
    if let verb, [.code, .totp].contains(verb), facts.applied.isEmpty { isRight = false }
    if verb == .newPassword {
      isRight = facts.hashed != nil
      if isRight, !conforms || facts.isReused { throw Breach("a password that is not good enough") }
      if isRight, let hash = owner?.hash, !facts.compared.contains(hash) {
        throw Breach("not compared with the old one")
      }
      chosen = facts.hashed
    }
    if let verb, isRight {
      try own(facts.account, after: verb)
      proven.append(verb)
    } else if verb == .confirm {
      (proven, chosen) = (proven.dropLast(), nil)
    } else if let verb, facts.isRight == false {
      wrong[verb, default: 0] += 1
    }
    try conclude(verb, facts, outcome)
  }

  private mutating func own(_ account: Account?, after verb: Verb) throws(Breach) {
    guard let account else { return }
    if let owner, owner.id != account.id { throw Breach("\(verb) of another account") }
    if [.signIn, .changePassword, .replaceAuthenticator].contains(kind), let owner, owner.hash != account.hash {
      throw Breach("another hash than the one that was verified")
    }
    if account.deactivation != nil || account.lock == .foreign { throw Breach("\(verb) of a disabled account") }
    owner = account
  }

  private func isDrawn(_ enrolment: Enrolment) -> Bool { enrolment.secret == drawn && enrolment.recovery == recovery }

  private func conclude(_ verb: Verb?, _ facts: Facts, _ outcome: Action) throws(Breach) {
    switch outcome {
    case .ask(let ask, _):
      guard ask.verb == next else { throw Breach("asked for \(ask.verb), not for \(String(describing: next))") }
      if let verb, wrong[verb, default: 0] >= Rules.triesMax { throw Breach("a sixth try of \(verb)") }
    case .end(.signedIn(let account, _), _), .end(.passwordChanged(let account), _), .end(.enrolled(let account, _), _):
      guard next == nil, account.id == owner?.id else { throw Breach("success after \(proven)") }
      switch (kind, facts.applied.last) {
      case (.signIn, .signIn(let account, _, _)) where account.id == owner?.id: break
      case (.signIn, .signInWithRecoveryCode(let account, _, _)) where account.id == owner?.id: break
      case (.signIn, .enrol(let account, let enrolment, _)) where account.id == owner?.id && isDrawn(enrolment): break
      case (.firstLogin, .firstLogin(let account, chosen, let enrolment, _))
      where account.id == owner?.id && isDrawn(enrolment): break
      case (.replaceAuthenticator, .replaceAuthenticator(let account, let enrolment, _))
      where account.id == owner?.id && isDrawn(enrolment): break
      case (.forgotPassword, .setPassword(let account, chosen, _)) where account.id == owner?.id: break
      case (.changePassword, .setPassword(let account, chosen, _)) where account.id == owner?.id: break
      default: throw Breach("nothing was stored for \(kind): \(facts.applied)")
      }
    default: throw Breach("\(outcome) at the end of an answer")
    }
  }
}

extension ReferenceAutomaton {
  /// What can be read off the effects of one answer.
  private struct Facts {
    /// Nil: nothing was evaluated.
    var isRight: Bool?
    /// The account as read for the evaluation, or as it was committed.
    var account: Account?
    private var read: Account?
    var charges: [Factor] = []
    var applied: [Change] = []
    var hashed: PasswordHash?
    var compared: [PasswordHash] = []
    var isReused = false
    var drawn: Secret?
    var recovery: RecoveryCodes
    /// Whether it was a recovery code that a change used up, or a step; nil where neither was.
    var used: Bool?

    init(
      of done: [(Action, Event)], for verb: Verb?, chosen: PasswordHash?, drawn: Secret?, recovery: RecoveryCodes
    ) throws(Breach) {
      (self.drawn, self.recovery) = (drawn, recovery)
      for (action, event) in done {
        switch (action, event) {
        case (.read, .found(let subject)): read = subject.account
        case (.verify(_, let hash), .verified(let verdict)) where verb == .newPassword:
          if let hash { compared.append(hash) }
          if verdict == .match { isReused = true }
        case (.verify(_, let hash), .verified(let verdict)):
          try evaluate(verdict == .match && hash != nil && (verb == .password || hash == chosen))
        case (.match(_, let authenticator), .matched(let step)):
          let isOwn = verb == .enrol ? authenticator == drawn.map { .pending($0) } : authenticator != nil
          try evaluate(step != nil && isOwn)
        case (.matchRecoveryCode(_, let account), .matchedRecoveryCode(let code)):
          try evaluate(code != nil && account != nil)
        case (.matchMailedCode(_, let account, _), .matchedMailedCode(let isMatch)):
          try evaluate(isMatch && account != nil)
        case (.hash, .hashed(let hash)): hashed = hash
        case (.drawSecret, .drawn(let secret)): self.drawn = secret
        case (.drawRecoveryCodes, .drawnRecoveryCodes(let recovery)): self.recovery = recovery
        case (.charge(let factor, _), _): charges.append(factor)
        case (.commit(let change), .applied):
          applied.append(change)
          switch change {
          case .signIn, .useStep: used = false
          case .signInWithRecoveryCode, .useRecoveryCode: used = true
          default: break
          }
          account = change.account
        default: break
        }
      }
    }

    private mutating func evaluate(_ verdict: Bool) throws(Breach) {
      if isRight != nil { throw Breach("one answer was evaluated twice") }
      (isRight, account) = (verdict, read)
    }
  }
}

extension Ask {
  var verb: ReferenceAutomaton.Verb {
    switch prompt {
    case .password: .password
    case .code: .code
    case .newPassword: .newPassword
    case .confirmPassword: .confirm
    case .totp, .combined: .totp  // the reference knows the flows that ask one after the other
    case .enrol: .enrol
    }
  }
}

extension Ending {
  var isSuccess: Bool {
    switch self {
    case .signedIn, .enrolled, .passwordChanged: true
    case .denied, .deactivated, .locked, .passwordExpired, .unsupported: false
    }
  }
}
