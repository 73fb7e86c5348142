import Fixtures
import Foundation
import Secrets
import Testing

/// EC-09: mail goes out beside the reply, which does not tell what became of it.
@Suite("A mail server", .serialized) struct MailServerTests {
  /// What listens where the daemon sends its mail.
  enum Fault: String, CaseIterable {
    case dead, stalling, rejecting, closing

    /// Python's own servers: one that says nothing, one that refuses every recipient, one that hangs up.
    var script: String? {
      let head =
        "import socket,sys\ns=socket.create_server(('127.0.0.1',int(sys.argv[1])))\nheld=[]\nwhile True:\n c,_=s.accept()\n"
      switch self {
      case .dead: return nil
      case .stalling: return head + " held.append(c)\n"
      case .closing: return head + " c.sendall(b'220 x\\r\\n')\n c.close()\n"
      case .rejecting:
        return head
          + " f=c.makefile('rb')\n c.sendall(b'220 x\\r\\n')\n"
          + " for l in f:\n  v=l[:4].upper()\n"
          + "  c.sendall(b'550 no\\r\\n' if v==b'RCPT' else b'221 x\\r\\n' if v==b'QUIT' else b'250 x\\r\\n')\n c.close()\n"
      }
    }
  }

  @Test("that is dead, stalls, refuses or hangs up changes no reply", arguments: Fault.allCases)
  func faulty(fault: Fault) async throws {
    try await Slapd.with { slapd in
      let port = try freePort()
      let folder = try temporaryDirectory()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let server = try fault.script.map {
        try Child(["/usr/bin/python3", "-c", $0, "\(port)"], in: folder, log: "\(folder)/log")
      }
      defer { server?.end() }
      let daemon = try Daemon(directory: slapd.uri, mailPort: port)
      defer { daemon.end() }
      for number in 0..<12 { try slapd.add(Slapd.account("user\(number)")) }
      for number in 0..<12 {
        let client = try daemon.client()
        // The mask is of what was typed: the same for whoever has no account.
        for (login, mask) in [("user\(number)", "u%2A%2A%2A"), ("stranger\(number)", "s%2A%2A%2A")] {
          let asked = try client.send("FIRST \(login)@example.org")
          #expect(asked.hasPrefix("ASK code to=\(mask)%40example.org expires=300 digits=6 echo=on :"), "\(asked)")
        }
      }
      let person = Person("jdoe", secret: try SystemRandom.bytes(20))
      try slapd.seed([person], keys: daemon.keys)
      #expect(try daemon.client().signIn(person, at: daemon.time).hasPrefix("OK signed-in"))
      #expect(try daemon.client().send("PING") == "OK pong")
      #expect(daemon.isAlive)
      if fault != .stalling {
        try Fixtures.await("the mails to be given up") { daemon.log.contains("mail") ? true : nil }
      }
    }
  }
}
