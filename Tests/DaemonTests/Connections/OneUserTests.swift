import Fixtures
import Foundation
import Testing

@Suite("One user of the host", .serialized, .enabled(if: geteuid() == 0)) struct OneUserTests {
  @Test(
    "has a quarter of the places unless told otherwise, and root is served meanwhile",
    arguments: [("", 4), ("connections-per-uid-max = 2\n", 2), ("trusted-uids = [\(OtherUser.uid)]\n", 16)])
  func places(setting: String, expected: Int) async throws {
    let settings = "[limits]\nconnections-max = 16\nrefusal-floor = \"20ms\"\n\(setting)"
    try await House.with(settings: settings) { house in
      let other = try OtherUser(at: house.daemon)
      defer { other.end() }
      var clients: [LineClient] = []
      for _ in 0..<expected {
        clients.append(try other.client())
        #expect(try clients.last?.readLine().hasPrefix("OK ready") == true, "\(clients.count)")
      }
      let beyond = try other.client()
      #expect(try beyond.readLine().hasPrefix("LATER busy"))
      #expect(beyond.isClosed())
      if expected < 16 { #expect(try house.daemon.client().send("PING") == "OK pong") }
      #expect(try house.daemon.adminClient().send("SWEEP").hasPrefix("OK"))
      // Who leaves makes room.
      clients.removeLast()
      try Fixtures.await("a free place") { try other.client().readLine().hasPrefix("OK ready") ? true : nil }
    }
  }

  @Test("who keeps a connection idle is let go; neither root is, nor who is in a flow")
  func idle() async throws {
    try await House.with(settings: "[limits]\nidle-timeout = \"10s\"\nrefusal-floor = \"20ms\"\n") { house in
      let other = try OtherUser(at: house.daemon)
      defer { other.end() }
      let (idle, walking, root) = (try other.client(), try other.client(), try house.daemon.client())
      for client in [idle, walking] { #expect(try client.readLine().hasPrefix("OK ready")) }
      #expect(try walking.send("SIGNIN jdoe@example.org").hasPrefix("ASK password"))
      #expect(try idle.send("PING") == "OK pong")
      #expect(idle.isClosed(within: 40))
      #expect(try walking.send("PASSWORD wrong").contains(" refused=wrong"))
      #expect(try root.send("PING") == "OK pong")
    }
  }
}
