import Secrets
import Testing

@testable import SignIn

@Suite("A mailed code")
struct MailedCodeStepTests {
  private func opened(_ kind: Flow.Kind = .firstLogin, _ account: Account? = Sample.invited) -> Rehearsal {
    var walk = Rehearsal(kind, account)
    #expect(walk.open() == .ask(Ask(.code)))
    return walk
  }

  private func mails(_ walk: Rehearsal) -> Int { walk.count { if case .mailCode = $0 { true } else { false } } }

  private let chosen = Action.ask(Ask(.newPassword))

  // MARK: Another one

  @Test("is not sent again before a minute is over", arguments: [0, 1, 59])
  func tooSoon(second: Int64) {
    var walk = opened()
    walk.now = walk.now.adding(seconds: second)
    let before = walk.flow
    #expect(walk.answer(.again) == .ask(Ask(.code, refused: .tooSoon, left: 5)))
    #expect(walk.flow == before && mails(walk) == 1)
    walk.now = Timestamp.sample.adding(seconds: 60).adding(microseconds: -1)
    #expect(walk.answer(.again) == .ask(Ask(.code, refused: .tooSoon, left: 5)))
    walk.now = Timestamp.sample.adding(seconds: 60)
    #expect(walk.answer(.again) == .ask(Ask(.code)))
    #expect(walk.mailbox.count == 2)
  }

  @Test("dies when another one goes out, and the other is good")
  func another() {
    var walk = opened()
    walk.now = walk.now.adding(seconds: 60)
    _ = walk.answer(.again)
    #expect(walk.answer(.code(walk.mailbox[0])) == .ask(Ask(.code, refused: .wrong, left: 4)))
    #expect(walk.answer(.code(walk.mailbox[1])) == chosen)
  }

  @Test("stays good when a second flow begins within the minute, and no mail goes")
  func secondFlow() {
    var walk = opened()
    walk.now = walk.now.adding(seconds: 59)
    #expect(walk.restart(.firstLogin) == .ask(Ask(.code)), "told the same")
    #expect(mails(walk) == 1)
    #expect(walk.answer(.code(walk.mailbox[0])) == chosen)
  }

  @Test("goes out five times an hour and ten times a day; beyond, the newest stays good and the words are the same")
  func caps() {
    var walk = opened()
    for minute in 1..<(48 * 60) as Range<Int64> {
      walk.now = Timestamp.sample.adding(seconds: minute * 60)
      #expect(walk.restart(.firstLogin) == .ask(Ask(.code)))
      let sent =
        minute < 60 ? min(minute + 1, 5) : minute < 1440 ? min(minute - 54, 10) : 10 + min(max(0, minute - 1439), 5)
      if minute < 1500 { #expect(walk.mailbox.count == Int(sent), "in minute \(minute)") }
    }
    #expect(walk.mailbox.count == 20)

    // The last of ten, four minutes later and over the cap.
    walk = opened()
    for minute in [1, 2, 3, 4, 60, 61, 62, 63, 64] as [Int64] {
      walk.now = Timestamp.sample.adding(seconds: minute * 60)
      _ = walk.restart(.firstLogin)
    }
    #expect(walk.mailbox.count == 10)
    walk.now = walk.now.adding(seconds: 240)
    _ = walk.restart(.firstLogin)
    #expect(walk.mailbox.count == 10)
    #expect(walk.answer(.code(walk.mailbox.last ?? [])) == chosen)
  }

  // MARK: Its end

  @Test("is good for five minutes, to the microsecond", arguments: [0, 1, 299_000_000, 299_999_999] as [Int64])
  func inTime(microseconds: Int64) {
    var walk = opened()
    walk.now = walk.now.adding(microseconds: microseconds)
    #expect(walk.answer(.code(walk.mailbox[0])) == chosen)
  }

  @Test("is expired after them, which costs nothing", arguments: [300_000_000, 301_000_000, 86_400_000_000] as [Int64])
  func expired(microseconds: Int64) {
    var walk = opened()
    walk.now = walk.now.adding(microseconds: microseconds)
    for typed in [walk.mailbox[0], bytes("999999")] {
      #expect(walk.answer(.code(typed)) == .ask(Ask(.code, refused: .expired, left: 5)))
    }
    #expect(walk.charges(.mailedCode) == 0 && walk.count(WrongAnswerTests.isEvaluation) == 0)
    #expect(walk.answer(.again) == .ask(Ask(.code)))
    #expect(walk.answer(.code(walk.mailbox[1])) == chosen)
  }

  @Test("is good once")
  func once() {
    var walk = opened()
    #expect(walk.answer(.code(walk.mailbox[0])) == chosen)
    _ = walk.restart(.firstLogin)
    #expect(walk.answer(.code(walk.mailbox[0])) == .ask(Ask(.code, refused: .wrong, left: 4)))
  }

  @Test("that was used by another at the same moment is a wrong one")
  func raced() {
    var walk = opened()
    walk.meanwhile = { action, account in if case .commit(.useMailedCode) = action { account?.mailedCode = nil } }
    #expect(walk.answer(.code(walk.mailbox[0])) == .ask(Ask(.code, refused: .wrong, left: 4)))
    #expect(walk.charges(.mailedCode) == 1)
  }

  @Test("dies of five wrong tries, in one flow or in several")
  func fifthWrongTry() {
    for tries in [[5], [4, 1], [1, 1, 1, 1, 1], [2, 3]] {
      var walk = opened()
      for (index, count) in tries.enumerated() {
        if index > 0 { _ = walk.restart(.firstLogin) }
        for _ in 0..<count {
          #expect(walk.account?.mailedCode != nil)
          _ = walk.answer(.code(bytes("999999")))
        }
      }
      #expect(walk.account?.mailedCode == nil)
      #expect(walk.charges(.mailedCode) == 5)
      _ = walk.restart(.firstLogin)
      #expect(walk.answer(.code(walk.mailbox[0])) == .ask(Ask(.code, refused: .wrong, left: 4)))
      #expect(mails(walk) == 1)
    }
  }

  @Test("survives four, and the next one has five tries of its own")
  func fourWrongTries() {
    var walk = opened()
    for _ in 0..<4 { _ = walk.answer(.code(bytes("999999"))) }
    var same = walk
    #expect(same.answer(.code(walk.mailbox[0])) == chosen)
    walk.now = walk.now.adding(seconds: 60)
    _ = walk.restart(.firstLogin)
    for _ in 0..<4 { _ = walk.answer(.code(bytes("999999"))) }
    #expect(walk.account?.mailedCode != nil)
    #expect(walk.answer(.code(walk.mailbox[1])) == chosen)
  }

  @Test("a new code refills no budget: ten wrong ones an hour, twenty a day")
  func budget() {
    var walk = opened()
    var perHour: [Int] = []
    for hour in 0..<24 as Range<Int64> {
      let before = walk.charges(.mailedCode)
      for minute in 0..<60 as Range<Int64> {
        walk.now = Timestamp.sample.adding(seconds: hour * 3600 + minute * 60)
        _ = walk.restart(.firstLogin)
        for _ in 0..<5 {
          guard case .ask = walk.answer(.code(bytes("999999"))) else { break }
        }
      }
      perHour.append(walk.charges(.mailedCode) - before)
    }
    #expect(perHour == [10, 10] + Array(repeating: 0, count: 22))
    #expect(walk.count(WrongAnswerTests.isEvaluation) == 20)
  }

  // MARK: Whose it is

  @Test("is good for its purpose alone")
  func purpose() {
    var walk = opened()
    // An administrator imports a password: the same mailbox, now for an account half set up.
    walk.account?.hash = .plain("Str0ng-Enough")
    _ = walk.restart(.signIn)
    #expect(walk.password("Str0ng-Enough") == .ask(Ask(.code)))
    #expect(mails(walk) == 1, "within the minute")
    #expect(walk.answer(.code(walk.mailbox[0])) == .ask(Ask(.code, refused: .wrong, left: 4)))
  }

  @Test("is never sent to whom it is not for; the mailbox is told why, the client is not")
  func notForYou() {
    let deactivated = Sample.active.with { $0.deactivation = Deactivation(since: .sample, reason: .inactivity) }
    let late = Sample.invited.with { $0.invited = Timestamp.sample.adding(seconds: -14 * 86_400) }
    let expected: [(Account?, Notice?)] = [
      (nil, nil), (Sample.active, .alreadySetUp(Sample.active)),
      (Sample.lacksAuthenticator, .halfSetUp(Sample.lacksAuthenticator)), (deactivated, .deactivated(deactivated)),
      (Sample.active.with { $0.lock = .foreign }, nil),
      (late, .invitationExpired(late)),
    ]
    for (account, notice) in expected {
      var walk = Rehearsal(.firstLogin, account)
      #expect(walk.open() == .ask(Ask(.code), notice: notice))
      #expect(walk.answer(.again) == .ask(Ask(.code, refused: .tooSoon, left: 5)))
      walk.now = walk.now.adding(seconds: 300)
      #expect(walk.answer(.code(bytes("123456"))) == .ask(Ask(.code, refused: .expired, left: 5)))
      #expect(walk.answer(.again) == .ask(Ask(.code), notice: notice))
      #expect(walk.answer(.code(bytes("123456"))) == .ask(Ask(.code, refused: .wrong, left: 4)))
      #expect(mails(walk) == 0)
    }
  }
}
