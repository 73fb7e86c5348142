import Dispatch
import Synchronization
import Testing

@testable import SignInServer

@Suite("Hashing threads") struct HashingThreadsTests {
  /// Works that run until they are let go.
  private final class Works: Sendable {
    let threads: HashingThreads
    private let released = DispatchSemaphore(value: 0)
    private let outcomes = Mutex<(done: Int, crowded: [Source?])>((0, []))

    init(threads: Int, waitingMax: Int) { self.threads = HashingThreads(threads: threads, waitingMax: waitingMax) }

    func submit(_ count: Int, for source: Source?, in group: inout ThrowingDiscardingTaskGroup<any Error>) {
      for _ in 0..<count {
        group.addTask { [self] in
          do {
            try await threads.run(for: source) { [self] in released.wait() }
            outcomes.withLock { $0.done += 1 }
          } catch {
            outcomes.withLock { $0.crowded.append(source) }
          }
        }
      }
    }

    var crowded: [Source?] { outcomes.withLock { $0.crowded } }
    var done: Int { outcomes.withLock { $0.done } }
    func release(_ count: Int) { for _ in 0..<count { released.signal() } }
  }

  private static func wait(for condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while !condition() {
      try #require(ContinuousClock.now < deadline)
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test("let one source wait in a quarter of the places, and others in the rest")
  func quarter() async throws {
    let works = Works(threads: 2, waitingMax: 16)
    let (flood, other) = (Source.user(1), Source.address([2]))
    try await withThrowingDiscardingTaskGroup { group in
      defer { works.release(30) }
      // Two run, four wait, and four are turned away.
      works.submit(10, for: flood, in: &group)
      try await Self.wait { works.crowded.count == 4 }
      works.submit(4, for: other, in: &group)
      works.submit(8, for: nil, in: &group)
      works.submit(1, for: nil, in: &group)
      try await Self.wait { works.crowded.count == 5 }
      #expect(works.crowded.prefix(4).allSatisfy { $0 == flood })
      // A place that comes free is anybody's again, the flood's among them.
      works.release(6)
      try await Self.wait { works.done == 6 }
      works.submit(4, for: flood, in: &group)
      works.release(20)
      try await Self.wait { works.done == 22 }
      #expect(works.crowded.count == 5)
    }
  }
}
