import Fixtures
import Testing

@Suite("Replies that are not read", .serialized) struct UnreadRepliesTests {
  @Test("keep nobody waiting, and whoever leaves them is let go", arguments: ["PING\n", "HELP\n"])
  func unread(line: String) async throws {
    try await House.with { house in
      let lines = Array(String(repeating: line, count: 16_000).utf8)
      // As the kernel takes them, in one go: what the daemon does not read, waits there.
      let mute = try (0..<20).map { _ in try LineClient(house.daemon.signin, greeting: false) }
      for client in mute { try client.write(lines) }
      let person = try house.people("jdoe")[0]
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      for client in mute { #expect(client.isHungUp(within: 40)) }
      #expect(try house.daemon.client().send("PING") == "OK pong")
    }
  }
}
