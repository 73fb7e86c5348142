import Dispatch
import Fixtures
import Synchronization

/// The next MODIFY of an account by a daemon, stopped on its way to slapd: between what the daemon has read and what it decides,
/// anything can then be done by others.
final class HeldChange: Sendable {
  private let arrived = DispatchSemaphore(value: 0)
  private let released = DispatchSemaphore(value: 0)

  init(in proxy: FaultProxy) {
    let isTaken = Mutex(false)
    let (arrived, released) = (arrived, released)
    proxy.setRule { frame in
      let isFirst = isTaken.withLock { isTaken in
        guard frame.operation == .modifyRequest, !isTaken, !frame.names("drawbridgeSweepBegun") else { return false }
        isTaken = true
        return true
      }
      if isFirst {
        arrived.signal()
        _ = released.wait(timeout: .now() + 30)
      }
      return .pass
    }
  }

  /// The daemons of these tests wait longer for slapd than a change is held.
  static let directorySettings = "operation-timeout = \"40s\"\ntotal-timeout = \"90s\"\n"

  func waitUntilHeld() throws {
    guard arrived.wait(timeout: .now() + 20) == .success else { throw FixtureError("no MODIFY came") }
  }

  func release() { released.signal() }
}

extension LDAPFrame {
  fileprivate func names(_ attribute: String) -> Bool {
    let name = Array(attribute.utf8)
    return bytes.indices.contains { bytes[$0...].starts(with: name) }
  }
}
