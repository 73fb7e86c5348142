internal import Dispatch
internal import Glibc
internal import Synchronization

/// Shuts a socket down under one call of libldap that blocks for too long, which frees the thread. libldap reads a
/// message to its end once it has begun, and under TLS a record: half of one, or one in drips, would hold the
/// connection's queue, and with it all deadlines that run there.
final class Watchdog: Sendable {
  private struct State {
    /// When the call began that is under way; nil between two calls, when the socket may be gone.
    var begun: DispatchTime?
    var isAwake = false
    var hasBitten = false
  }

  private let state = Mutex(State())
  private let socket: Int32
  private let seconds: Double

  init(socket: Int32, seconds: Double) {
    self.socket = socket
    self.seconds = seconds
  }

  var hasBitten: Bool { state.withLock { $0.hasBitten } }

  /// Not to be called by two at a time.
  func watch<Value, Failure: Error>(_ call: () throws(Failure) -> Value) throws(Failure) -> Value {
    let wakes = state.withLock { state in
      state.begun = .now()
      defer { state.isAwake = true }
      return !state.isAwake
    }
    if wakes { look(after: seconds) }
    defer { state.withLock { $0.begun = nil } }
    return try call()
  }

  /// One look at a time, however many calls there are meanwhile.
  private func look(after pause: Double) {
    DispatchQueue.global().asyncAfter(deadline: .now() + pause) { [self] in
      let next: Double? = state.withLock { state in
        guard let begun = state.begun else {
          state.isAwake = false
          return nil
        }
        let left = seconds - Double(DispatchTime.now().uptimeNanoseconds - begun.uptimeNanoseconds) / 1e9
        if left <= 0 {
          state.hasBitten = true
          shutdown(socket, Int32(SHUT_RDWR))
        }
        return max(left, 0.1)
      }
      if let next { look(after: next) }
    }
  }
}
