import Secrets
import Testing

@testable import SignIn

@Suite("Another authenticator in the place of the present one")
struct ReplaceAuthenticatorTests {
  private static let holder = Sample.active.with { $0.recoveryCodes = RecoveryCodes.sample(3).stored }
  private static let drawn = Secret(bytes("09876543210987654321"))

  private static func toTheEnd(_ account: Account = holder) -> Rehearsal {
    var walk = Rehearsal(.replaceAuthenticator, account)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    _ = walk.rightCode()
    return walk
  }

  @Test("takes the password, the present app's code, and the new app's: all that it asks for, in order")
  func withoutAMistake() {
    var walk = Rehearsal(.replaceAuthenticator, Self.holder)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    let old = walk.code
    _ = walk.rightCode()
    let proven = Self.holder.with { $0.lastStep = walk.step }
    #expect(walk.account == proven, "nothing but the step is written before the very end")
    let end = walk.answer(.enrol(walk.code))
    let enrolment = Enrolment(Self.drawn, step: walk.step, recovery: .sample(8))
    #expect(end == .end(.enrolled(proven, recovery: .sample(8)), notice: .authenticatorReplaced(proven)))
    #expect(
      walk.actions.dropFirst(4) == [
        .read(.authenticator), .match(old, .sealed(Self.holder.sealedSecret ?? [], Self.holder.id)),
        .commit(.useStep(Self.holder, step: walk.step)), .drawSecret, .drawRecoveryCodes(proven.id, count: 8),
        walk.actions[9], .match(walk.code, .pending(Self.drawn)),
        .commit(.replaceAuthenticator(proven, enrolment, at: walk.now)), end,
      ])
    #expect(walk.account?.sealedSecret == bytes("09876543210987654321"))
    #expect(walk.account?.recoveryCodes == RecoveryCodes.sample(8).stored)
    // It signs nobody in.
    #expect(walk.account?.lastSignIn == nil)
  }

  @Test("leaves the old one where the new one is not proven, or the flow is given up")
  func unproven() {
    var walk = Self.toTheEnd()
    let before = walk.account
    for _ in 0..<4 { _ = walk.answer(.enrol(bytes("12345"))) }
    #expect(walk.account == before)
    #expect(walk.answer(.enrol(bytes("12345"))) == .end(.denied))
    #expect(walk.account == before)
  }

  @Test("is refused where the account was changed meanwhile")
  func changedMeanwhile() {
    let changes: [(inout Account) -> Void] = [
      { $0.hash = .plain("another") }, { $0.sealedSecret = bytes("another") }, { $0.sealedSecret = nil },
      { $0.deactivation = Deactivation(since: nil, reason: .administrator) }, { $0.lock = .foreign },
    ]
    for change in changes {
      var walk = Self.toTheEnd()
      walk.meanwhile = { action, entry in
        if case .commit = action, var account = entry {
          change(&account)
          entry = account
        }
      }
      #expect(walk.answer(.enrol(walk.code)) == .end(.denied))
      #expect(walk.account?.recoveryCodes == Self.holder.recoveryCodes)
    }
  }

  @Test("is nobody's who has none yet: the code is a wrong one", arguments: [Sample.lacksAuthenticator])
  func lacksAuthenticator(account: Account) {
    var walk = Rehearsal(.replaceAuthenticator, account)
    _ = walk.open()
    #expect(walk.password("Str0ng-Enough") == .ask(Ask(.totp)))
    for left in (1...4).reversed() { #expect(walk.rightCode() == .ask(Ask(.totp, refused: .wrong, left: left))) }
    #expect(walk.rightCode() == .end(.denied))
  }

  @Test("is not begun with a client that can show no picture, and asks twice of one that asks once")
  func abilities() {
    var blind = Rehearsal(.replaceAuthenticator, Self.holder, for: Abilities(asksOnce: false, enrols: false))
    #expect(blind.open() == .end(.unsupported))
    var once = Rehearsal(.replaceAuthenticator, Self.holder, for: Abilities(asksOnce: true, enrols: true))
    #expect(once.open() == .ask(Ask(.password)))
  }
}
