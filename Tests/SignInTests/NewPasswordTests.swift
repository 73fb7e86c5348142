import Secrets
import Testing

@testable import SignIn

@Suite("Choosing a new password")
struct NewPasswordTests {
  private static let kinds: [Flow.Kind] = [.firstLogin, .forgotPassword, .changePassword]

  /// The flow, where it asks for a new password.
  private func reached(_ kind: Flow.Kind, history: [String] = [], historyMax: Int = 0) -> Rehearsal {
    var rules = Rules()
    rules.historyMax = historyMax
    rules.password.blocked = [bytes("passw0rd!")]
    let account = kind == .firstLogin ? Sample.invited : Sample.active
    var walk = Rehearsal(kind, account.with { $0.history = history.map { .plain($0) } }, rules: rules)
    var action = walk.open()
    if action == .ask(Ask(.password)) { action = walk.password("Str0ng-Enough") }
    action = kind == .firstLogin ? walk.answer(.code(walk.mailbox.last ?? [])) : walk.rightCode()
    #expect(action == .ask(Ask(.newPassword)))
    return walk
  }

  private func again(_ objection: PasswordRule.Objection) -> Action {
    .ask(Ask(.newPassword, refused: .password(objection)))
  }

  private func end(of kind: Flow.Kind, _ walk: inout Rehearsal) -> Bool {
    switch walk.confirm("An0ther-One") {
    case .end(.passwordChanged, .passwordChanged): kind != .firstLogin
    case .ask(let ask, nil):
      if case .enrol = ask.prompt { kind == .firstLogin } else { false }
    default: false
    }
  }

  @Test("an objection asks again, without an end and without a cost", arguments: kinds)
  func objections(kind: Flow.Kind) {
    var walk = reached(kind)
    let tries = walk.account?.tries
    for _ in 0..<3 {
      #expect(walk.newPassword("Sh0rt-1") == again(.tooShort))
      #expect(walk.newPassword("Much-T00-Long-This") == again(.tooLong))
      #expect(walk.newPassword("With-A 8lank") == again(.badCharacter))
      #expect(walk.newPassword("john.@Example1") == again(.dotBeforeAt))
      #expect(walk.newPassword("onlyletters") == again(.tooFewClasses))
      #expect(walk.newPassword("PassW0rd!") == again(.common))
    }
    #expect(walk.account?.tries == tries)
    #expect(walk.count { if case .hash = $0 { true } else { false } } == 0, "a refused password is never hashed")
    #expect(walk.newPassword("An0ther-One") == .ask(Ask(.confirmPassword)))
    #expect(end(of: kind, &walk))
  }

  @Test("a mismatch asks for both again", arguments: kinds)
  func mismatch(kind: Flow.Kind) {
    var walk = reached(kind)
    for confirmation in ["An0ther-one", "", "An0ther-One ", "An0ther-On"] {
      #expect(walk.newPassword("An0ther-One") == .ask(Ask(.confirmPassword)))
      #expect(walk.confirm(confirmation) == again(.mismatch))
      // The first entry is forgotten: it has to be made again.
      #expect(walk.confirm("An0ther-One") == .outOfTurn)
    }
    #expect(walk.newPassword("An0ther-One") == .ask(Ask(.confirmPassword)))
    #expect(end(of: kind, &walk))
  }

  @Test(
    "the present password is none, nor one of the remembered", arguments: [Flow.Kind.forgotPassword, .changePassword])
  func reused(kind: Flow.Kind) {
    var walk = reached(kind, history: ["0ld-Pass-1", "0ld-Pass-2", "0ld-Pass-3"], historyMax: 2)
    #expect(walk.newPassword("Str0ng-Enough") == again(.reused))
    #expect(walk.newPassword("0ld-Pass-1") == again(.reused))
    #expect(walk.newPassword("0ld-Pass-2") == again(.reused))
    #expect(walk.newPassword("0ld-Pass-3") == .ask(Ask(.confirmPassword)), "older than what is remembered")
    #expect(walk.confirm("other") == again(.mismatch))
    #expect(walk.newPassword("An0ther-One") == .ask(Ask(.confirmPassword)))
    #expect(end(of: kind, &walk))
  }

  @Test("who had none may choose any", arguments: [0, 5])
  func none(historyMax: Int) {
    var rules = Rules()
    rules.historyMax = historyMax
    var walk = Rehearsal(.forgotPassword, Sample.lacksPassword, rules: rules)
    _ = walk.open()
    _ = walk.rightCode()
    #expect(walk.newPassword("Str0ng-Enough") == .ask(Ask(.confirmPassword)))
  }

  @Test("a password that changed elsewhere meanwhile wins", arguments: [Flow.Kind.forgotPassword, .changePassword])
  func raced(kind: Flow.Kind) {
    var walk = reached(kind)
    _ = walk.newPassword("An0ther-One")
    walk.account?.hash = .plain("El5ewhere!")
    #expect(walk.confirm("An0ther-One") == .end(.denied))
    #expect(walk.account?.hash == .plain("El5ewhere!"))
  }

  @Test("a first-time login that was finished elsewhere meanwhile wins")
  func racedFirstLogin() {
    var walk = reached(.firstLogin)
    _ = walk.newPassword("An0ther-One")
    _ = walk.confirm("An0ther-One")
    walk.account?.hash = .plain("El5ewhere!")
    #expect(walk.answer(.enrol(walk.code)) == .end(.denied))
    #expect(walk.account?.hash == .plain("El5ewhere!") && walk.account?.sealedSecret == nil)
  }
}
