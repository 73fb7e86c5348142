import Fixtures
import Foundation
import Synchronization
import Testing

/// OP-06: who comes in while the daemon ends is let go, and nothing more.
@Suite("A stop", .serialized) struct StopTests {
  /// Tells which process the daemon is, and how it ended.
  private static let wrapper = [
    "python3", "-c",
    """
    import subprocess, sys
    child = subprocess.Popen(sys.argv[1:])
    with open("daemon.pid", "w") as file: file.write(str(child.pid))
    print("ended with", child.wait(), flush=True)
    """,
  ]

  private static func terminate(_ daemon: Daemon) throws {
    let text = try String(contentsOfFile: "\(daemon.directory)/daemon.pid", encoding: .utf8)
    let pid = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(kill(pid, SIGTERM) == 0)
    try Fixtures.await("the daemon's end", within: 60) { daemon.isAlive ? nil : true }
  }

  @Test("while clients connect one after the other is an orderly one, twenty times")
  func clientsMeanwhile() async throws {
    try await Slapd.with { slapd in
      let daemon = try Daemon(directory: slapd.uri, mailPort: nil, under: Self.wrapper)
      defer { daemon.end() }
      for round in 1...20 {
        if round > 1 { try daemon.start() }
        let connected = Mutex(0)
        let isOver = Mutex(false)
        let threads = [daemon.signin, daemon.admin].map { path in
          Thread {
            while !isOver.withLock({ $0 }) {
              if (try? LineClient(path, greeting: false)) != nil { connected.withLock { $0 += 1 } }
            }
          }
        }
        for thread in threads { thread.start() }
        defer { isOver.withLock { $0 = true } }
        try Fixtures.await("clients") { connected.withLock { $0 } >= 20 ? true : nil }
        try Self.terminate(daemon)
        #expect(!daemon.log.contains("Fatal error"), "\(daemon.log)")
        #expect(daemon.log.components(separatedBy: "ended with 0\n").count == round + 1, "\(daemon.log)")
      }
    }
  }
}
