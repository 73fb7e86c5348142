internal import Configuration
internal import Synchronization

/// Places for connections over TLS whose user is not known yet, as OpenSSH's MaxStartups gives them: from `start` on,
/// `percent` of new ones are refused, more with each further one, and from `full` on all. No source has more than some
/// of them, and of the connections that follow.
final class StartupPlaces: Sendable {
  private struct Counts {
    var unknown = 0
    /// No longer than the connections that are open.
    var bySource: [Source: Int] = [:]
  }

  private let counts = Mutex(Counts())
  private let limits: Mutex<(startups: Startups, perSourceMax: Int)>
  private let percent: @Sendable () -> Int

  /// - Parameter percent: draws one of 0–99.
  init(
    _ startups: Startups, perSourceMax: Int, percent: @escaping @Sendable () -> Int = { Int.random(in: 0..<100) }
  ) {
    limits = Mutex((startups, perSourceMax))
    self.percent = percent
  }

  func adapt(_ startups: Startups, perSourceMax: Int) { limits.withLock { $0 = (startups, perSourceMax) } }

  /// Nil where there is none for this source now.
  func enter(_ source: Source) -> StartupPlace? {
    let (startups, perSourceMax) = limits.withLock { $0 }
    let isIn = counts.withLock { counts in
      guard counts.bySource[source, default: 0] < perSourceMax, !isRefused(counts.unknown, startups) else {
        return false
      }
      counts.unknown += 1
      counts.bySource[source, default: 0] += 1
      return true
    }
    return isIn ? StartupPlace(self, source) : nil
  }

  /// The chance to be refused rises from `percent` at `start` to all at `full`.
  private func isRefused(_ unknown: Int, _ startups: Startups) -> Bool {
    guard unknown >= startups.start else { return false }
    guard unknown < startups.full else { return true }
    let rise = (100 - startups.percent) * (unknown - startups.start) / (startups.full - startups.start)
    return percent() < startups.percent + rise
  }

  fileprivate func forget(unknown: Bool, source: Source?) {
    counts.withLock { counts in
      if unknown { counts.unknown -= 1 }
      guard let source else { return }
      let left = counts.bySource[source, default: 1] - 1
      counts.bySource[source] = left > 0 ? left : nil
    }
  }
}

/// The place of one connection; each change is made once.
final class StartupPlace: Sendable {
  private let places: StartupPlaces
  private let source: Source
  private let counted = Mutex((unknown: true, source: true))

  fileprivate init(_ places: StartupPlaces, _ source: Source) {
    self.places = places
    self.source = source
  }

  /// Its user is known: by a good certificate, or a sign-in.
  func isKnown() { giveUp(source: false) }

  /// It speaks for many, or has ended.
  func leave() { giveUp(source: true) }

  private func giveUp(source isToo: Bool) {
    let (unknown, isSource) = counted.withLock { counted in
      let given = (counted.unknown, isToo && counted.source)
      counted = (false, counted.source && !isToo)
      return given
    }
    places.forget(unknown: unknown, source: isSource ? source : nil)
  }
}
