internal import Synchronization

/// Rings for what needs somebody at once, but once a minute: a stranger may be able to set it off.
final class Alarm: Sendable {
  private static let pause = Duration.seconds(60)
  private let last = Mutex<ContinuousClock.Instant?>(nil)

  func rings(at now: ContinuousClock.Instant = .now) -> Bool {
    last.withLock { last in
      if let rung = last, now - rung < Self.pause { return false }
      last = now
      return true
    }
  }
}
