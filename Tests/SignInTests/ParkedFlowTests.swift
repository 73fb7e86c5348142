import Secrets
import Testing

@testable import SignIn

@Suite("A parked flow") struct ParkedFlowTests {
  private static let wrong = bytes("999999")

  /// Right answers, wrong ones among them, up to the end of a flow.
  private typealias Step = @Sendable (inout Rehearsal) -> Action
  private static let signIn: [Step] = [
    { $0.open() }, { $0.password("wrong") }, { $0.password("Str0ng-Enough") }, { $0.wrongTOTP() }, { $0.rightCode() },
  ]
  private static let halfSetUp: [Step] = [
    { $0.open() }, { $0.password("Str0ng-Enough") }, { $0.answer(.code(wrong)) }, { $0.answer(.again) },
    { $0.answer(.code($0.mailbox.last ?? [])) }, { $0.answer(.enrol($0.wrongCode)) }, { $0.answer(.enrol($0.code)) },
  ]
  private static let firstLogin: [Step] = [
    { $0.open() }, { $0.answer(.code(wrong)) }, { $0.answer(.again) }, { $0.answer(.code($0.mailbox.last ?? [])) },
    { $0.newPassword("short") }, { $0.newPassword("An0ther-One") }, { $0.confirm("an0ther-One") },
    { $0.newPassword("An0ther-One") }, { $0.confirm("An0ther-One") }, { $0.answer(.enrol($0.wrongCode)) },
    { $0.answer(.enrol($0.code)) },
  ]
  private static let newPassword: [Step] = [
    { $0.newPassword("Str0ng-Enough") }, { $0.newPassword("An0ther-One") }, { $0.confirm("An0ther-One") },
  ]
  private static let forgot: [Step] = [{ $0.open() }, { $0.wrongTOTP() }, { $0.rightCode() }] + newPassword
  private static let mailedForgot: [Step] =
    [{ $0.open() }, { $0.answer(.code($0.mailbox.last ?? [])) }, { $0.wrongTOTP() }, { $0.rightCode() }] + newPassword
  private static let change: [Step] =
    [{ $0.open() }, { $0.password("Str0ng-Enough") }, { $0.wrongTOTP() }, { $0.rightCode() }] + newPassword
  private static let onePrompt: [Step] = [
    { $0.open() }, { $0.combined("wrong", $0.code) }, { $0.combined("Str0ng-Enough", $0.code) },
  ]

  private static let replacement: [Step] = [
    { $0.open() }, { $0.password("wrong") }, { $0.password("Str0ng-Enough") }, { $0.wrongTOTP() }, { $0.rightCode() },
    { $0.answer(.enrol($0.wrongCode)) }, { $0.answer(.enrol($0.code)) },
  ]

  @Test("goes on as if it had never been parked, whatever it waits for", arguments: 0..<9)
  func goesOn(number: Int) throws {
    var rules = Rules()
    rules.upgradesHashes = true
    let once = Abilities(asksOnce: true, enrols: true)
    let steps: [Step]
    var plain: Rehearsal
    switch number {
    case 0: (steps, plain) = (Self.signIn, Rehearsal(.signIn, Sample.active, rules: rules))
    case 1: (steps, plain) = (Self.halfSetUp, Rehearsal(.signIn, Sample.lacksAuthenticator))
    case 2: (steps, plain) = (Self.firstLogin, Rehearsal(.firstLogin, Sample.invited))
    case 3: (steps, plain) = (Self.forgot, Rehearsal(.forgotPassword, Sample.active))
    case 4:
      rules.forgotNeedsMailedCode = true
      (steps, plain) = (Self.mailedForgot, Rehearsal(.forgotPassword, Sample.active, rules: rules))
    case 5: (steps, plain) = (Self.change, Rehearsal(.changePassword, Sample.active))
    case 6: (steps, plain) = (Self.replacement, Rehearsal(.replaceAuthenticator, Sample.active))
    case 7: (steps, plain) = (Self.onePrompt, Rehearsal(.signIn, Sample.active, for: once))
    default: (steps, plain) = (Self.onePrompt + Self.newPassword, Rehearsal(.changePassword, Sample.active, for: once))
    }
    var parked = plain
    for (index, step) in steps.enumerated() {
      plain.now = plain.now.adding(seconds: 70)
      parked.now = plain.now
      let action = step(&plain)
      #expect(step(&parked) == action, "step \(index)")
      if case .ask(let ask, _) = action { #expect(parked.parkAndResume(asking: ask) == ask, "step \(index)") }
    }
    #expect(parked.account == plain.account)
    guard case .end(let ending, _)? = plain.actions.last, ending.isSuccess else {
      Issue.record("\(plain.actions)")
      return
    }
    #expect(parked.actions.last == plain.actions.last)
    #expect(parked.flow.waiting == nil)
  }

  @Test("keeps the tries that were left")
  func tries() {
    var walk = Rehearsal(.signIn, Sample.active)
    _ = walk.open()
    for left in [4, 3, 2, 1] {
      let ask = Ask(.password, refused: .wrong, left: left)
      #expect(walk.password("wrong") == .ask(ask))
      #expect(walk.parkAndResume(asking: ask) == ask)
    }
    #expect(walk.password("wrong") == .end(.denied))
  }

  @Test("asks a stranger the same, from the same bytes")
  func stranger() throws {
    for kind in Flow.Kind.allCases {
      var bytes: Set<[UInt8]> = []
      for account in [nil, Sample.invited, Sample.active, Sample.lacksPassword] {
        var walk = Rehearsal(kind, account)
        guard case .ask(let ask, _) = walk.open() else { return }
        let (parked, bound) = try #require(walk.flow.parked(asking: ask))
        #expect(bound == nil)
        bytes.insert(parked.bytes)
      }
      #expect(bytes.count == 1, "\(kind)")
    }
  }

  @Test("goes on with the account it is about, and with no other kind of flow")
  func bound() throws {
    var walk = Rehearsal(.signIn, Sample.active)
    _ = walk.open()
    _ = walk.password("Str0ng-Enough")
    let (parked, account) = try #require(walk.flow.parked(asking: Ask(.totp)))
    #expect(account == Sample.active)
    #expect(Flow(parked, account: nil, rules: Rules(), for: .plain) == nil)
    #expect(Flow(parked, account: Sample.active, rules: Rules(), for: .plain) == walk.flow)
    var bytes = parked.bytes
    bytes[1] = 2  // a first-time login, which waits for no such thing
    let moved = try #require(ParkedFlow(bytes))
    #expect(Flow(moved, account: Sample.active, rules: Rules(), for: .plain) == nil)
  }

  @Test("is no longer good where the rules have become stricter")
  func stricter() throws {
    var walk = Rehearsal(.forgotPassword, Sample.active)
    _ = walk.open()
    let (parked, _) = try #require(walk.flow.parked(asking: Ask(.totp)))
    var rules = Rules()
    rules.forgotNeedsMailedCode = true
    #expect(Flow(parked, account: nil, rules: rules, for: .plain) == nil)
  }

  @Test("is read from its bytes and from nothing else")
  func bytesAlone() throws {
    let steps: [ParkedFlow.Step] = [
      .password(left: 1), .bothFactors(left: 5), .authenticator(left: 2, upgrade: nil),
      .authenticator(left: 2, upgrade: .plain("x")), .mailedCode(left: 3, asked: nil),
      .mailedCode(left: 3, asked: .sample), .newPassword, .confirmPassword(.plain("y")),
      .enrol(left: 4, Sample.secret, chosen: nil), .enrol(left: 4, Sample.secret, chosen: .plain("z")),
    ]
    for (number, step) in steps.enumerated() {
      let refused: Ask.Refusal? = number.isMultiple(of: 2) ? nil : .password(.reused)
      let parked = ParkedFlow(kind: .signIn, step: step, isProven: number > 3, refused: refused)
      let bytes = parked.bytes
      #expect(ParkedFlow(bytes) == parked)
      for count in 0..<bytes.count { #expect(ParkedFlow(bytes.prefix(count)) == nil, "\(step) cut at \(count)") }
      #expect(ParkedFlow(bytes + [0]) == nil)
      for index in bytes.indices {
        for value in [0, 1, 2, 6, 9, 0x7F, 0xFF] as [UInt8] {
          var changed = bytes
          changed[index] = value
          if let read = ParkedFlow(changed) { #expect(read.bytes == changed, "\(step) with \(value) at \(index)") }
        }
      }
    }
  }
}
