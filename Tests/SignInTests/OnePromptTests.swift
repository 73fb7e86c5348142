import Secrets
import Testing

@testable import SignIn

@Suite("Password and code at one prompt")
struct OnePromptTests {
  private static let once = Abilities(asksOnce: true, enrols: true)
  private static let cannotEnrol = Abilities(asksOnce: true, enrols: false)

  private static func walk(
    _ account: Account?, _ kind: Flow.Kind = .signIn, rules: Rules = Rules(), for abilities: Abilities = once
  ) -> Rehearsal {
    var walk = Rehearsal(kind, account, rules: rules, for: abilities)
    #expect(walk.open() == .ask(Ask(.combined)))
    return walk
  }

  private static func wrong(_ left: Int) -> Action { .ask(Ask(.combined, refused: .wrong, left: left)) }

  @Test("signs in by the same effects as at two")
  func signsIn() {
    var walk = Self.walk(Sample.active)
    let code = walk.code
    guard case .end(.signedIn, nil) = walk.combined("Str0ng-Enough", code) else {
      Issue.record("\(walk.actions)")
      return
    }
    #expect(walk.account?.lastStep == walk.step)
    #expect(walk.charges(.password) == 0 && walk.charges(.authenticator) == 0)
    #expect(
      Array(walk.actions.dropFirst().prefix(4)) == [
        .read(.password), .verify(Secret(bytes("Str0ng-Enough")), against: Sample.active.hash), .read(.authenticator),
        .match(code, .sealed(Sample.active.sealedSecret ?? [], Sample.active.id)),
      ])
  }

  /// Each bit of `mask`: whether that try has the right password. The code is always wrong.
  private static func story(_ account: Account?, mask: Int) -> [Action] {
    var walk = walk(account)
    var replies = (0..<5).map { walk.combined(mask >> $0 & 1 == 1 ? "Str0ng-Enough" : "str0ng-enough", walk.wrongCode) }
    for seconds: Int64 in [0, 29, 1] {
      walk.now = walk.now.adding(seconds: seconds)
      replies.append(walk.restart(.signIn))
      replies.append(walk.combined("Str0ng-Enough", walk.wrongCode))
      replies.append(walk.combined("str0ng-enough", walk.wrongCode))
    }
    return replies
  }

  @Test("never tells which was wrong: not by its replies, nor by when it rests", arguments: 0..<32)
  func tellsNothing(mask: Int) {
    let expected = Self.story(nil, mask: 0)
    #expect(expected.prefix(5) == [Self.wrong(4), Self.wrong(3), Self.wrong(2), Self.wrong(1), .end(.denied)])
    #expect(expected[6] == .end(.locked(seconds: 30)))
    for account in [Sample.active, Sample.active.with { $0.lock = .foreign }, Self.deactivated, Self.mustChange] {
      #expect(Self.story(account, mask: mask) == expected)
    }
  }

  private static let deactivated = Sample.active.with {
    $0.deactivation = Deactivation(since: .sample, reason: .inactivity)
  }
  private static let mustChange = Sample.active.with { $0.mustChangePassword = true }

  @Test("charges a wrong code to both budgets, a wrong password to its own")
  func charges() {
    var walk = Self.walk(Sample.active)
    #expect(walk.combined("str0ng-enough", walk.code) == Self.wrong(4))
    #expect(walk.charges(.password) == 1 && walk.charges(.authenticator) == 0)
    #expect(walk.combined("Str0ng-Enough", walk.wrongCode) == Self.wrong(3))
    #expect(walk.charges(.password) == 2 && walk.charges(.authenticator) == 1)
  }

  @Test("refuses a code that was used, as a wrong one, and charges the password alone")
  func usedCode() {
    var walk = Self.walk(Sample.active)
    _ = walk.combined("Str0ng-Enough", walk.code)
    #expect(walk.restart(.signIn) == .ask(Ask(.combined)))
    #expect(walk.combined("Str0ng-Enough", walk.code) == Self.wrong(4))
    #expect(walk.charges(.password) == 1 && walk.charges(.authenticator) == 0)
  }

  @Test("tells the state of an account to who has both")
  func standing() {
    for (account, ending) in [
      (Self.deactivated, Ending.deactivated(Self.deactivated)), (Self.mustChange, .passwordExpired),
    ] {
      var walk = Self.walk(account)
      #expect(walk.combined("Str0ng-Enough", walk.code) == .end(ending))
      // Nothing was opened by the code; once used elsewhere, it tells nothing any more.
      let step = walk.step
      walk.account?.lastStep = step
      _ = walk.restart(.signIn)
      #expect(walk.combined("Str0ng-Enough", walk.code) == Self.wrong(4))
    }
  }

  @Test("verifies nothing while either budget rests", arguments: [Factor.password, .authenticator])
  func rests(factor: Factor) {
    let spent = (0..<5).reduce(Tries.none) { tries, _ in tries.charged(at: .sample) }
    for password in ["Str0ng-Enough", "wrong"] {
      var walk = Self.walk(Sample.active.with { $0.tries[factor] = spent })
      #expect(walk.combined(password, walk.code) == .end(.locked(seconds: 30)))
      #expect(walk.count { if case .verify = $0 { true } else { false } } == 0)
    }
  }

  @Test("hashes anew only for who has both")
  func upgrade() {
    var rules = Rules()
    rules.upgradesHashes = true
    var walk = Self.walk(Sample.active, rules: rules)
    func hashed(_ walk: Rehearsal) -> Int { walk.count { if case .hash = $0 { true } else { false } } }
    _ = walk.combined("Str0ng-Enough", walk.wrongCode)
    #expect(hashed(walk) == 0)
    guard case .end(.signedIn, nil) = walk.combined("Str0ng-Enough", walk.code) else {
      Issue.record("\(walk.actions)")
      return
    }
    #expect(hashed(walk) == 1)
    #expect(walk.count { if case .attempt(.upgradeHash) = $0 { true } else { false } } == 1)
  }

  @Test("takes all of it for the password where there is no authenticator, and goes on to one")
  func halfSetUp() {
    var walk = Self.walk(Sample.lacksAuthenticator)
    #expect(walk.combined("Str0ng-Enough", bytes("123456")) == Self.wrong(4))
    #expect(walk.combined("Str0ng-Enough", []) == .ask(Ask(.code)))
    #expect(walk.mailbox.count == 1)
  }

  @Test("ends there where the client could not show it, and mails nothing")
  func unsupported() {
    var walk = Self.walk(Sample.lacksAuthenticator, for: Self.cannotEnrol)
    #expect(walk.combined("Str0ng-Enough", bytes("123456")) == Self.wrong(4))
    #expect(walk.combined("Str0ng-Enough", []) == .end(.unsupported))
    #expect(walk.mailbox.isEmpty)
    var plain = Rehearsal(.signIn, Sample.lacksAuthenticator, for: Abilities(asksOnce: false, enrols: false))
    _ = plain.open()
    #expect(plain.password("Str0ng-Enough") == .end(.unsupported))
    #expect(plain.mailbox.isEmpty)
  }

  @Test("lets no first-time login begin that could not end, whoever it is for")
  func firstLogin() {
    for account in [nil, Sample.invited, Sample.active] {
      var walk = Rehearsal(.firstLogin, account, for: Self.cannotEnrol)
      #expect(walk.open() == .end(.unsupported))
      #expect(walk.actions.count == 1)
    }
  }

  @Test("opens a change of password, too")
  func change() {
    var walk = Self.walk(Sample.active, .changePassword)
    #expect(walk.combined("Str0ng-Enough", walk.wrongCode) == Self.wrong(4))
    #expect(walk.combined("Str0ng-Enough", walk.code) == .ask(Ask(.newPassword)))
    #expect(walk.account?.lastStep == walk.step)

    var half = Self.walk(Sample.lacksAuthenticator, .changePassword)
    #expect(half.combined("Str0ng-Enough", []) == Self.wrong(4))
    #expect(half.combined("Str0ng-Enough", bytes("123456")) == Self.wrong(3))
    #expect(half.charges(.authenticator) == 1 && half.charges(.password) == 2)
  }

  @Test("takes less than a code for a wrong answer", arguments: ["", "12345", "Str0ng-Enough"])
  func short(typed: String) {
    var walk = Self.walk(Sample.active)
    #expect(walk.combined(typed, []) == Self.wrong(4))
  }
}
