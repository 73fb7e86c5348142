import Fixtures
import Foundation
import Secrets
import Testing

/// One daemon is held between what it has read and what it writes; the other one rotates, or an administrator writes.
@Suite("A rotation at the same moment", .serialized) struct KeyRotationRaceTests {
  private func with(
    _ body: (_ house: FaultyHouse, _ other: Daemon, _ person: Person, _ codes: [String]) async throws -> Void
  ) async throws {
    try await FaultyHouse.with(directorySettings: HeldChange.directorySettings) { house in
      let person = try house.person("jdoe")
      let codes = try house.slapd.giveRecoveryCodes(to: person, keys: house.daemon.keys, count: 3)
      _ = try house.daemon.addActiveKey()
      try house.daemon.restart()
      let other = try Daemon(directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys)
      defer { other.end() }
      try await body(house, other, person, codes)
    }
  }

  private func rotate(_ daemon: Daemon) throws {
    let rotated = try daemon.adminClient().send("KEYS rotate")
    #expect(rotated.contains(" secrets=1 recovery-codes=3 left=0 "), "\(rotated)")
  }

  @Test("lets a sign-in go on, once", arguments: ["TOTP", "RECOVERY"])
  func signIn(verb: String) async throws {
    try await with { house, other, person, codes in
      let flow = try house.daemon.client()
      try flow.toTheCode(person)
      let answer = verb == "TOTP" ? "TOTP \(try person.code(at: house.daemon.time))" : "RECOVERY \(codes[1])"
      let held = HeldChange(in: house.proxy)
      try flow.write(Array("\(answer)\n".utf8))
      try held.waitUntilHeld()
      try rotate(other)
      held.release()
      #expect(try flow.reply(within: 60).hasPrefix("OK signed-in"))
      #expect(try house.slapd.recoveryCodes(of: person) == (verb == "TOTP" ? 3 : 2))
      try flow.toTheCode(person)
      #expect(try flow.send(answer).contains(" refused="))
      #expect(try house.slapd.keysInUse() == [house.daemon.ring.activeKeyID: verb == "TOTP" ? 4 : 3])
    }
  }

  @Test("lets a wrong code in between count, and the right one after it sign in")
  func wrongMeanwhile() async throws {
    try await with { house, other, person, _ in
      let flow = try house.daemon.client()
      try flow.toTheCode(person)
      let held = HeldChange(in: house.proxy)
      try flow.write(Array("TOTP \(try person.code(at: house.daemon.time))\n".utf8))
      try held.waitUntilHeld()
      try rotate(other)
      let guess = try other.client()
      try guess.toTheCode(person)
      #expect(try guess.send("TOTP \(person.wrongCode(at: house.daemon.time))").contains(" refused=wrong "))
      held.release()
      #expect(try flow.reply(within: 60).hasPrefix("OK signed-in"))
    }
  }

  @Test("does not let a sign-in go on with an authenticator that was replaced as well")
  func replacedMeanwhile() async throws {
    try await with { house, other, person, _ in
      let flow = try house.daemon.client()
      try flow.toTheCode(person)
      let held = HeldChange(in: house.proxy)
      try flow.write(Array("TOTP \(try person.code(at: house.daemon.time))\n".utf8))
      try held.waitUntilHeld()
      try rotate(other)
      let stolen = try replace(person, house)
      held.release()
      #expect(try flow.reply(within: 60).hasPrefix("NO denied"))
      #expect(try house.slapd.entry(person)["drawbridgetotpsecret"] == [Data(stolen)])
    }
  }

  /// Another secret, as an administrator's tool puts it there.
  private func replace(_ person: Person, _ house: FaultyHouse) throws -> [UInt8] {
    let id = Array((try house.slapd.entry(person).string("entryUUID") ?? "").utf8)
    let sealed = try house.daemon.ring.seal(
      Secret(SystemRandom.bytes(20)), entryUUID: id, attribute: "drawbridgeTOTPSecret",
      nonce: SystemRandom.bytes(KeyRing.nonceLength))
    try house.slapd.modify(
      person, "replace: drawbridgeTOTPSecret\n" + Slapd.line("drawbridgeTOTPSecret", sealed))
    return sealed
  }

  @Test("leaves an administrator's change, or a new authenticator, as it is", arguments: [false, true])
  func administrator(replaces: Bool) async throws {
    try await with { house, other, person, _ in
      let admin = try house.daemon.adminClient()
      let held = HeldChange(in: house.proxy)
      try admin.write(Array("KEYS rotate\n".utf8))
      try held.waitUntilHeld()
      var secret: [UInt8]?
      if replaces {
        secret = try replace(person, house)
      } else {
        try house.slapd.modify(person, "delete: drawbridgeRecoveryCode\n-\ndelete: drawbridgeTOTPSecret")
      }
      held.release()
      let active = try house.daemon.ring.activeKeyID
      let (secrets, codes) = (0, replaces ? 3 : 0)
      #expect(
        try admin.reply(within: 60)
          == "OK rotated active=\(active) secrets=\(secrets) recovery-codes=\(codes) left=0 unknown=0 damaged=0")
      let entry = try house.slapd.entry(person)
      #expect(entry["drawbridgetotpsecret"] == secret.map { [Data($0)] })
      #expect((entry["drawbridgerecoverycode"] ?? []).count == codes)
    }
  }

  @Test("takes no recovery code along that was used up meanwhile")
  func usedMeanwhile() async throws {
    try await with { house, other, person, codes in
      let admin = try house.daemon.adminClient()
      let held = HeldChange(in: house.proxy)
      try admin.write(Array("KEYS rotate\n".utf8))
      try held.waitUntilHeld()
      #expect(try other.client().recover(person, with: codes[0]).hasPrefix("OK signed-in"))
      held.release()
      #expect(try admin.reply(within: 60).contains(" secrets=1 recovery-codes=2 left=0 "))
      #expect(try other.client().recover(person, with: codes[0]).contains(" refused=wrong "))
      #expect(try house.slapd.recoveryCodes(of: person) == 2)
    }
  }

  @Test("whose answer is lost is read back, and not made again")
  func lostAnswer() async throws {
    try await with { house, _, person, _ in
      house.proxy.set(.loseAnswer, at: .modifyRequest)
      let rotated = try house.daemon.adminClient().send("KEYS rotate", within: 60)
      #expect(rotated.contains(" secrets=1 recovery-codes=3 left=0 "), "\(rotated)")
      #expect(try house.slapd.keysInUse() == [house.daemon.ring.activeKeyID: 4])
    }
  }

  @Test("voids no parked flow")
  func parked() async throws {
    try await with { _, other, person, _ in
      let client = try other.client()
      try client.toTheCode(person)
      let ticket = try #require(field("ticket", of: try client.send("PARK")))
      try rotate(other)
      #expect(try client.send("RESUME \(ticket)").hasPrefix("ASK totp"))
      #expect(try client.send("TOTP \(person.code(at: other.time))").hasPrefix("OK signed-in"))
    }
  }
}
