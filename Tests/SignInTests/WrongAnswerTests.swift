import Secrets
import Testing

@testable import SignIn

@Suite("A wrong answer")
struct WrongAnswerTests {
  // MARK: Five tries

  struct Step: Sendable, CustomTestStringConvertible {
    let name: String
    let kind: Flow.Kind
    let account: Account
    let prompt: Ask.Prompt
    let factor: Factor
    var needsMailedCode = false
    var testDescription: String { name }

    var rules: Rules {
      var rules = Rules()
      rules.forgotNeedsMailedCode = needsMailedCode
      return rules
    }

    /// The flow, where it first asks for this.
    func reached() -> Rehearsal {
      var walk = Rehearsal(kind, account, rules: rules)
      var action = walk.open()
      if action == .ask(Ask(.password)), prompt != .password { action = walk.password("Str0ng-Enough") }
      if action == .ask(Ask(.code)), prompt != .code { action = walk.answer(.code(walk.mailbox.last ?? [])) }
      return walk
    }

    func wrong(_ walk: inout Rehearsal) -> Action {
      switch prompt {
      case .password: walk.password("Str0ng-enough")
      case .code: walk.answer(.code(bytes("999999")))
      default: walk.wrongTOTP()
      }
    }
  }

  static let steps = [
    Step(name: "password of SIGNIN", kind: .signIn, account: Sample.active, prompt: .password, factor: .password),
    Step(
      name: "password of CHANGE", kind: .changePassword, account: Sample.active, prompt: .password, factor: .password),
    Step(name: "app of SIGNIN", kind: .signIn, account: Sample.active, prompt: .totp, factor: .authenticator),
    Step(name: "app of CHANGE", kind: .changePassword, account: Sample.active, prompt: .totp, factor: .authenticator),
    Step(name: "app of FORGOT", kind: .forgotPassword, account: Sample.active, prompt: .totp, factor: .forgot),
    Step(
      name: "app of FORGOT after a code", kind: .forgotPassword, account: Sample.active, prompt: .totp, factor: .forgot,
      needsMailedCode: true),
    Step(name: "code of FIRST", kind: .firstLogin, account: Sample.invited, prompt: .code, factor: .mailedCode),
    Step(
      name: "code of FORGOT", kind: .forgotPassword, account: Sample.active, prompt: .code, factor: .mailedCode,
      needsMailedCode: true),
    Step(
      name: "code of half set up", kind: .signIn, account: Sample.lacksAuthenticator, prompt: .code, factor: .mailedCode
    ),
  ]

  @Test("costs one try of its own factor, and the fifth is the last", arguments: steps)
  func fiveTries(_ step: Step) {
    var walk = step.reached()
    let before = walk.account
    for left in stride(from: 4, to: 0, by: -1) {
      #expect(step.wrong(&walk) == .ask(Ask(step.prompt, refused: .wrong, left: left)))
      #expect(walk.charges(step.factor) == 5 - left)
    }
    #expect(step.wrong(&walk) == .end(.denied))
    for factor in Factor.allCases {
      #expect(walk.charges(factor) == (factor == step.factor ? 5 : 0))
      let was = before?.tries[factor].consecutive ?? 0
      #expect(walk.account?.tries[factor].consecutive == was + (factor == step.factor ? 5 : 0))
    }
    // The next try of this factor, in whatever flow, is not even evaluated where the budget is spent.
    if step.factor == .password {
      _ = walk.restart(step.kind)
      #expect(walk.password("Str0ng-Enough") == .end(.locked(seconds: 30)))
    }
  }

  @Test("while a factor rests, a right answer is not looked at", arguments: steps)
  func resting(_ step: Step) {
    var walk = step.reached()
    for second in 0..<30 {
      guard let tries = walk.account?.tries[step.factor] else { break }
      walk.account?.tries[step.factor] = tries.charged(at: walk.now.adding(microseconds: Int64(second)))
    }
    let evaluations = walk.count(Self.isEvaluation)
    let action: Action =
      switch step.prompt {
      case .password: walk.password("Str0ng-Enough")
      case .code: walk.answer(.code(walk.mailbox.last ?? []))
      default: walk.rightCode()
      }
    guard case .end(.locked(let seconds), nil) = action else {
      Issue.record("\(action)")
      return
    }
    #expect(seconds > 0)
    #expect(walk.count(Self.isEvaluation) == evaluations)
    #expect(walk.charges(step.factor) == 0)
  }

  static func isEvaluation(_ action: Action) -> Bool {
    switch action {
    case .verify, .match, .matchMailedCode: true
    default: false
    }
  }

  @Test("of an app that is being enrolled costs no budget, and the fifth is the last")
  func enrolling() {
    var walk = Rehearsal(.signIn, Sample.lacksAuthenticator)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    guard case .ask(let ask, nil) = walk.answer(.code(walk.mailbox.last ?? [])) else {
      Issue.record("no app is asked for")
      return
    }
    for left in stride(from: 4, to: 0, by: -1) {
      #expect(walk.answer(.enrol(walk.wrongCode)) == .ask(Ask(ask.prompt, refused: .wrong, left: left)))
    }
    #expect(walk.answer(.enrol(walk.wrongCode)) == .end(.denied))
    #expect(walk.account?.standing == .lacksAuthenticator)
    for factor in Factor.allCases { #expect(walk.charges(factor) == 0) }
  }

  // MARK: The same for everybody

  static let others: [Account?] = [
    nil, Sample.invited, Sample.lacksAuthenticator, Sample.lacksPassword, Sample.active,
    Sample.active.with { $0.deactivation = Deactivation(since: .sample, reason: .inactivity) },
    Sample.active.with { $0.lock = .foreign }, Sample.active.with { $0.mustChangePassword = true },
  ]

  @Test("tells nobody what an account is, or whether it is one", arguments: Flow.Kind.allCases, [false, true])
  func strangers(kind: Flow.Kind, needsMailedCode: Bool) {
    var rules = Rules()
    rules.forgotNeedsMailedCode = needsMailedCode
    var transcripts: [[Action]] = []
    for account in Self.others {
      var walk = Rehearsal(kind, account, rules: rules)
      var visible = [walk.open()]
      for _ in 0..<12 {
        guard case .ask(let ask, _) = visible.last else {
          visible.append(walk.restart(kind))
          continue
        }
        walk.now = walk.now.adding(seconds: 1)
        switch ask.prompt {
        case .password: visible.append(walk.password("wrong"))
        case .code: visible.append(walk.answer(.code(bytes("999999"))))
        default: visible.append(walk.wrongTOTP())
        }
      }
      // A notice goes to the mailbox alone.
      transcripts.append(
        visible.map { action in
          switch action {
          case .ask(let ask, _): .ask(ask)
          case .end(let ending, _): .end(ending)
          default: action
          }
        })
    }
    for transcript in transcripts { #expect(transcript == transcripts[0]) }
    #expect(transcripts[0].contains(.end(.denied)))
  }

  // MARK: The budget of the app

  @Test("right password, wrong code: a hundred times, and the app rests for good")
  func alternating() {
    var walk = Rehearsal(.signIn, Sample.active)
    var wrong = 0
    for _ in 0..<2000 where wrong < 100 {
      _ = walk.restart(.signIn)
      guard case .ask = walk.password("Str0ng-Enough") else {
        walk.now = walk.now.adding(seconds: 600)
        continue
      }
      #expect(walk.wrongTOTP() == .ask(Ask(.totp, refused: .wrong, left: 4)))
      wrong += 1
      #expect(walk.account?.tries[.authenticator].consecutive == wrong, "a right password refills nothing")
      #expect(walk.account?.tries[.password] == Tries.none)
    }
    #expect(wrong == 100)
    #expect(walk.count { if case .match = $0 { true } else { false } } == 100)
    for days in [0, 1, 400] as [Int64] {
      walk.now = walk.now.adding(seconds: days * 86_400)
      _ = walk.restart(.signIn)
      #expect(walk.password("Str0ng-Enough") == .end(.locked(seconds: 3600)))
    }
    // Until an administrator unlocks it.
    walk.account?.tries[.authenticator] = .none
    _ = walk.restart(.signIn)
    _ = walk.password("Str0ng-Enough")
    #expect(walk.rightCode() == .end(.signedIn(walk.account?.with { $0.lastSignIn = nil } ?? Sample.active)))
  }

  @Test("a full sign-in refills the budgets of both factors, forgot-password none")
  func refill() {
    let account = Sample.active.with { account in
      for factor in Factor.allCases { account.tries[factor] = Tries.none.charged(at: .sample) }
    }
    var walk = Rehearsal(.forgotPassword, account)
    _ = walk.open()
    _ = walk.rightCode()
    _ = walk.newPassword("An0ther-One")
    _ = walk.confirm("An0ther-One")
    #expect(walk.account?.tries == account.tries)
    walk.now = walk.now.adding(seconds: 30)
    _ = walk.restart(.signIn)
    _ = walk.password("An0ther-One")
    _ = walk.rightCode()
    #expect(Factor.allCases.map { walk.account?.tries[$0].consecutive } == [0, 0, 1, 0, 1, 1])
  }
}
