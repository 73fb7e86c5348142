internal import Synchronization

/// How many changes a second all sweeps of this daemon may make together.
final class Pace: Sendable {
  private let spacing: Duration?
  private let next = Mutex(ContinuousClock.now)

  /// - Parameter changesPerSecond: 0 for no limit.
  init(changesPerSecond: Int) { spacing = changesPerSecond > 0 ? .seconds(1) / changesPerSecond : nil }

  /// Waits until the next change may be made; false where the task was cancelled.
  func wait() async -> Bool {
    guard let spacing else { return !Task.isCancelled }
    let turn = next.withLock { next in
      let turn = max(next, .now)
      next = turn + spacing
      return turn
    }
    do { try await Task.sleep(until: turn, clock: .continuous) } catch { return false }
    return !Task.isCancelled
  }
}
