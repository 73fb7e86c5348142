import Fixtures
import Foundation
import Testing

/// PR-04: what comes over the network takes no place from this host, and no source all of the others.
@Suite("Places over TLS", .serialized) struct TLSAdmissionTests {
  private func with(
    _ limits: String, portalBy whether: String? = nil, _ body: (TLSListener, House) async throws -> Void
  ) async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try listener.certificates.issue("portal", name: "DNS:portal.example.org")
    let portal = whether.map { listener.clients($0, trusted: ["portal.example.org"]) } ?? ""
    let settings = "[limits]\nrefusal-floor = \"20ms\"\n\(limits)\n" + listener.table(portal)
    try await House.with(settings: settings) { try await body(listener, $0) }
  }

  private func opened(_ path: String, _ count: Int) -> [LineClient] {
    (0..<count).compactMap { _ in try? LineClient(path) }
  }

  @Test("a source has so many and no more, and gets one back for each that it gives up")
  func perSource() async throws {
    try await with("connections-per-source-max = 3") { listener, house in
      let door = try listener.door()
      var clients = opened(door, 5)
      #expect(clients.count == 3)
      #expect(try clients[2].send("PING") == "OK pong")
      let elsewhere = try Command.run(
        "socat", ["-t", "20", "-", "OPENSSL:127.0.0.1:\(listener.port),verify=0,bind=127.0.0.2"], input: "PING\nQUIT\n")
      #expect(elsewhere.output.contains("OK pong"), "\(elsewhere.errors)")
      #expect(try house.daemon.client().send("PING") == "OK pong")
      clients.removeLast()
      try Fixtures.await("a place") { opened(door, 1).isEmpty ? nil : true }
    }
  }

  @Test("of one with a listed certificate are not counted")
  func trusted() async throws {
    try await with("connections-per-source-max = 3\nstartups = \"3:100:3\"", portalBy: "optional") { listener, _ in
      let portal = opened(try listener.door(as: "portal"), 12)
      #expect(portal.count == 12)
      #expect(try opened(listener.door(), 5).count == 3)
    }
  }

  @Test("those whose user is not known are refused from a number on; a sign-in makes one known")
  func startups() async throws {
    try await with("connections-per-source-max = 100\nstartups = \"4:100:4\"") { listener, house in
      let person = try house.people("jdoe")[0]
      let door = try listener.door()
      let clients = opened(door, 6)
      #expect(clients.count == 4)
      #expect(try house.daemon.client().send("PING") == "OK pong")
      #expect(try clients[0].signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      #expect(opened(door, 3).count == 1)
      #expect(try clients[0].send("PING") == "OK pong")
    }
  }

  @Test("half of all connections are kept for this host")
  func half() async throws {
    try await with("connections-max = 8\nconnections-per-uid-max = 8", portalBy: "required") { listener, house in
      let door = try listener.door(as: "portal")
      let remote = opened(door, 4)
      #expect(remote.count == 4)
      let beyond = try LineClient(door, greeting: false)
      #expect(try beyond.readLine().hasPrefix("LATER busy"))
      let local = try (0..<4).map { _ in try house.daemon.client() }
      #expect(try local[3].send("PING") == "OK pong")
      #expect(try LineClient(house.daemon.signin, greeting: false).readLine().hasPrefix("LATER busy"))
      #expect(try remote[3].send("PING") == "OK pong")
    }
  }
}
