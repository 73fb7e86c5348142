import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Mail

@Suite(.timeLimit(.minutes(1))) struct OutboxTests {
  /// What a scripted mail server answers, and what was told about it.
  final class Script: Sendable {
    let answers: Mutex<[MailError?]>
    let events = Mutex<[Outbox.Event]>([])
    let sent = Mutex<[String]>([])
    let now = Mutex<Duration>(.zero)
    let gate = DispatchSemaphore(value: 0)
    let isGated: Bool

    init(_ answers: [MailError?] = [], isGated: Bool = false) {
      self.answers = Mutex(answers)
      self.isGated = isGated
    }

    func outbox(_ limits: Outbox.Limits) -> Outbox {
      Outbox(
        limits: limits, clock: { self.now.withLock { $0 } }, stamp: { Stamp(date: 0, token: "x") },
        send: { message, _ throws(MailError) in
          if self.isGated { self.gate.wait() }
          if let error = self.answers.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw error }
          self.sent.withLock { $0.append(message.recipient) }
        }, log: { event in self.events.withLock { $0.append(event) } })
    }
  }

  private func message(_ recipient: String = "a@b") throws -> Message {
    try Message(recipient: recipient, subject: "s", body: "b")
  }

  private let fast = Outbox.Limits(queueMax: 2, attemptsMax: 3, lifetime: .seconds(300), firstPause: .milliseconds(5))

  @Test func aTemporaryFailureIsTriedAgain() async throws {
    let script = Script([.temporary("x"), .temporary("y")])
    let outbox = script.outbox(fast)
    #expect(outbox.post(try message()))
    #expect(await outbox.close(within: .seconds(10)) == 0)
    #expect(
      script.events.withLock { $0 } == [
        .postponed(recipient: "a@b", pause: .milliseconds(5), error: .temporary("x")),
        .postponed(recipient: "a@b", pause: .milliseconds(10), error: .temporary("y")),
        .sent(recipient: "a@b", attempts: 3),
      ])
  }

  @Test(arguments: [
    ([MailError.permanent("no")], 1), ([.temporary("1"), .temporary("2"), .temporary("3")], 3), ([.unsendable("x")], 1),
  ])
  func aMessageIsGivenUp(answers: [MailError], attempts: Int) async throws {
    let script = Script(answers)
    let outbox = script.outbox(fast)
    let report = Shared<Bool?>(nil)
    outbox.post(try message()) { report.set($0) }
    #expect(await outbox.close(within: .seconds(10)) == 0)
    #expect(report.value == false)
    guard case .dropped(_, attempts, _) = script.events.withLock({ $0.last }) else { return #expect(Bool(false)) }
  }

  @Test func aFullQueueTakesNoMore() async throws {
    let script = Script(isGated: true)
    let outbox = script.outbox(fast)
    #expect(outbox.post(try message("1@b")))
    #expect(outbox.post(try message("2@b")))
    #expect(!outbox.post(try message("3@b")))
    script.gate.signal()
    script.gate.signal()
    #expect(await outbox.close(within: .seconds(10)) == 0)
    #expect(script.sent.withLock { $0 } == ["1@b", "2@b"])
    #expect(script.events.withLock { $0.first } == .full(recipient: "3@b"))
  }

  @Test func aMessageThatIsTooOldIsNotSent() async throws {
    let script = Script(isGated: true)
    let outbox = script.outbox(fast)
    outbox.post(try message("1@b"))
    outbox.post(try message("2@b"), lifetime: .seconds(60))
    script.now.withLock { $0 = .seconds(61) }
    script.gate.signal()
    #expect(await outbox.close(within: .seconds(10)) == 0)
    #expect(script.sent.withLock { $0 } == ["1@b"])
    #expect(script.events.withLock { $0.last } == .dropped(recipient: "2@b", attempts: 0, reason: "too late"))
  }

  @Test func othersAreSentWhileOneWaits() async throws {
    let script = Script([.temporary("x")])
    let outbox = script.outbox(.init(queueMax: 9, firstPause: .milliseconds(200)))
    outbox.post(try message("1@b"))
    outbox.post(try message("2@b"))
    #expect(await outbox.close(within: .seconds(10)) == 0)
    #expect(script.sent.withLock { $0 } == ["2@b", "1@b"])
  }

  @Test func closingDoesNotWaitForever() async throws {
    let script = Script(isGated: true)
    let outbox = script.outbox(fast)
    outbox.post(try message("1@b"))
    outbox.post(try message("2@b"))
    #expect(await outbox.close(within: .milliseconds(50)) == 2)
    #expect(!outbox.post(try message("3@b")))
    script.gate.signal()
    #expect(await outbox.close(within: .seconds(10)) == 0)
    #expect(script.sent.withLock { $0 } == ["1@b"])  // under way already; the second is not begun any more
  }
}

final class Shared<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>
  init(_ value: Value) { storage = Mutex(value) }
  var value: Value { storage.withLock { $0 } }
  func set(_ value: Value) { storage.withLock { $0 = value } }
}
