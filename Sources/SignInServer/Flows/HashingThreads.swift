internal import Dispatch

/// The threads on which passwords are hashed: one a core, never an event loop, and a bounded queue before them, of which
/// one source gets a quarter at the most. Memory-hard hashing takes memory and time by design, so this is where a flood
/// is turned away.
actor HashingThreads {
  private let queue = DispatchQueue(label: "hashing", attributes: .concurrent)
  private let threads: Int
  private let waitingMax: Int
  private let metrics: Metrics
  private var running = 0
  private var waiting: [(source: Source?, turn: CheckedContinuation<Void, Never>)] = []
  private var waitingBySource: [Source: Int] = [:]

  init(threads: Int, waitingMax: Int, metrics: Metrics = Metrics()) {
    self.threads = threads
    self.waitingMax = waitingMax
    self.metrics = metrics
  }

  struct Crowded: Error {}

  var load: (threads: Int, running: Int, waiting: Int) { (threads, running, waiting.count) }

  /// - Parameter source: nil for a peer that speaks for many.
  func run<Value: Sendable>(
    for source: Source?, _ work: @escaping @Sendable () -> Value
  ) async throws(Crowded) -> Value {
    let came = ContinuousClock.now
    if running < threads {
      running += 1
    } else {
      let sourceMax = max(1, waitingMax / 4)
      guard waiting.count < waitingMax, source.map({ waitingBySource[$0, default: 0] < sourceMax }) ?? true else {
        metrics.count { $0.hashesRefused.add() }
        throw Crowded()
      }
      if let source { waitingBySource[source, default: 0] += 1 }
      await withCheckedContinuation { waiting.append((source, $0)) }  // woken by whoever hands over its place
    }
    defer { handOver() }
    let begun = ContinuousClock.now
    let value = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: work()) }
    }
    metrics.count {
      $0.hashWait.add(begun - came)
      $0.hashDuration.add(.now - begun)
    }
    return value
  }

  private func handOver() {
    guard !waiting.isEmpty else {
      running -= 1
      return
    }
    let next = waiting.removeFirst()
    if let source = next.source {
      let left = waitingBySource[source, default: 1] - 1
      waitingBySource[source] = left > 0 ? left : nil
    }
    next.turn.resume()
  }
}
