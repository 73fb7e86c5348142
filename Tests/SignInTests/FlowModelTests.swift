import Fixtures
import Secrets
import Testing

@testable import SignIn

/// Flows whose effects are answered at random by a directory that may say anything.
@Suite("A hundred thousand random events")
struct FlowModelTests {
  static let eventsMax = 50_000  // with each of two seeds

  @Test("lead to success only by the reference's way", arguments: Flow.Kind.allCases, [1, 2] as [UInt64])
  func model(kind: Flow.Kind, seed: UInt64) throws {
    var chance = Chance(kind, seed: seed)
    var (events, successes, charges, endings) = (0, 0, 0, 0)
    while events < Self.eventsMax {
      let walk = try chance.walk(&events)
      charges += walk.charges
      endings += 1
      if walk.ending.isSuccess { successes += 1 }
    }
    // Chance is kind enough to reach everything, and unkind enough to test it.
    #expect(successes > 200, "\(kind)")
    #expect(endings - successes > 300 && charges > 1000, "\(kind)")
  }
}

/// The user, the clock, and all that a flow's effects depend on.
private struct Chance {
  private let kind: Flow.Kind
  private let seed: UInt64
  private var random: SeededGenerator
  private var now = Timestamp.sample
  private var account = Sample.active

  init(_ kind: Flow.Kind, seed: UInt64) {
    self.kind = kind
    self.seed = seed
    random = SeededGenerator(seed: seed)
  }

  /// One flow from its opening to its end.
  mutating func walk(_ events: inout Int) throws -> (ending: Ending, charges: Int) {
    var rules = Rules()
    rules.forgotNeedsMailedCode = random.chance(50)
    rules.upgradesHashes = random.chance(30)
    rules.recoveryCodes = random.pick([0, 8], or: 8)
    rules.historyMax = random.pick([0, 2], or: 0)
    account =
      (kind == .firstLogin
      ? Sample.invited
      : random.pick([Sample.active, Sample.active, Sample.lacksPassword, Sample.lacksAuthenticator], or: Sample.active))
      .with {
        $0.history = [.plain("old"), .plain("older")]
        $0.recoveryCodes = RecoveryCodes.sample(3).stored
      }
    var flow = Flow(kind, rules: rules)
    var reference = ReferenceAutomaton(kind, needsMailedCode: rules.forgotNeedsMailedCode)
    var trace: [String] = []
    var answer: (verb: ReferenceAutomaton.Verb?, conforms: Bool, event: Event) = (nil, true, .opened)

    while true {
      now = now.adding(seconds: random.chance(3) ? 400 : Int64.random(in: 0...20, using: &random))
      let before = flow
      var (event, done) = (answer.event, [(Action, Event)]())
      var action = flow.receive(event, at: now)
      while let next = self.event(after: action, for: answer.verb) {
        events += 1
        try interrupt(&flow, during: action, trace)
        done.append((action, next))
        event = next
        action = flow.receive(event, at: now)
      }
      events += 1
      trace.append("\(answer.verb.map { "\($0)" } ?? "-"): \(done.count) -> \(action)")
      do throws(ReferenceAutomaton.Breach) {
        try reference.judge(answer.verb, conforms: answer.conforms, done, action)
      } catch {
        throw ReferenceAutomaton.Breach("seed \(seed): \(error)\n" + trace.joined(separator: "\n"))
      }
      if case .end(let ending, _) = action { return (ending, reference.charges) }
      if action == .later { flow = before }

      // Answers to something else, until one fits.
      guard var verb = reference.next else { throw ReferenceAutomaton.Breach("asked after the end") }
      while random.chance(20) {
        let other = random.pick(ReferenceAutomaton.Verb.allCases, or: .enrol)
        if other != verb, other != .recovery || !reference.takesRecoveryCode {
          try refuse(typed(other).event, &flow, trace)
        }
        if verb != .code { try refuse(.answered(.again), &flow, trace) }
        events += 1
      }
      if reference.takesRecoveryCode, random.chance(30) { verb = .recovery }
      if verb == .code, random.chance(10) {
        answer = (nil, true, .answered(.again))
      } else {
        let (event, conforms) = typed(verb)
        answer = (verb, conforms, event)
      }
    }
  }

  private mutating func typed(_ verb: ReferenceAutomaton.Verb) -> (event: Event, conforms: Bool) {
    switch verb {
    case .password: return (.answered(.password(Secret(bytes("Str0ng-Enough")))), true)
    case .code: return (.answered(.code(bytes("123456"))), true)
    case .totp: return (.answered(.totp(bytes("123456"))), true)
    case .recovery: return (.answered(.recoveryCode(bytes("code 1"))), true)
    case .confirm: return (.answered(.confirmPassword(Secret(bytes("An0ther-One")))), true)
    case .enrol: return (.answered(.enrol(bytes("123456"))), true)
    case .newPassword:
      let conforms = random.chance(80)
      return (.answered(.newPassword(Secret(bytes(conforms ? "An0ther-One" : "weak")))), conforms)
    }
  }

  /// An effect is under way: answers and ends of other effects change nothing.
  private mutating func interrupt(_ flow: inout Flow, during action: Action, _ trace: [String]) throws {
    guard random.chance(10) else { return }
    try refuse(typed(random.pick(ReferenceAutomaton.Verb.allCases, or: .totp)).event, &flow, trace)
    let ends: [Event] = [
      .found(Subject(account: Sample.active, tries: TriesTable())), .verified(.match), .hashed(.plain("x")),
      .matched(step: 1), .matchedMailedCode(true), .drawn(Sample.secret),
      .matchedRecoveryCode(bytes("stored code 1")), .drawnRecoveryCodes(.sample(1)),
    ]
    for event in ends where !Self.ends(action, with: event) { try refuse(event, &flow, trace) }
  }

  private static func ends(_ action: Action, with event: Event) -> Bool {
    switch (action, event) {
    case (.read, .found), (.verify, .verified), (.hash, .hashed), (.match, .matched), (.drawSecret, .drawn),
      (.matchMailedCode, .matchedMailedCode), (.matchRecoveryCode, .matchedRecoveryCode),
      (.drawRecoveryCodes, .drawnRecoveryCodes):
      true
    default: false
    }
  }

  private func refuse(_ event: Event, _ flow: inout Flow, _ trace: [String]) throws {
    let before = flow
    let action = flow.receive(event, at: now)
    guard action == .outOfTurn, flow == before else {
      throw ReferenceAutomaton.Breach(
        "seed \(seed): \(event) out of turn gave \(action)\n" + trace.joined(separator: "\n"))
    }
  }

  /// How an effect ends; nil where there is none.
  private mutating func event(after action: Action, for verb: ReferenceAutomaton.Verb?) -> Event? {
    switch action {
    case .ask, .end, .outOfTurn, .later: nil
    case .read: .found(subject())
    case .verify:
      random.chance(verb == .newPassword ? 10 : 75)
        ? .verified(.match) : .verified(random.pick([.mismatch, .unusable(.malformed)], or: .mismatch))
    case .hash: .hashed(.plain("hash \(Int.random(in: 0...9, using: &random))"))
    case .match: .matched(step: random.chance(75) ? Int64.random(in: 1...9, using: &random) : nil)
    case .matchRecoveryCode: .matchedRecoveryCode(random.chance(75) ? bytes("stored code 1") : nil)
    case .drawRecoveryCodes: .drawnRecoveryCodes(.sample(Int.random(in: 1...9, using: &random)))
    case .matchMailedCode: .matchedMailedCode(random.chance(75))
    case .drawSecret: .drawn(Secret(bytes("secret \(Int.random(in: 0...9, using: &random))")))
    case .charge: .applied
    case .mailCode, .commit, .attempt: random.chance(85) ? .applied : .refused(subject())
    }
  }

  /// Mostly the account, as it was; else anything.
  private mutating func subject() -> Subject {
    var found = account
    for spent in Factor.allCases where random.chance(1) {
      found.tries[spent] = (0..<20).reduce(Tries.none) { tries, _ in tries.charged(at: now) }
    }
    guard random.chance(15) else { return found.subject }
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return Subject(account: nil, tries: TriesTable())
    case 1: found = Account.sample(2).with { ($0.hash, $0.sealedSecret) = (account.hash, account.sealedSecret) }
    case 2: found.deactivation = Deactivation(since: now, reason: .inactivity)
    case 3: found.lock = .foreign
    case 4: found.hash = random.pick([nil, .plain("another")], or: nil)
    case 5: found.sealedSecret = random.pick([nil, bytes("another")], or: nil)
    case 6: found.lastStep = Int64.random(in: 1...9, using: &random)
    case 7: found.recoveryCodes = []
    case 8: found.mustChangePassword = true
    default: found.lock = .lifted
    }
    return found.subject
  }
}
