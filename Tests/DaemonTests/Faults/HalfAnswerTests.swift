import Fixtures
import Testing

@Suite("Half an answer of slapd", .serialized) struct HalfAnswerTests {
  /// Each answer that a daemon waits for, and a line that it comes to.
  enum Answer: String, CaseIterable, CustomTestStringConvertible {
    case entry, result, modified

    var testDescription: String { rawValue }
    var operation: LDAPFrame.Operation {
      switch self {
      case .entry: .searchEntry
      case .result: .searchDone
      case .modified: .modifyResponse
      }
    }
  }

  @Test(
    "holds nobody: the flow goes on in time, so do the others, and the daemon ends when it is told to",
    arguments: Answer.allCases)
  func half(answer: Answer) async throws {
    try await FaultyHouse.with(directorySettings: "operation-timeout = \"1s\"\n") { house in
      let walkers = try house.people(["jdoe", "other"]).map { try Walker(.signIn, in: house, $0) }
      try walkers[0].goOn()
      if answer == .modified { try walkers[0].goOn() }
      try walkers[1].goOn()
      house.proxy.resetCounts()
      house.proxy.set(.half(bytes: 8), at: answer.operation, number: 1)
      let line = try walkers[0].next()
      try walkers[0].client.write(Array("\(line)\n".utf8))
      try Fixtures.await("the answer") { house.proxy.count(of: answer.operation) > 0 ? true : nil }
      // A search is made again, and a modification read back; on a new connection, which passes.
      let other = try walkers[1].send("PASSWORD \(walkers[1].person.password)")
      #expect(other.hasPrefix("ASK totp"), "\(other)")
      let reply = try walkers[0].client.reply(within: 15)
      #expect(reply.hasPrefix(answer == .modified ? "OK signed-in" : "ASK totp"), "\(reply)")
      while !walkers[1].isOver { try walkers[1].goOn() }
      #expect(walkers[1].reply.hasPrefix("OK signed-in"))
      try house.daemon.terminate()
    }
  }

  @Test("again and again is LATER, the same for every login, and charges nobody")
  func always() async throws {
    let deadlines = "operation-timeout = \"500ms\"\nconnect-timeout = \"500ms\"\n"
    try await FaultyHouse.with(directorySettings: deadlines) { house in
      let walker = try Walk.signIn.walker(in: house, "jdoe")
      try walker.goOn()
      let stranger = try house.daemon.client()
      #expect(try stranger.send("SIGNIN nobody@example.org").hasPrefix("ASK password"))
      house.proxy.setRule { $0.operation == .searchDone ? .half(bytes: 8) : .pass }
      #expect(try walker.send("PASSWORD wrong").hasPrefix("LATER directory"))
      #expect(try stranger.send("PASSWORD wrong", within: 15).hasPrefix("LATER directory"))
      house.proxy.passAll()
      #expect(try stranger.send("PASSWORD wrong").contains(" refused=wrong left=4"))
      while !walker.isOver { try walker.goOn() }
      #expect(walker.reply.hasPrefix("OK signed-in"))
      #expect(try house.charges("drawbridgePasswordTries", of: walker.person) == nil)
    }
  }
}
