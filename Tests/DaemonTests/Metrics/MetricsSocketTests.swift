import Fixtures
import Foundation
import Testing

@Suite("The socket of the metrics", .serialized) struct MetricsSocketTests {
  @Test("is its owner's and its group's, and answers GET /metrics alone")
  func answers() async throws {
    try await MetricsHouse.with { house in
      let mode = try FileManager.default.attributesOfItem(atPath: house.socket)[.posixPermissions] as? Int
      #expect(mode == 0o660)
      #expect(try house.curl("/").status == "404")
      #expect(try house.curl("/metrics/").status == "404")
      #expect(try house.curl("/metrics?name=x").status == "200")
      #expect(try house.curl("/metrics", "-X", "POST", "-d", "x").status == "405")
      #expect(try house.curl("/metrics", "--http1.0").status == "200")
      let head = try house.curl("/metrics", "--head")
      #expect(head.status == "200" && !head.body.contains("drawbridge_"))
      // No socket of the line protocol.
      for line in ["METRICS", "STATUS", "SIGNIN jdoe@example.org"] {
        let client = try LineClient(house.socket, greeting: false)
        try client.write(Array("\(line)\n\n".utf8))
        #expect(try client.readLine() == "HTTP/1.1 400 Bad Request\r")
        #expect(client.isClosed())
      }
    }
  }

  @Test("lets go who sends no request, too much of one, or reads nothing; signing in goes on meanwhile")
  func hostile() async throws {
    try await MetricsHouse.with { house in
      let person = try house.house.people("jdoe")[0]
      let silent = try (0..<3).map { _ in try LineClient(house.socket, greeting: false) }
      let mute = try (0..<5).map { _ in try LineClient(house.socket, greeting: false) }
      for client in mute { try client.write(Array("GET /metrics HTTP/1.1\r\nHost: x\r\n".utf8)) }
      try house.daemon.awaitMetric("drawbridge_connections", [("role", "metrics")]) { $0 == 8 }
      // One more finds no place, and is told.
      #expect(try LineClient(house.socket, greeting: false).readLine() == "HTTP/1.1 503 Service Unavailable\r")
      #expect(try house.daemon.metrics()["drawbridge_connections_refused_total", [("reason", "full")]] == 1)
      // They take no place of who signs in, nor of an administrator.
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      #expect(try house.daemon.adminClient().send("PING") == "OK pong")
      for client in silent + mute { #expect(client.isHungUp(within: 40)) }
      try house.daemon.awaitMetric("drawbridge_connections", [("role", "metrics")]) { $0 == 0 }

      let long = try LineClient(house.socket, greeting: false)
      try? long.write(Array("GET /metrics HTTP/1.1\r\nX: \(String(repeating: "x", count: 20_000))".utf8))
      #expect(try long.readLine() == "HTTP/1.1 400 Bad Request\r")
      #expect(try house.curl().status == "200")
    }
  }

  @Test("reads on when many scrape at once, each of them served or told to come again")
  func many() async throws {
    try await MetricsHouse.with { house in
      let statuses = try await withThrowingTaskGroup(of: String.self) { group in
        // One that finds no place may be gone before curl has asked.
        for _ in 0..<40 { group.addTask { (try? house.curl().status) ?? "503" } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.count == 40 && statuses.allSatisfy { ["200", "503"].contains($0) }, "\(statuses)")
      #expect(statuses.contains("200"))
      #expect(try house.curl().status == "200")
    }
  }
}
