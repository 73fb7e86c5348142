import Dispatch
import Synchronization
import Testing

@testable import SignInServer

/// OP-01, OP-02: a flood of passwords takes no more memory at once than the threads do, and waits in a bounded queue.
@Suite("The threads that hash") struct HashingBoundTests {
  private static let threads = 2
  private static let waitingMax = 8

  /// Work that goes on until it is let go, and what became of it.
  private final class Work: Sendable {
    private struct Counts {
      var running = 0
      var mostAtOnce = 0
      var done = 0
      var turnedAway = 0
    }
    private let counts = Mutex(Counts())
    private let gate = DispatchSemaphore(value: 0)

    var running: Int { counts.withLock { $0.running } }
    var mostAtOnce: Int { counts.withLock { $0.mostAtOnce } }
    var done: Int { counts.withLock { $0.done } }
    var turnedAway: Int { counts.withLock { $0.turnedAway } }

    /// Whoever was taken on runs; the others were turned away.
    func submit(_ count: Int, to hashing: HashingThreads, in group: inout TaskGroup<Void>) {
      for _ in 0..<count {
        group.addTask {
          do {
            try await hashing.run(for: nil) { self.run() }
          } catch {
            self.counts.withLock { $0.turnedAway += 1 }
          }
        }
      }
    }

    private func run() {
      counts.withLock {
        $0.running += 1
        $0.mostAtOnce = max($0.mostAtOnce, $0.running)
      }
      gate.wait()
      counts.withLock {
        $0.running -= 1
        $0.done += 1
      }
    }

    func letGo(_ count: Int) { for _ in 0..<count { gate.signal() } }
  }

  @Test("are no more than there are; so many wait, and the next is turned away", .timeLimit(.minutes(1)))
  func bounded() async {
    let hashing = HashingThreads(threads: Self.threads, waitingMax: Self.waitingMax)
    let work = Work()
    let (places, beyond) = (Self.threads + Self.waitingMax, 3)
    await withTaskGroup(of: Void.self) { group in
      work.submit(places + beyond, to: hashing, in: &group)
      // Each of them either runs, waits or was turned away; the last to be is told so when all places are taken.
      while work.turnedAway < beyond, work.running <= Self.threads, !Task.isCancelled { await Task.yield() }
      #expect(work.turnedAway == beyond)
      #expect(work.mostAtOnce <= Self.threads)
      work.letGo(places + beyond)
    }
    #expect(work.done == places)
    #expect(work.mostAtOnce == Self.threads)
  }
}
