import Fixtures
import Synchronization
import Testing

@Suite("A recovery code that others are after, too", .serialized) struct RecoveryCodeRaceTests {
  private static let rounds = 20

  @Test("signs one of two in that send it at once to two daemons, in each of 20 rounds; to the other it is a wrong one")
  func oneWins() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"5ms\"") { house in
      let second = try Daemon(directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys)
      defer { second.end() }
      for round in 0..<Self.rounds {
        let (person, codes) = try house.recoverable("u\(round)", count: 2)
        let clients = try [house.daemon, second].map { try $0.client() }
        for client in clients { #expect(try client.toTheCode(person).hasPrefix("ASK totp")) }
        let replies = Mutex(["", ""])
        inParallel(2) { index in
          let reply = (try? clients[index].send("RECOVERY \(codes[0])")) ?? "no answer"
          replies.withLock { $0[index] = reply }
        }
        let both = replies.withLock { $0 }
        #expect(both.count { $0.hasPrefix("OK signed-in") } == 1, "\(both)")
        #expect(both.count { $0.contains(" refused=wrong left=4 ") } == 1, "\(both)")
        #expect(try house.slapd.recoveryCodes(of: person) == 1)
      }
    }
  }

  @Test(
    "does not sign in where an administrator does this while the change is on its way",
    arguments: [
      "delete: drawbridgeRecoveryCode",
      "replace: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z",
      "delete: drawbridgeTOTPSecret", "delete: userPassword",
    ])
  func onTheWay(gesture: String) async throws {
    try await FaultyHouse.with(directorySettings: HeldChange.directorySettings) { house in
      let person = try house.person("jdoe")
      let codes = try house.slapd.giveRecoveryCodes(to: person, keys: house.daemon.keys)
      let client = try house.daemon.client()
      try client.toTheCode(person)
      let held = HeldChange(in: house.proxy)
      try client.write(Array("RECOVERY \(codes[0])\n".utf8))
      try held.waitUntilHeld()
      try house.slapd.modify(person, gesture)
      let left = try house.slapd.recoveryCodes(of: person)
      held.release()
      let reply = try client.reply()
      #expect(reply.hasPrefix("NO ") || reply.contains(" refused=wrong "), "\(reply)")
      let entry = try house.slapd.entry(person)
      #expect(entry.string("drawbridgeLastSignIn") == nil)
      #expect(try house.slapd.recoveryCodes(of: person) == left)
    }
  }

  @Test(
    "whose answer was lost signs in by the same line, once, is not charged, and is told of once",
    arguments: [true, false])
  func lostAnswer(hasLanded: Bool) async throws {
    try await FaultyHouse.with { house in
      let person = try house.person("jdoe")
      let codes = try house.slapd.giveRecoveryCodes(to: person, keys: house.daemon.keys)
      let client = try house.daemon.client()
      try client.toTheCode(person)
      house.proxy.set(hasLanded ? .loseAnswer : .cut, at: .modifyRequest)
      if hasLanded { house.proxy.refuseConnections(true) }
      #expect(try client.send("RECOVERY \(codes[0])", within: 15).hasPrefix("LATER directory"))
      house.proxy.refuseConnections(false)
      #expect(try house.slapd.recoveryCodes(of: person) == (hasLanded ? 7 : 8))
      #expect(try client.send("RECOVERY \(codes[0])", within: 15).hasPrefix("OK signed-in"))
      #expect(try house.slapd.recoveryCodes(of: person) == 7)
      #expect(try house.charges("drawbridgeOTPTries", of: person) == nil)
      _ = try house.mail.message(to: person.mail, holding: "So many are left: 7.")
      #expect(house.mail.messages(to: person.mail).count == 1)
      #expect(try house.daemon.client().recover(person, with: codes[0]).contains(" refused=wrong "))
    }
  }
}
