internal import Dispatch
internal import Synchronization

/// Messages on their way: a bounded queue in front of one thread that may block.
///
/// A message is tried until it is sent, is refused for good, or is too old; the pause between two tries doubles, and
/// others are sent meanwhile. Whoever posts never waits.
public final class Outbox: Sendable {
  public struct Limits: Sendable {
    /// Messages that wait or are being sent.
    public var queueMax: Int
    public var attemptsMax: Int
    /// After which a message is of no use, as a mailed code is after five minutes.
    public var lifetime: Duration
    public var firstPause: Duration

    public init(
      queueMax: Int = 1_000, attemptsMax: Int = 6, lifetime: Duration = .seconds(300),
      firstPause: Duration = .seconds(2)
    ) {
      self.queueMax = queueMax
      self.attemptsMax = attemptsMax
      self.lifetime = lifetime
      self.firstPause = firstPause
    }
  }

  /// What there is to tell an operator; the text holds no subject, no body and no secret.
  public enum Event: Sendable, Equatable {
    case sent(recipient: String, attempts: Int)
    case postponed(recipient: String, pause: Duration, error: MailError)
    case dropped(recipient: String, attempts: Int, reason: String)
    case full(recipient: String)
  }

  private struct Item: Sendable {
    let message: Message
    let stamp: Stamp
    let expiry: Duration
    let whenDone: (@Sendable (Bool) -> Void)?
  }

  private struct State {
    var count = 0
    var isClosed = false
    var isAbandoned = false
    var queueMax: Int
    var drained: CheckedContinuation<Void, Never>?
  }

  private let limits: Limits
  private let stamp: @Sendable () -> Stamp
  private let clock: @Sendable () -> Duration
  private let send: @Sendable (Message, Stamp) throws(MailError) -> Void
  private let log: @Sendable (Event) -> Void
  private let queue = DispatchQueue(label: "drawbridge.outbox")
  private let state: Mutex<State>

  /// - Parameters:
  ///   - clock: a clock that never goes back, from any beginning.
  ///   - stamp: asked once for each message when it is posted.
  ///   - send: ``Relay/send(_:stamp:)``; it may block, and is called on the queue's thread, one message at a time.
  ///   - log: called from any thread.
  public init(
    limits: Limits = Limits(), clock: @escaping @Sendable () -> Duration, stamp: @escaping @Sendable () -> Stamp,
    send: @escaping @Sendable (Message, Stamp) throws(MailError) -> Void, log: @escaping @Sendable (Event) -> Void
  ) {
    self.limits = limits
    state = Mutex(State(queueMax: limits.queueMax))
    self.clock = clock
    self.stamp = stamp
    self.send = send
    self.log = log
  }

  /// Takes the message and returns at once.
  ///
  /// - Parameters:
  ///   - lifetime: in place of the limits' own.
  ///   - whenDone: called once from the queue's thread for a message that was taken: true when the server has it.
  /// - Returns: false when the queue is full or closed; the message is then lost, and `whenDone` is not called.
  @discardableResult
  public func post(
    _ message: Message, lifetime: Duration? = nil, whenDone: (@Sendable (Bool) -> Void)? = nil
  ) -> Bool {
    let isTaken = state.withLock { state in
      guard !state.isClosed, state.count < state.queueMax else { return false }
      state.count += 1
      return true
    }
    guard isTaken else {
      log(.full(recipient: message.recipient))
      return false
    }
    let expiry = clock() + (lifetime ?? limits.lifetime)
    let item = Item(message: message, stamp: stamp(), expiry: expiry, whenDone: whenDone)
    queue.async { self.attempt(item, number: 1, pause: self.limits.firstPause) }
    return true
  }

  /// In place of the limit that it was made with; what waits already is kept.
  public func setQueueMax(_ queueMax: Int) { state.withLock { $0.queueMax = queueMax } }

  /// Messages that wait or are being sent.
  public var count: Int { state.withLock { $0.count } }

  /// Whether a message would be taken now.
  public var hasRoom: Bool { state.withLock { !$0.isClosed && $0.count < $0.queueMax } }

  /// Takes no more messages and waits until all have left, but no longer than `limit`.
  ///
  /// - Returns: how many were left behind; they are not tried again.
  public func close(within limit: Duration) async -> Int {
    await withCheckedContinuation { continuation in
      let isDrained = state.withLock { state in
        state.isClosed = true
        if state.count > 0, state.drained == nil {
          state.drained = continuation
          return false
        }
        return true
      }
      if isDrained { return continuation.resume() }
      DispatchQueue.global().asyncAfter(deadline: .now() + limit.interval) {
        let waiting = self.state.withLock { state in
          state.isAbandoned = true
          return state.drained.take()
        }
        waiting?.resume()
      }
    }
    return state.withLock { $0.count }
  }

  private func attempt(_ item: Item, number: Int, pause: Duration) {
    let recipient = item.message.recipient
    guard clock() < item.expiry, !state.withLock({ $0.isAbandoned }) else {
      log(.dropped(recipient: recipient, attempts: number - 1, reason: "too late"))
      return finish(item, isSent: false)
    }
    do throws(MailError) {
      try send(item.message, item.stamp)
      log(.sent(recipient: recipient, attempts: number))
      finish(item, isSent: true)
    } catch {
      guard case .temporary = error, number < limits.attemptsMax, clock() + pause < item.expiry else {
        log(.dropped(recipient: recipient, attempts: number, reason: "\(error)"))
        return finish(item, isSent: false)
      }
      log(.postponed(recipient: recipient, pause: pause, error: error))
      queue.asyncAfter(deadline: .now() + pause.interval) {
        self.attempt(item, number: number + 1, pause: pause * 2)
      }
    }
  }

  private func finish(_ item: Item, isSent: Bool) {
    item.whenDone?(isSent)
    let drained = state.withLock { state in
      state.count -= 1
      return state.count == 0 ? state.drained.take() : nil
    }
    drained?.resume()
  }
}

extension Duration {
  /// Whole milliseconds, at most a day.
  fileprivate var interval: DispatchTimeInterval {
    let (seconds, attoseconds) = components
    let milliseconds = Int(min(max(seconds, 0), 86_400)) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    return .milliseconds(max(0, milliseconds))
  }
}
