import Fixtures
import Foundation
import Testing

@Suite("A SIGHUP while the daemon starts") struct EarlySignalTests {
  @Test("does not end it, and is a reload once it serves")
  func early() async throws {
    try await Slapd.with { slapd in
      // It waits for a directory that does not answer: then it has a socket, and listens nowhere.
      slapd.freeze()
      defer { slapd.thaw() }
      let script = """
        sockets() { ls -l /proc/$$/fd | grep -c socket: || true; }
        before=$(sockets)
        (until [ $(sockets) -gt $before ]; do sleep 0.05; done; kill -HUP $$) & exec "$@"
        """
      let daemon = try Daemon(directory: slapd.uri, mailPort: nil, under: ["/bin/sh", "-c", script, "sh"])
      defer { daemon.end() }
      slapd.thaw()
      try Fixtures.await("the reload") { daemon.log.contains("reloaded") ? true : nil }
    }
  }
}
