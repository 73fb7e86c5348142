import Secrets
import Testing

@testable import SignIn

@Suite("What an account is")
struct AccountStandingTests {
  static let marker = Deactivation(since: .sample, reason: .inactivity)

  struct Entry: Sendable, CustomTestStringConvertible {
    let hash, secret, marker: Bool
    let lock: Lock

    var account: Account {
      Account.sample().with {
        $0.hash = hash ? .plain("x") : nil
        $0.sealedSecret = secret ? [1] : nil
        $0.deactivation = marker ? AccountStandingTests.marker : nil
        $0.lock = lock
      }
    }

    var testDescription: String { "hash \(hash), secret \(secret), marker \(marker), lock \(lock)" }
  }

  private static let bare: [(hash: Bool, secret: Bool, standing: Account.Standing)] = [
    (false, false, .invited), (true, false, .lacksAuthenticator), (false, true, .lacksPassword), (true, true, .active),
  ]
  private static let locks: [Lock] = [.none, .ours, .foreign, .lifted]

  @Test("follows from the hash and the secret it holds", arguments: bare)
  func factors(hash: Bool, secret: Bool, standing: Account.Standing) {
    for lock in Self.locks where lock != .foreign {
      #expect(Entry(hash: hash, secret: secret, marker: false, lock: lock).account.standing == standing)
    }
    #expect(Entry(hash: hash, secret: secret, marker: false, lock: .foreign).account.standing == .locked)
    for lock in Self.locks {
      #expect(Entry(hash: hash, secret: secret, marker: true, lock: lock).account.standing == .deactivated)
    }
  }

  @Test("an empty value is a value: it fails closed, and does not pass for an invitation")
  func empty() {
    let account = Account.sample().with { ($0.hash, $0.sealedSecret) = (PasswordHash(stored: []), []) }
    #expect(account.standing == .active)
  }

  @Test(
    "one gesture of an LDAP tool begins a reactivation",
    arguments: [
      (.none, false, false), (.none, true, false), (.foreign, false, false), (.foreign, true, false),
      (.ours, true, false), (.ours, false, true), (.lifted, true, true), (.lifted, false, true),
    ] as [(Lock, Bool, Bool)])
  func reactivation(lock: Lock, marker: Bool, isUnfinished: Bool) {
    let entry = Entry(hash: true, secret: true, marker: marker, lock: lock)
    #expect(entry.account.hasUnfinishedReactivation == isUnfinished)
  }

  // MARK: What follows from it

  private static func account(_ standing: Account.Standing) -> Account {
    switch standing {
    case .invited: Sample.invited
    case .lacksAuthenticator: Sample.lacksAuthenticator
    case .lacksPassword: Sample.lacksPassword
    case .active: Sample.active
    case .deactivated: Sample.active.with { $0.deactivation = marker }
    case .locked: Sample.active.with { $0.lock = .foreign }
    }
  }

  static let standings: [Account.Standing] = [
    .invited, .lacksAuthenticator, .lacksPassword, .active, .deactivated, .locked,
  ]

  @Test("decides which codes may be mailed", arguments: standings)
  func mayReceive(standing: Account.Standing) {
    let account = Self.account(standing)
    #expect(account.standing == standing)
    let may = [MailedCodePurpose.firstLogin, .halfSetUp, .forgot].map {
      account.mayReceiveCode(for: $0, rules: Rules(), at: .sample)
    }
    switch standing {
    case .invited: #expect(may == [true, false, false])
    case .lacksAuthenticator: #expect(may == [false, true, false])
    case .lacksPassword, .active: #expect(may == [false, false, true])
    case .deactivated, .locked: #expect(may == [false, false, false])
    }
  }

  @Test("and what the mailbox is told instead", arguments: standings)
  func notice(standing: Account.Standing) {
    let account = Self.account(standing)
    let notices = [MailedCodePurpose.firstLogin, .halfSetUp, .forgot].map { account.notice(for: $0) }
    switch standing {
    case .invited: #expect(notices == [.invitationExpired(account), nil, .notSetUpYet(account)])
    case .lacksAuthenticator: #expect(notices == [.halfSetUp(account), nil, .halfSetUp(account)])
    case .lacksPassword, .active: #expect(notices == [.alreadySetUp(account), nil, nil])
    case .deactivated: #expect(notices == [.deactivated(account), .deactivated(account), .deactivated(account)])
    case .locked: #expect(notices == [nil, nil, nil])
    }
  }

  @Test("an invitation has an end, to the microsecond")
  func invitation() {
    let account = Sample.invited.with { $0.invited = .sample }
    let end = Timestamp.sample.adding(seconds: 14 * 86_400)
    #expect(account.mayReceiveCode(for: .firstLogin, rules: Rules(), at: end.adding(microseconds: -1)))
    #expect(!account.mayReceiveCode(for: .firstLogin, rules: Rules(), at: end))
    #expect(Sample.invited.mayReceiveCode(for: .firstLogin, rules: Rules(), at: end), "without a stamp, without an end")
  }

  @Test(
    "the objection to a right password",
    arguments: [
      (false, .none, false, nil), (false, .ours, false, nil), (false, .lifted, false, nil),
      (false, .foreign, false, .denied),
      (false, .foreign, true, .denied), (false, .none, true, .passwordExpired),
    ] as [(Bool, Lock, Bool, Ending?)])
  func objection(marker: Bool, lock: Lock, mustChange: Bool, ending: Ending?) {
    let account = Sample.active.with { ($0.lock, $0.mustChangePassword) = (lock, mustChange) }
    #expect(account.objection(at: .sample) == ending)
    let deactivated = account.with { $0.deactivation = Self.marker }
    #expect(deactivated.objection(at: .sample) == .deactivated(deactivated))
  }
}
