internal import Synchronization

/// How many strings a door checks at a time. A slapd that passes a bind on waits for the answer with one of its threads,
/// and the daemon needs others of them to give it: so nobody queues here.
final class Places: Sendable {
  private let taken = Mutex(0)
  private let max: Int

  init(max: Int) { self.max = max }

  func enter() -> Bool {
    taken.withLock { taken in
      guard taken < max else { return false }
      taken += 1
      return true
    }
  }

  func leave() { taken.withLock { $0 -= 1 } }
}
