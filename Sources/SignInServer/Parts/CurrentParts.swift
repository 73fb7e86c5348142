internal import Synchronization

/// The parts that are in use. Whoever begins something takes them anew, and keeps them to its end.
final class CurrentParts: Sendable {
  private let current: Mutex<Parts>

  init(_ parts: Parts) { current = Mutex(parts) }

  var parts: Parts { current.withLock { $0 } }
  var service: SignInService { parts.service }

  /// - Returns: those before.
  func replace(by parts: Parts) -> Parts {
    current.withLock { current in
      defer { current = parts }
      return current
    }
  }
}
