import Fixtures
import Foundation
import Synchronization
import Testing

@Suite("REENROL", .serialized) struct ReplaceAuthenticatorTests {
  @Test("ends sessions and the old authenticator at its very end, and signs nobody in")
  func replaces() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"0s\"\n", hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      let (person, codes) = try house.recoverable("jdoe")
      let session = try #require(try house.daemon.client().signIn(person, at: clock.time).value("session"))
      func sessionHolds() throws -> Bool {
        try house.daemon.client().send("SESSION \(session)").hasPrefix("OK session")
      }
      let signedIn = try house.slapd.entry(person).string("drawbridgeLastSignIn")
      try clock.advance(by: 60)
      let client = try house.daemon.client()
      try client.toTheCode(person, "REENROL")
      let asked = try client.send("TOTP \(person.code(at: clock.time))")
      let secret = try #require(asked.value("secret"))
      #expect(try sessionHolds())
      // A code of the step before is in the window, and the step that is written moves back for nobody.
      let enrolling = try totp(secret: secret, at: clock.time - 30)
      let reply = try client.send("ENROL \(enrolling)")
      #expect(reply.hasPrefix("OK enrolled login=jdoe%40example.org uid=jdoe recovery="), "\(reply)")
      #expect(reply.value("session") == nil)
      let entry = try house.slapd.entry(person)
      #expect(entry.string("drawbridgeTOTPLastStep") == String(clock.time / 30))
      #expect(entry.string("drawbridgeLastSignIn") == signedIn)
      #expect(try !sessionHolds())
      _ = try house.mail.message(to: person.mail, holding: "Another authenticator app was set up")

      try clock.advance(by: 30)
      let after = try house.daemon.client()
      try after.toTheCode(person)
      for line in [
        "TOTP \(try person.code(at: clock.time))", "TOTP \(enrolling)", "RECOVERY \(codes[0])",
      ] { #expect(try after.send(line).contains(" refused=wrong "), "\(line)") }
      try after.send("FORGOT \(person.mail)")
      #expect(try after.send("TOTP \(person.code(at: clock.time))").contains(" refused=wrong "))
      try after.toTheCode(person)
      #expect(try after.send("TOTP \(totp(secret: secret, at: clock.time))").hasPrefix("OK signed-in"))
    }
  }

  @Test(
    "that is given up leaves everything as it was but the code that was used",
    arguments: ["CANCEL", "QUIT", "SIGNIN jdoe"])
  func givenUp(line: String) async throws {
    try await House.with { house in
      let (person, codes) = try house.recoverable("jdoe")
      let client = try house.daemon.client()
      try client.toTheCode(person, "REENROL")
      #expect(try client.send("RECOVERY \(codes[0])").hasPrefix("ASK enrol"))
      let before = try house.slapd.entry(person)
      try client.send("ENROL 12345")
      try client.send(line)
      #expect(try house.slapd.entry(person) == before)
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      #expect(try house.daemon.client().recover(person, with: codes[1]).hasPrefix("OK signed-in"))
    }
  }

  @Test("of two that come to their end at once through two daemons is one, and the entry is the winner's")
  func race() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"5ms\"") { house in
      let second = try Daemon(directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys)
      defer { second.end() }
      for round in 0..<10 {
        let (person, codes) = try house.recoverable("u\(round)")
        let clients = try [house.daemon, second].map { try $0.client() }
        let secrets = try zip(clients, codes).map { client, code in
          try #require(try client.recover(person, with: code, "REENROL").value("secret"))
        }
        let lines = try secrets.map { "ENROL \(try totp(secret: $0, at: house.daemon.time))" }
        let replies = Mutex(["", ""])
        inParallel(2) { index in
          let reply = (try? clients[index].send(lines[index])) ?? "no answer"
          replies.withLock { $0[index] = reply }
        }
        let both = replies.withLock { $0 }
        let winner = try #require(both.firstIndex { $0.hasPrefix("OK enrolled") }, "\(both)")
        #expect(both[1 - winner].hasPrefix("NO denied"), "\(both)")
        let shown = try #require(both[winner].value("recovery")).components(separatedBy: "%2C")
        #expect(try house.daemon.client().recover(person, with: shown[0]).hasPrefix("OK signed-in"))
        #expect(try house.slapd.recoveryCodes(of: person) == 7)
      }
    }
  }

  @Test(
    "is refused where the account is changed while it is on its way", arguments: ChangedMidFlowTests.Gesture.allCases)
  func onTheWay(gesture: ChangedMidFlowTests.Gesture) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await FaultyHouse.with(options, directorySettings: HeldChange.directorySettings) { house in
      let walker = try Walk.reenrol.walker(in: house, "jdoe")
      while !walker.reply.hasPrefix("ASK enrol") { try walker.goOn() }
      let held = HeldChange(in: house.proxy)
      try walker.client.write(Array("\(try walker.next())\n".utf8))
      try held.waitUntilHeld()
      try gesture.make(walker.person, in: house.slapd, keys: house.daemon.keys)
      let before = gesture == .deleted ? nil : try house.slapd.entry(walker.person)
      held.release()
      #expect(try walker.client.reply().hasPrefix("NO denied"))
      if let before { #expect(try house.slapd.entry(walker.person) == before) }
    }
  }
}
