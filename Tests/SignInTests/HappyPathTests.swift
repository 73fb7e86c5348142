import Secrets
import Testing

@testable import SignIn

/// Each flow of the user guide, walked without a mistake: all that it asks for, in order.
@Suite("A flow without a mistake")
struct HappyPathTests {
  private let password = Secret(bytes("Str0ng-Enough"))
  private let new = Secret(bytes("An0ther-One"))
  private let drawn = Secret(bytes("09876543210987654321"))

  /// The key address that an app reads, and the same secret for typing.
  private let enrol = Ask.Prompt.enrol(
    uri: "otpauth://totp/Single%20Sign-On:john.doe1%40example.org?secret=GA4TQNZWGU2DGMRRGA4TQNZWGU2DGMRR"
      + "&issuer=Single%20Sign-On&algorithm=SHA1&digits=6&period=30",
    secret: "GA4TQNZWGU2DGMRRGA4TQNZWGU2DGMRR")

  private func enrolment(_ walk: Rehearsal) -> Enrolment { Enrolment(drawn, step: walk.step, recovery: .sample(8)) }

  private func sealed(_ account: Account) -> Authenticator { .sealed(account.sealedSecret ?? [], account.id) }

  @Test("signing in: password, then the app's code")
  func signIn() {
    let account = Sample.active
    var walk = Rehearsal(.signIn, account)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    _ = walk.rightCode()
    #expect(
      walk.actions == [
        .ask(Ask(.password)),
        .read(.password), .verify(password, against: account.hash), .ask(Ask(.totp)),
        .read(.authenticator), .match(walk.code, sealed(account)),
        .commit(.signIn(account, step: walk.step, at: walk.now)),
        .end(.signedIn(account.with { $0.lastStep = walk.step })),
      ])
  }

  @Test("signing in where hashes are upgraded: the new hash comes after the sign-in, and decides nothing")
  func upgrade() {
    var rules = Rules()
    rules.upgradesHashes = true
    let account = Sample.active
    for isRefused in [false, true] {
      var walk = Rehearsal(.signIn, account, rules: rules)
      walk.meanwhile = { action, entry in
        if isRefused, case .attempt = action { entry?.hash = .plain("changed elsewhere") }
      }
      _ = walk.open()
      _ = walk.password("Str0ng-Enough")
      _ = walk.rightCode()
      let after = account.with { $0.lastStep = walk.step }
      #expect(
        walk.actions == [
          .ask(Ask(.password)),
          .read(.password), .verify(password, against: account.hash), .hash(password), .ask(Ask(.totp)),
          .read(.authenticator), .match(walk.code, sealed(account)),
          .commit(.signIn(account, step: walk.step, at: walk.now)),
          .attempt(.upgradeHash(after, .plain("Str0ng-Enough"))), .end(.signedIn(after)),
        ])
    }
  }

  @Test("signing in with an imported password: the mailbox is proven and an app enrolled")
  func halfSetUp() {
    let account = Sample.lacksAuthenticator
    var walk = Rehearsal(.signIn, account)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    let mailed = walk.account ?? account
    _ = walk.answer(.code(walk.mailbox.last ?? []))
    let proven = mailed.with { $0.mailedCode = nil }
    _ = walk.answer(.enrol(walk.code))
    #expect(
      walk.actions == [
        .ask(Ask(.password)),
        .read(.password), .verify(password, against: account.hash), .read(.mailedCode),
        .mailCode(account, .halfSetUp, expires: walk.now.adding(seconds: 300)), .ask(Ask(.code)),
        .read(.mailedCode), .matchMailedCode(bytes("100000"), mailed, .halfSetUp), .commit(.useMailedCode(mailed)),
        .drawSecret, .drawRecoveryCodes(account.id, count: 8), .ask(Ask(enrol)),
        .match(walk.code, .pending(drawn)), .commit(.enrol(proven, enrolment(walk), at: walk.now)),
        .end(.signedIn(proven, recovery: .sample(8)), notice: .enrolled(proven)),
      ])
    #expect(walk.account?.standing == .active)
  }

  @Test("first-time login: a mailed code, a password chosen and confirmed, an app enrolled, all stored at once")
  func firstLogin() {
    let account = Sample.invited
    var walk = Rehearsal(.firstLogin, account)
    _ = walk.open()
    let mailed = walk.account ?? account
    _ = walk.answer(.code(walk.mailbox.last ?? []))
    let proven = mailed.with { $0.mailedCode = nil }
    _ = walk.newPassword("An0ther-One")
    _ = walk.confirm("An0ther-One")
    #expect(walk.account == proven, "nothing is written before the very end")
    _ = walk.answer(.enrol(walk.code))
    let hash = PasswordHash.plain("An0ther-One")
    #expect(
      walk.actions == [
        .read(.mailedCode), .mailCode(account, .firstLogin, expires: walk.now.adding(seconds: 300)), .ask(Ask(.code)),
        .read(.mailedCode), .matchMailedCode(bytes("100000"), mailed, .firstLogin), .commit(.useMailedCode(mailed)),
        .ask(Ask(.newPassword)),
        .hash(new), .ask(Ask(.confirmPassword)),
        .verify(new, against: hash), .drawSecret, .drawRecoveryCodes(account.id, count: 8), .ask(Ask(enrol)),
        .match(walk.code, .pending(drawn)), .commit(.firstLogin(proven, hash, enrolment(walk), at: walk.now)),
        .end(.signedIn(proven, recovery: .sample(8)), notice: .enrolled(proven)),
      ])
    #expect(walk.account?.standing == .active)
  }

  @Test(
    "forgot-password: the app's code opens the way to a new password", arguments: [Sample.active, Sample.lacksPassword])
  func forgot(account: Account) {
    var walk = Rehearsal(.forgotPassword, account)
    _ = walk.open()
    _ = walk.rightCode()
    _ = walk.newPassword("An0ther-One")
    _ = walk.confirm("An0ther-One")
    #expect(walk.actions == [.ask(Ask(.totp))] + reset(walk, account, factor: .forgot))
    #expect(walk.account?.lastSignIn == nil, "it signs nobody in")
  }

  @Test("forgot-password where the mailbox is proven first")
  func forgotWithMailedCode() {
    var rules = Rules()
    rules.forgotNeedsMailedCode = true
    let account = Sample.active
    var walk = Rehearsal(.forgotPassword, account, rules: rules)
    _ = walk.open()
    let mailed = walk.account ?? account
    _ = walk.answer(.code(walk.mailbox.last ?? []))
    let proven = mailed.with { $0.mailedCode = nil }
    _ = walk.rightCode()
    _ = walk.newPassword("An0ther-One")
    _ = walk.confirm("An0ther-One")
    let opening: [Action] = [
      .read(.mailedCode), .mailCode(account, .forgot, expires: walk.now.adding(seconds: 300)), .ask(Ask(.code)),
      .read(.mailedCode), .matchMailedCode(bytes("100000"), mailed, .forgot), .commit(.useMailedCode(mailed)),
      .ask(Ask(.totp)),
    ]
    #expect(walk.actions == opening + reset(walk, proven, factor: .forgot))
  }

  @Test("changing a password: the present one, the app's code, a new one")
  func change() {
    var rules = Rules()
    rules.historyMax = 2
    let account = Sample.active.with { $0.history = ["a", "b", "c"].map { .plain($0) } }
    var walk = Rehearsal(.changePassword, account, rules: rules)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    _ = walk.rightCode()
    _ = walk.newPassword("An0ther-One")
    _ = walk.confirm("An0ther-One")
    let opening: [Action] = [
      .ask(Ask(.password)), .read(.password), .verify(password, against: account.hash), .ask(Ask(.totp)),
    ]
    #expect(
      walk.actions == opening
        + reset(walk, account, factor: .authenticator, history: [.plain("a"), .plain("b")], keeping: 2))
    #expect(walk.account?.history == [.plain("Str0ng-Enough"), .plain("a")])
  }

  /// From the app's code to the end; a new password is compared with each that it must differ from.
  private func reset(
    _ walk: Rehearsal, _ account: Account, factor: Factor, history: [PasswordHash] = [], keeping: Int = 0
  ) -> [Action] {
    let hash = PasswordHash.plain("An0ther-One")
    let used = account.with { $0.lastStep = walk.step }
    let earlier = [account.hash].compactMap { $0 } + history
    let beginning: [Action] = [
      .read(factor), .match(walk.code, sealed(account)), .commit(.useStep(account, step: walk.step)),
      .ask(Ask(.newPassword)),
    ]
    return beginning + earlier.map { .verify(new, against: $0) } + [
      .hash(new), .ask(Ask(.confirmPassword)), .verify(new, against: hash),
      .commit(.setPassword(used, hash, keepingHistory: keeping)),
      .end(.passwordChanged(used), notice: .passwordChanged(used)),
    ]
  }
}
