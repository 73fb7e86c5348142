internal import Synchronization

/// How many strings a door checks at a time. A slapd that passes a bind on waits for the answer with one of its threads,
/// and the daemon needs others of them to give it: so nobody queues here.
final class Places: Sendable {
  private struct State {
    var taken = 0
    var max: Int
  }

  private let state: Mutex<State>

  init(max: Int) { state = Mutex(State(max: max)) }

  func adapt(max: Int) { state.withLock { $0.max = max } }

  func enter() -> Bool {
    state.withLock { state in
      guard state.taken < state.max else { return false }
      state.taken += 1
      return true
    }
  }

  func leave() { state.withLock { $0.taken -= 1 } }
}
