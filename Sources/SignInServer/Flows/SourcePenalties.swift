internal import Glibc
internal import Synchronization

/// Where a user comes from: an address that a trusted peer vouches for, or else the peer's own, or its Unix user.
enum Source: Hashable, Sendable {
  case address([UInt8])
  case user(UInt32)

  private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

  /// Nil for a trusted peer that names no address: it speaks for many.
  init?(from: [UInt8]?, peer: Peer) {
    switch (peer.isTrusted, peer.origin) {
    case (false, .local(let uid, _)): self = .user(uid)
    case (false, .remote(let address, _, _)): self.init(address: Array(address.utf8))
    case (true, _):
      guard let from else { return nil }
      self.init(address: from)
    }
  }

  /// An IPv4 address counts as itself, also where it is written as an IPv6 one (RFC 4291, section 2.5.5.2), an IPv6
  /// address as its network of 64 bits: one host has all of that. What is no address is a source of its own.
  init(address from: [UInt8]) {
    let text = from.prefix(64).map { CChar(bitPattern: $0) } + [0]
    var network = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET6, text, &network) == 1 {
      let isMapped = network.starts(with: Self.mappedPrefix)
      self = .address(isMapped ? Array(network.suffix(4)) : Array(network.prefix(8)))
    } else if inet_pton(AF_INET, text, &network) == 1 {
      self = .address(Array(network.prefix(4)))
    } else {
      self = .address(Array(from.prefix(64)))
    }
  }
}

/// Sources that keep failing, or keep asking for mails, are kept waiting before any account is looked at: five seconds
/// for each wrong answer and each mail, once there are fifteen of them, and ten minutes at the most (as OpenSSH's PerSourcePenalties). Each daemon counts
/// for itself.
final class SourcePenalties: Sendable {
  private static let secondsEach = 5.0
  private static let secondsMin = 15.0
  private static let secondsMax = 600.0
  static let sourcesMax = 65_536

  /// When the penalty of a source is served.
  private let served = Mutex<[Source: ContinuousClock.Instant]>([:])

  /// Whole seconds that the source must still wait; nil where it need not.
  func wait(_ source: Source, at now: ContinuousClock.Instant) -> Int64? {
    guard let until = served.withLock({ $0[source] }) else { return nil }
    let left = now.duration(to: until)
    return left >= .seconds(Self.secondsMin) ? left.components.seconds + 1 : nil
  }

  /// Sources that have to wait.
  func countWaiting(at now: ContinuousClock.Instant) -> Int {
    served.withLock { $0.values.count { now.duration(to: $0) >= .seconds(Self.secondsMin) } }
  }

  func charge(_ source: Source, at now: ContinuousClock.Instant) {
    served.withLock { served in
      if served.count >= Self.sourcesMax, served[source] == nil {
        served = served.filter { $0.value > now }
        // Full of sources that are still waiting: a newcomer must not push one of them out.
        guard served.count < Self.sourcesMax else { return }
      }
      let until = max(served[source] ?? now, now) + .seconds(Self.secondsEach)
      served[source] = min(until, now + .seconds(Self.secondsMax))
    }
  }
}
