import Fixtures
import Foundation
import Testing

/// PR-10, PR-07: what is no handshake gets nothing, holds nothing for long, and disturbs nobody.
@Suite("What is no handshake", .serialized) struct TLSHandshakeTests {
  private func house(_ body: (TLSListener, House) async throws -> Void) async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    let settings = "[limits]\nconnections-per-source-max = 100\nrefusal-floor = \"20ms\"\n" + listener.table()
    try await House.with(settings: settings) { try await body(listener, $0) }
  }

  @Test(
    "gets no word of the protocol",
    arguments: ["PING\nSIGNIN a@b.example\n", "GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}garbage", "\0\0\0\0"])
  func garbage(bytes: String) async throws {
    try await house { listener, house in
      let heard = try listener.raw(bytes)
      #expect(!heard.contains("OK") && !heard.contains("ERR") && !heard.contains("ASK"), "\(heard)")
      #expect(house.daemon.isAlive)
      #expect(try listener.ask(["PING"]).output.contains("OK pong"))
    }
  }

  @Test("is let go at its deadline, begun or not, while others are served")
  func half() async throws {
    try await house { listener, house in
      let door = try listener.door(isBare: true)
      let silent = try LineClient(door, greeting: false)
      let begun = try LineClient(door, greeting: false)
      // The head of a record, and less of a ClientHello than it announces (RFC 8446, section 5.1).
      try begun.write([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03])
      #expect(try listener.ask(["PING"]).output.contains("OK pong"))
      #expect(begun.isClosed(within: 60))
      #expect(silent.isClosed(within: 60))
      #expect(try listener.ask(["PING"]).output.contains("OK pong"))
      #expect(try house.daemon.client().send("PING") == "OK pong")
    }
  }

  @Test("and what is cut off at any byte, or followed by noise, ends no daemon")
  func cut() async throws {
    try await house { listener, house in
      let path = "\(repository)/Tests/DaemonTests/TLS/cut.py"
      let run = try Command.run("python3", [path, "\(listener.port)", listener.certificates.authority], within: 300)
      #expect(run.status == 0, "\(run.errors)")
      #expect(house.daemon.isAlive, "\(house.daemon.log.suffix(2000))")
      try Fixtures.await("a place") { try listener.ask(["PING"]).output.contains("OK pong") ? true : nil }
    }
  }

  @Test("a line that was begun has its deadline over TLS, too")
  func slowLine() async throws {
    try await house { listener, _ in
      let client = try LineClient(try listener.door())
      try client.write(Array("PIN".utf8))
      #expect(client.isClosed(within: 60))
    }
  }
}
