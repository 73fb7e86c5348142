internal import Configuration
internal import Synchronization

/// How many connections there may be at a time. Administrators have places of their own, and no single user of the host
/// takes all the others; root, the daemon's own user and listed ones speak for many, and are not held to it.
final class Admission: Sendable {
  static let adminConnectionsMax = 64

  private struct Counts {
    var administrators = 0
    var others = 0
    var byUID: [UInt32: Int] = [:]
  }

  private let counts = Mutex(Counts())
  let connectionsMax: Int
  private let perUIDMax: Int

  init(connectionsMax: Int, perUIDMax: Int?) {
    self.connectionsMax = connectionsMax
    self.perUIDMax = perUIDMax ?? max(1, connectionsMax / 4)
  }

  func enter(_ peer: Peer) -> Bool {
    counts.withLock { counts in
      let pool = Self.pool(peer)
      guard counts[keyPath: pool] < (peer.role == .admin ? Self.adminConnectionsMax : connectionsMax),
        peer.isTrusted || counts.byUID[peer.uid, default: 0] < perUIDMax
      else { return false }
      counts[keyPath: pool] += 1
      counts.byUID[peer.uid, default: 0] += 1
      return true
    }
  }

  /// Connections that are open now, of all sockets.
  var count: Int { counts.withLock { $0.administrators + $0.others } }

  func leave(_ peer: Peer) {
    counts.withLock { counts in
      counts[keyPath: Self.pool(peer)] -= 1
      let left = counts.byUID[peer.uid, default: 1] - 1
      counts.byUID[peer.uid] = left > 0 ? left : nil
    }
  }

  private static func pool(_ peer: Peer) -> WritableKeyPath<Counts, Int> {
    peer.role == .admin ? \.administrators : \.others
  }
}
