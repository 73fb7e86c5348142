import Fixtures
import Testing

@Suite("NO locked", .serialized) struct LockedReplyTests {
  private func lock(_ login: String, _ daemon: Daemon) throws {
    let client = try daemon.client()
    try client.send("SIGNIN \(login)")
    for _ in 0..<5 { try client.send("PASSWORD wrong") }
  }

  @Test("comes no sooner than any refusal, whoever asks")
  func heldBack() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"300ms\"\n") { house in
      for login in [try house.people("jdoe")[0].mail, "nobody@example.org"] {
        try lock(login, house.daemon)
        let client = try house.daemon.client()
        for _ in 0..<3 {
          #expect(try client.send("SIGNIN \(login)").hasPrefix("ASK password"))
          let begun = ContinuousClock.now
          #expect(try client.send("PASSWORD wrong").hasPrefix("NO locked after="))
          #expect(ContinuousClock.now - begun >= .milliseconds(300), "\(login)")
        }
      }
    }
  }

  @Test("costs the source that keeps asking, until no account is looked at any more", arguments: [true, false])
  func costs(isKnown: Bool) async throws {
    try await House.with { house in
      let login = isKnown ? try house.people("jdoe")[0].mail : "nobody@example.org"
      try lock(login, house.daemon)
      let client = try house.daemon.client()
      // Four of five seconds each are more than the fifteen that a source has free.
      var asked = 0
      while try client.send("SIGNIN \(login) from=198.51.100.7").hasPrefix("ASK password"), asked < 10 {
        asked += 1
        #expect(try client.send("PASSWORD wrong").hasPrefix("NO locked after="))
      }
      #expect((3...5).contains(asked))
      #expect(try client.send("SIGNIN other@example.org from=198.51.100.7").hasPrefix("NO locked after="))
      #expect(try client.send("SIGNIN other@example.org from=198.51.100.8").hasPrefix("ASK password"))
    }
  }
}
