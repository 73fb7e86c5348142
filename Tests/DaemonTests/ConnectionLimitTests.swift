import Fixtures
import Testing

@Suite("Connections") struct ConnectionLimitTests {
  @Test("beyond the limit a client is told so, and the others do not notice")
  func limit() async throws {
    try await House.with(settings: "[limits]\nconnections-max = 100\nrefusal-floor = \"20ms\"") { house in
      let clients = try (0..<100).map { _ in try house.daemon.client() }
      let beyond = try LineClient(house.daemon.signin, greeting: false)
      #expect(try beyond.readLine().hasPrefix("LATER busy"))
      #expect(beyond.isClosed())
      #expect(try clients[99].send("PING") == "OK pong")
    }
  }

  @Test("with few file descriptors, 200 connections neither end the daemon nor keep it busy")
  func descriptors() async throws {
    try await Slapd.with { slapd in
      let daemon = try Daemon(directory: slapd.uri, mailPort: nil, under: ["prlimit", "--nofile=96:96"])
      defer { daemon.end() }
      let person = Person("jdoe", secret: Array("secret-of-jdoe-secret".utf8.prefix(20)))
      try slapd.seed([person], keys: daemon.keys)
      do {
        let clients = try (0..<200).map { _ in try LineClient(daemon.signin, greeting: false) }
        let greeted = try clients.filter { try $0.readLine().hasPrefix("OK ready") }
        #expect((1...32).contains(greeted.count))
        #expect(try greeted[0].signIn(person, at: daemon.time).hasPrefix("OK signed-in"))
      }
      try Fixtures.await("a free place") {
        try LineClient(daemon.signin, greeting: false).readLine().hasPrefix("OK ready") ? true : nil
      }
      #expect(daemon.log.contains("LimitNOFILE"))
    }
  }
}
