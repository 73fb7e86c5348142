internal import Configuration
internal import Synchronization

/// How many connections there may be at a time. Administrators have places of their own. No single user of the host
/// takes all the others; root, the daemon's own user and listed ones speak for many, and are not held to it. Half of
/// them are kept for this host, whatever comes over the network.
final class Admission: Sendable {
  static let adminConnectionsMax = 64
  /// Of those who read metrics.
  static let observersMax = 8

  private struct Counts {
    var administrators = 0
    var observers = 0
    var others = 0
    /// Of the others.
    var remote = 0
    var byUID: [UInt32: Int] = [:]
    var byRole: [Listener.Role: Int] = [:]
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
      guard hasPlace(peer, counts) else { return false }
      count(peer, 1, in: &counts)
      return true
    }
  }

  /// Connections that are open now, of all sockets.
  var count: Int { counts.withLock { $0.administrators + $0.others } }

  func counts(of role: Listener.Role) -> Int { counts.withLock { $0.byRole[role, default: 0] } }

  func leave(_ peer: Peer) { counts.withLock { count(peer, -1, in: &$0) } }

  private func hasPlace(_ peer: Peer, _ counts: Counts) -> Bool {
    switch (peer.role, peer.origin) {
    case (.metrics, _): counts.observers < Self.observersMax
    case (.admin, .remote): counts.administrators < Self.adminConnectionsMax
    case (_, .remote): counts.others < connectionsMax && counts.remote < max(1, connectionsMax / 2)
    case (.admin, .local(let uid, _)):
      counts.administrators < Self.adminConnectionsMax && mayHaveMore(uid, peer, counts)
    case (_, .local(let uid, _)): counts.others < connectionsMax && mayHaveMore(uid, peer, counts)
    }
  }

  private func mayHaveMore(_ uid: UInt32, _ peer: Peer, _ counts: Counts) -> Bool {
    peer.isTrusted || counts.byUID[uid, default: 0] < perUIDMax
  }

  private func count(_ peer: Peer, _ difference: Int, in counts: inout Counts) {
    counts.byRole[peer.role, default: 0] += difference
    switch peer.role {
    // They come and go, and are no user's.
    case .metrics:
      counts.observers += difference
      return
    case .admin: counts.administrators += difference
    case .signin, .saslauthd, .dovecot: counts.others += difference
    }
    switch peer.origin {
    case .remote: if peer.role != .admin { counts.remote += difference }
    case .local(let uid, _):
      let number = counts.byUID[uid, default: 0] + difference
      counts.byUID[uid] = number > 0 ? number : nil
    }
  }
}
