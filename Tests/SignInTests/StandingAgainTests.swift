import Secrets
import Testing

@testable import SignIn

/// What happens to an account while somebody is on the way decides: each step judges it anew.
@Suite("An account that changes under a flow")
struct StandingAgainTests {
  struct Turn: Sendable, CustomTestStringConvertible {
    let name: String
    let change: @Sendable (inout Account?) -> Void
    /// Nil: as for a deactivated account, with the account as it is then.
    let ending: Ending?
    var testDescription: String { name }

    func isEnd(_ action: Action, of account: Account?) -> Bool {
      guard let ending else { return account.map { action == .end(.deactivated($0)) } ?? false }
      return action == .end(ending)
    }
  }

  static let turns = [
    Turn(
      name: "deactivated", change: { $0?.deactivation = Deactivation(since: .sample, reason: .administrator) },
      ending: nil),
    Turn(name: "locked", change: { $0?.lock = .foreign }, ending: .denied),
    Turn(name: "another hash", change: { $0?.hash = .plain("An0ther-One") }, ending: .denied),
    Turn(name: "the same password, hashed anew", change: { $0?.hash = .plain("Str0ng-Enough ") }, ending: .denied),
    Turn(name: "no hash", change: { $0?.hash = nil }, ending: .denied),
    Turn(name: "has to be changed", change: { $0?.mustChangePassword = true }, ending: .passwordExpired),
    Turn(name: "deleted", change: { $0 = nil }, ending: .denied),
    Turn(
      name: "another entry under the same login",
      change: { account in
        account = Account.sample(2).with { ($0.hash, $0.sealedSecret) = (account?.hash, account?.sealedSecret) }
      },
      ending: .denied),
  ]

  @Test("between the password and the app's code", arguments: [Flow.Kind.signIn, .changePassword], turns)
  func beforeTheCode(kind: Flow.Kind, turn: Turn) {
    var walk = Rehearsal(kind, Sample.active)
    _ = walk.open()
    #expect(walk.password("Str0ng-Enough") == .ask(Ask(.totp)))
    turn.change(&walk.account)
    #expect(turn.isEnd(walk.rightCode(), of: walk.account))
    #expect(walk.account?.lastSignIn == nil)
    #expect(
      walk.charges(.authenticator) == 0 && walk.count(WrongAnswerTests.isEvaluation) == 1, "nothing was evaluated")
  }

  @Test("between a right code and its commit", arguments: [Flow.Kind.signIn, .changePassword], turns)
  func beforeTheCommit(kind: Flow.Kind, turn: Turn) {
    var walk = Rehearsal(kind, Sample.active)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    walk.meanwhile = { action, account in if case .commit = action { turn.change(&account) } }
    let action = walk.rightCode()
    // Whoever has to change the password was signed in a moment earlier.
    if turn.ending == .passwordExpired { return }
    #expect(turn.isEnd(action, of: walk.account))
    #expect(walk.account?.lastSignIn == nil && walk.account?.lastStep != walk.step)
  }

  @Test("between the password and the mailed code of an account half set up", arguments: turns)
  func beforeTheMailedCode(turn: Turn) {
    var walk = Rehearsal(.signIn, Sample.lacksAuthenticator)
    _ = walk.open()
    #expect(walk.password("Str0ng-Enough") == .ask(Ask(.code)))
    let live = walk.account?.mailedCode
    turn.change(&walk.account)
    if walk.account?.id != Sample.active.id { walk.account?.mailedCode = live }
    #expect(turn.isEnd(walk.answer(.code(walk.mailbox.last ?? [])), of: walk.account))
  }

  @Test("between the password and another code of an account half set up", arguments: turns)
  func beforeAnotherMailedCode(turn: Turn) {
    var walk = Rehearsal(.signIn, Sample.lacksAuthenticator)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    turn.change(&walk.account)
    walk.now = walk.now.adding(seconds: 60)
    #expect(turn.isEnd(walk.answer(.again), of: walk.account))
    #expect(walk.mailbox.count == 1, "no code went out")
  }

  @Test("between the mailed code and the app of forgot-password", arguments: turns)
  func forgotWithMailedCode(turn: Turn) {
    var rules = Rules()
    rules.forgotNeedsMailedCode = true
    var walk = Rehearsal(.forgotPassword, Sample.active, rules: rules)
    _ = walk.open()
    #expect(walk.answer(.code(walk.mailbox.last ?? [])) == .ask(Ask(.totp)))
    turn.change(&walk.account)
    let isSame =
      walk.account?.id == Sample.active.id
      && walk.account?.mayReceiveCode(for: .forgot, rules: rules, at: walk.now) == true
    let action = walk.rightCode()
    // The mailbox of one account is no key to another; what forgot-password may reset, it may still.
    #expect((action == .ask(Ask(.newPassword))) == isSame, "\(action)")
  }

  @Test("between the app's code and its commit in forgot-password", arguments: turns.prefix(2))
  func forgotBeforeTheCommit(turn: Turn) {
    var walk = Rehearsal(.forgotPassword, Sample.active)
    _ = walk.open()
    walk.meanwhile = { action, account in if case .commit = action { turn.change(&account) } }
    guard case .ask(Ask(.totp, refused: .wrong, left: 4), _) = walk.rightCode() else {
      Issue.record("\(walk.actions)")
      return
    }
    #expect(walk.charges(.forgot) == 1)
  }

  @Test(
    "another authenticator, or another hash, between a right code and its commit: the code was that of the old one",
    arguments: [Flow.Kind.signIn, .changePassword, .forgotPassword], [true, false])
  func anotherCredential(kind: Flow.Kind, isHash: Bool) {
    var walk = Rehearsal(kind, Sample.active)
    if walk.open() == .ask(Ask(.password)) { _ = walk.password("Str0ng-Enough") }
    walk.meanwhile = { action, account in
      guard case .commit = action else { return }
      if isHash {
        account?.hash = .plain("An0ther-One")
      } else {
        account?.sealedSecret = Array("09876543210987654321".utf8)
      }
    }
    #expect(walk.rightCode() == .end(.denied))
    #expect(walk.account?.lastSignIn == nil && walk.account?.lastStep != walk.step)
  }

  @Test("a code that was used meanwhile is said to be used to whom the password is known, and is wrong to others")
  func reused() {
    for kind in [Flow.Kind.signIn, .changePassword, .forgotPassword] {
      var walk = Rehearsal(kind, Sample.active)
      if walk.open() == .ask(Ask(.password)) { _ = walk.password("Str0ng-Enough") }
      let step = walk.step
      walk.account?.lastStep = step
      let isForgot = kind == .forgotPassword
      #expect(walk.rightCode() == .ask(Ask(.totp, refused: isForgot ? .wrong : .reused, left: 4)))
      #expect(walk.charges(.forgot) == (isForgot ? 1 : 0) && walk.charges(.authenticator) == 0)
      // A newer one is good.
      walk.now = walk.now.adding(seconds: 60)
      switch walk.rightCode() {
      case .end(.signedIn, nil), .ask(Ask(.newPassword), nil): break
      case let action: Issue.record("\(kind): \(action)")
      }
    }
  }

  @Test("a budget that moves on under a right code is read again, three times")
  func retries() {
    var walk = Rehearsal(.signIn, Sample.active)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    let at = walk.now
    walk.meanwhile = { action, account in
      if case .commit = action {
        account = account?.with { $0.tries[.authenticator] = $0.tries[.authenticator].charged(at: at) }
      }
    }
    #expect(walk.rightCode() == .later)
    #expect(walk.count { if case .commit = $0 { true } else { false } } == 4)
    #expect(walk.account?.lastSignIn == nil)
  }
}
