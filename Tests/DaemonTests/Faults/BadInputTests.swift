import Fixtures
import Foundation
import Testing

@Suite("Bad input", .serialized) struct BadInputTests {
  @Test(
    "that can be no line is an ERR, and closes",
    arguments: [
      (Array(repeating: UInt8(ascii: "A"), count: 4097), "ERR line-too-long"),
      (Array("PING\0\n".utf8), "ERR bad-byte"), (Array("\0\n".utf8), "ERR bad-byte"),
      (Array("PI\rNG\n".utf8), "ERR bad-byte"), (Array("PASSWORD \0\n".utf8), "ERR bad-byte"),
    ])
  func noLine(bytes: [UInt8], expected: String) async throws {
    try await House.with { house in
      let client = try house.daemon.client()
      try client.write(bytes)
      #expect(try client.reply().hasPrefix(expected))
      #expect(client.isClosed())
      #expect(try house.daemon.client().send("PING") == "OK pong")
    }
  }

  @Test("of 4,096 bytes is a line")
  func longestLine() async throws {
    try await House.with { house in
      let client = try house.daemon.client()
      #expect(try client.send(String(repeating: "A", count: 4096)).hasPrefix("ERR unknown-verb"))
      #expect(try client.send("PING") == "OK pong")
    }
  }

  @Test("without an end is closed ten seconds after it began, whatever drips in, and idle connections stay")
  func halfALine() async throws {
    try await House.with { house in
      let (idle, half, dripping) = (try house.daemon.client(), try house.daemon.client(), try house.daemon.client())
      try half.write(Array("PIN".utf8))
      let until = Date().addingTimeInterval(30)
      var isClosed = false
      while !isClosed, Date() < until {
        if (try? dripping.write([0x50])) == nil { isClosed = true }
        isClosed = isClosed || dripping.isClosed(within: 0.5)
      }
      #expect(isClosed)
      #expect(half.isClosed(within: 30))
      #expect(try idle.send("PING") == "OK pong")
    }
  }

  @Test("three times in a row closes; a good line between starts anew")
  func threeErrors() async throws {
    try await House.with { house in
      let client = try house.daemon.client()
      for line in ["NONSENSE", "PASSWORD x", "PING", "NONSENSE", "TOTP 1"] { try client.send(line) }
      #expect(try client.send("PING") == "OK pong")
      for _ in 0..<3 { #expect(try client.send("NONSENSE").hasPrefix("ERR unknown-verb")) }
      #expect(client.isClosed())
    }
  }

  @Test("out of turn is an ERR, and changes nothing", arguments: Walk.allCases)
  func outOfTurn(walk: Walk) async throws {
    try await FaultyHouse.with { house in
      let walker = try walk.walker(in: house, "jdoe")
      let answers = [
        "password": "PASSWORD x", "totp": "TOTP 000000", "code": "CODE 000000", "new-password": "NEW-PASSWORD x",
        "confirm-password": "CONFIRM-PASSWORD x", "enrol": "ENROL 000000",
      ]
      while !walker.isOver {
        let reply = walker.reply
        let asked = reply.split(separator: " ").dropFirst().first.map(String.init)
        for (ask, line) in answers where ask != asked {
          #expect(try walker.client.send(line).hasPrefix(asked == nil ? "ERR no-flow" : "ERR out-of-turn"))
          #expect(try walker.client.send("PING") == "OK pong")
        }
        try walker.goOn()
      }
      #expect(walker.reply.hasPrefix(walk.success))
      for factor in ["Password", "OTP", "Forgot", "Code"] {
        #expect(try house.charges("drawbridge\(factor)Tries", of: walker.person) ?? 0 == 0)
      }
    }
  }

  @Test("ahead of its reply waits its turn: replies come in the order of the requests")
  func pipelined() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let client = try house.daemon.client()
      let code = try person.code(at: house.daemon.time)
      let lines = [
        "PING", "SIGNIN \(person.mail)", "PING", "PASSWORD wrong", "PASSWORD \(person.password)", "TOTP \(code)",
        "PING",
        "TOTP \(code)", "QUIT",
      ]
      try client.write(Array((lines.joined(separator: "\n") + "\n").utf8))
      for prefix in [
        "OK pong", "ASK password", "OK pong", "ASK password echo=off refused=wrong", "ASK totp", "OK signed-in",
        "OK pong", "ERR no-flow", "OK bye",
      ] { #expect(try client.reply().hasPrefix(prefix)) }
      #expect(client.isClosed())
    }
  }

  @Test("by clients that go away at any step disturbs nobody, and leaves nothing open", arguments: Walk.allCases)
  func goneAtEachStep(walk: Walk) async throws {
    try await FaultyHouse.with { house in
      let witness = try walk.walker(in: house, "witness")
      // What the daemon opens once, with its first flow and its first mail, stays open: it is no connection.
      let first = try walk.walker(in: house, "first")
      while !first.isOver { try first.goOn() }
      let open = try house.connections()
      for round in 0..<50 {
        let walker = try walk.walker(in: house, "user\(round)")
        for _ in 0..<(round % (walk.asks.count + 1)) { try walker.goOn() }
        let line = Array((try walker.next() + "\n").utf8)
        // Whole, and gone before the reply; or in the middle of the line.
        try walker.client.write(round.isMultiple(of: 3) ? line.dropLast(2) : line[...])
      }
      try Fixtures.await("the connections to be closed", within: 60) { try house.connections() <= open ? true : nil }
      while !witness.isOver { try witness.goOn() }
      #expect(witness.reply.hasPrefix(walk.success), "\(witness.reply)")
    }
  }
}

extension FaultyHouse {
  /// Sockets that the daemon holds, those to slapd and to the mail server among them.
  fileprivate func connections() throws -> Int {
    let folder = "/proc/\(daemon.pid)/fd"
    return try FileManager.default.contentsOfDirectory(atPath: folder).count {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasPrefix("socket:") ?? false
    }
  }
}
