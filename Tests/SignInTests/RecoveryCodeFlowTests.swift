import Secrets
import Testing

@testable import SignIn

@Suite("A recovery code, in a flow")
struct RecoveryCodeFlowTests {
  private static let codes = RecoveryCodes.sample(3).stored
  private static let holder = Sample.active.with { $0.recoveryCodes = codes }

  private static func toTheCode(_ kind: Flow.Kind, _ account: Account? = holder, rules: Rules = Rules()) -> Rehearsal {
    var walk = Rehearsal(kind, account, rules: rules)
    _ = walk.open()
    if kind != .forgotPassword { #expect(walk.password("Str0ng-Enough") == .ask(Ask(.totp))) }
    return walk
  }

  @Test("signs in, and the change that does so is the one that uses it up")
  func signsIn() {
    var walk = Self.toTheCode(.signIn)
    let after = Self.holder.with { $0.recoveryCodes = [Self.codes[0], Self.codes[2]] }
    #expect(walk.recoveryCode("code 2") == .end(.signedIn(after)))
    #expect(
      walk.actions.suffix(4) == [
        .read(.authenticator), .matchRecoveryCode(bytes("code 2"), Self.holder),
        .commit(.signInWithRecoveryCode(Self.holder, Self.codes[1], at: walk.now)), .end(.signedIn(after)),
      ])
    #expect(walk.account?.recoveryCodes == after.recoveryCodes)
    #expect(walk.account?.lastStep == Self.holder.lastStep)
  }

  @Test(
    "opens the way to a new password or a new authenticator, once",
    arguments: [Flow.Kind.changePassword, .replaceAuthenticator])
  func opensTheWay(kind: Flow.Kind) {
    var walk = Self.toTheCode(kind)
    guard case .ask(let ask, nil) = walk.recoveryCode("code 1") else {
      Issue.record("\(walk.actions.suffix(3))")
      return
    }
    #expect(ask.refused == nil && ask.prompt != .totp)
    #expect(walk.actions.contains(.commit(.useRecoveryCode(Self.holder, Self.codes[0]))))
    #expect(walk.account?.recoveryCodes == [Self.codes[1], Self.codes[2]])
    _ = walk.restart(kind)
    _ = walk.password("Str0ng-Enough")
    #expect(walk.recoveryCode("code 1") == .ask(Ask(.totp, refused: .wrong, left: 4)))
  }

  @Test("that is wrong is charged as a wrong code of the app is, and they count together")
  func wrong() {
    var walk = Self.toTheCode(.signIn)
    #expect(walk.recoveryCode("code 4") == .ask(Ask(.totp, refused: .wrong, left: 4)))
    #expect(walk.wrongTOTP() == .ask(Ask(.totp, refused: .wrong, left: 3)))
    #expect(walk.recoveryCode("") == .ask(Ask(.totp, refused: .wrong, left: 2)))
    #expect(walk.wrongTOTP() == .ask(Ask(.totp, refused: .wrong, left: 1)))
    #expect(walk.recoveryCode("code 5") == .end(.denied))
    #expect(walk.charges(.authenticator) == 5)
    _ = walk.restart(.signIn)
    #expect(walk.password("Str0ng-Enough") == .end(.locked(seconds: 30)))
  }

  @Test("is not evaluated while the factor rests")
  func rests() {
    var walk = Self.toTheCode(.signIn)
    walk.account?.tries[.authenticator] = (0..<5).reduce(Tries.none) { tries, _ in tries.charged(at: .sample) }
    #expect(walk.recoveryCode("code 1") == .end(.locked(seconds: 30)))
    #expect(walk.account?.recoveryCodes == Self.codes)
  }

  @Test("that another used meanwhile is a wrong one, and charged")
  func raced() {
    var walk = Self.toTheCode(.signIn)
    walk.meanwhile = { action, entry in
      if case .commit = action { entry?.recoveryCodes.removeFirst() }
    }
    #expect(walk.recoveryCode("code 1") == .ask(Ask(.totp, refused: .wrong, left: 4)))
    #expect(walk.charges(.authenticator) == 1)
    #expect(walk.account?.lastSignIn == nil)
  }

  @Test("that is still there is tried again where only the budget has moved")
  func budgetMoved() {
    var walk = Self.toTheCode(.signIn)
    var moved = false
    walk.meanwhile = { action, entry in
      guard case .commit = action, !moved else { return }
      moved = true
      entry?.tries[.authenticator] = Tries.none.charged(at: Timestamp.sample)
    }
    guard case .end(.signedIn, nil) = walk.recoveryCode("code 1") else {
      Issue.record("\(walk.actions.suffix(3))")
      return
    }
    #expect(moved && walk.account?.recoveryCodes.count == 2)
  }

  @Test("is refused where what was proven before it has changed, and stays there")
  func changedMeanwhile() {
    let changes: [((inout Account) -> Void, Ending)] = [
      ({ $0.deactivation = Deactivation(since: nil, reason: .inactivity) }, .deactivated(Self.holder)),
      ({ $0.lock = .foreign }, .denied), ({ $0.hash = .plain("another") }, .denied),
      ({ $0.sealedSecret = bytes("another") }, .denied),
    ]
    for (change, ending) in changes {
      for isAtTheCommit in [false, true] {
        var walk = Self.toTheCode(.signIn)
        walk.meanwhile = { action, entry in
          switch action {
          case .read where !isAtTheCommit, .commit where isAtTheCommit:
            if var account = entry {
              change(&account)
              entry = account
            }
          default: break
          }
        }
        let end = walk.recoveryCode("code 1")
        // Read anew with another secret, the code is right as the account then has it.
        if !isAtTheCommit, walk.account?.sealedSecret == bytes("another") { continue }
        switch (end, ending) {
        case (.end(.deactivated, _), .deactivated), (.end(.denied, _), .denied): break
        default: Issue.record("\(end) instead of \(ending)")
        }
        #expect(walk.account?.recoveryCodes == Self.codes)
      }
    }
  }

  @Test("is of no use to an account without an authenticator, and to none")
  func withoutAuthenticator() {
    for account in [Self.holder.with { $0.sealedSecret = nil }, nil] {
      var walk = Rehearsal(.changePassword, account)
      _ = walk.open()
      guard account != nil else { continue }
      _ = walk.password("Str0ng-Enough")
      #expect(walk.recoveryCode("code 1") == .ask(Ask(.totp, refused: .wrong, left: 4)))
      #expect(walk.actions.contains(.matchRecoveryCode(bytes("code 1"), nil)))
    }
  }

  @Test("is out of turn where the code alone opens the way to a new password, whoever it is", arguments: [holder, nil])
  func forgot(account: Account?) {
    var walk = Self.toTheCode(.forgotPassword, account)
    #expect(walk.recoveryCode("code 1") == .outOfTurn)
    #expect(walk.account?.recoveryCodes == account?.recoveryCodes)
    #expect(walk.wrongTOTP() == .ask(Ask(.totp, refused: .wrong, left: 4)))
  }

  @Test("opens the way to a new password behind a mailed code, in the budget of forgot-password")
  func forgotAfterMail() {
    var rules = Rules()
    rules.forgotNeedsMailedCode = true
    var walk = Self.toTheCode(.forgotPassword, rules: rules)
    #expect(walk.recoveryCode("code 1") == .outOfTurn)
    #expect(walk.answer(.code(walk.mailbox.last ?? [])) == .ask(Ask(.totp)))
    #expect(walk.recoveryCode("code 4") == .ask(Ask(.totp, refused: .wrong, left: 4)))
    #expect(walk.charges(.forgot) == 1 && walk.charges(.authenticator) == 0)
    #expect(walk.recoveryCode("code 1") == .ask(Ask(.newPassword)))
    #expect(walk.account?.recoveryCodes == [Self.codes[1], Self.codes[2]])
  }

  @Test("is drawn with the secret, once: a wrong first code shows no others")
  func drawnOnce() {
    var walk = Rehearsal(.signIn, Sample.lacksAuthenticator)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    _ = walk.answer(.code(walk.mailbox.last ?? []))
    _ = walk.answer(.enrol(walk.wrongCode))
    _ = walk.answer(.enrol(walk.code))
    #expect(walk.count { if case .drawRecoveryCodes = $0 { true } else { false } } == 1)
    #expect(walk.account?.recoveryCodes == RecoveryCodes.sample(8).stored)
  }

  @Test("is not drawn where there are to be none, and those from before go all the same")
  func none() {
    var rules = Rules()
    rules.recoveryCodes = 0
    var walk = Rehearsal(.signIn, Self.holder.with { $0.sealedSecret = nil }, rules: rules)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    _ = walk.answer(.code(walk.mailbox.last ?? []))
    guard case .end(.signedIn(_, recovery: .none), _) = walk.answer(.enrol(walk.code)) else {
      Issue.record("\(walk.actions.suffix(3))")
      return
    }
    #expect(walk.count { if case .drawRecoveryCodes = $0 { true } else { false } } == 0)
    #expect(walk.account?.recoveryCodes == [])
  }
}
