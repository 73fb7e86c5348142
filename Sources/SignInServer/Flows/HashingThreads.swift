internal import Dispatch

/// The threads on which passwords are hashed: one a core, never an event loop, and a bounded queue before them.
/// Memory-hard hashing takes memory and time by design, so this is where a flood is turned away.
actor HashingThreads {
  private let queue = DispatchQueue(label: "hashing", attributes: .concurrent)
  private let threads: Int
  private let waitingMax: Int
  private var running = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(threads: Int, waitingMax: Int) {
    self.threads = threads
    self.waitingMax = waitingMax
  }

  struct Crowded: Error {}

  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(Crowded) -> Value {
    if running < threads {
      running += 1
    } else {
      guard waiting.count < waitingMax else { throw Crowded() }
      await withCheckedContinuation { waiting.append($0) }  // woken by whoever hands over its place
    }
    defer {
      if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
    }
    return await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: work()) }
    }
  }
}
