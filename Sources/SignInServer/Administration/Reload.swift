internal import Wire

extension Administration {
  /// `RELOAD`: what holds from now on, or why nothing does.
  func reload(for peer: Peer) async -> Reply {
    switch await reloading.reload(for: peer) {
    case .reloaded(let changed, let restart):
      let fields = [("changed", changed), ("restart", restart)].filter { !$0.1.isEmpty }
        .map { Field($0.0, $0.1.joined(separator: ",")) }
      return .ok("reloaded", fields)
    case .refused(let reason): return .no("bad-configuration", text: reason)
    }
  }
}
