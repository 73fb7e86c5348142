import Fixtures
import Foundation
import Testing

/// A directory that can be read and not be written: a guess whose charge does not land must not be a free one.
@Suite("A directory that refuses writes", .serialized) struct RefusedWriteTests {
  private static let locked = "NO locked after="
  private static let later = "LATER directory after="

  /// Six answers, all of them wrong.
  private func guesses(_ client: LineClient, _ verb: String) throws -> [String] {
    try (1...6).map { try client.send(verb == "SIGNIN" ? "PASSWORD wrong-\($0)" : "TOTP 12\($0)") }
  }

  @Test(
    "locks after five guesses, and known and unknown logins alike", arguments: ["SIGNIN", "FORGOT"],
    [UInt8(53), 50])  // unwillingToPerform, insufficientAccessRights
  func locks(verb: String, code: UInt8) async throws {
    try await FaultyHouse.with(hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      let people = try house.people(["jdoe", "other"])
      let logins = ["jdoe", "nobody", "other", "nemo"].map { "\($0)@example.org" }
      house.proxy.setRule { $0.operation == .modifyRequest ? .answer(code: code) : .pass }
      var replies: [[String]] = []
      for (number, login) in logins.enumerated() {
        if number == 2 { try clock.advance(by: 3600) }
        let client = try house.daemon.client()
        #expect(try client.send("\(verb) \(login)").hasPrefix("ASK "))
        replies.append(try guesses(client, verb))
      }
      for reply in replies { #expect(reply == replies[0]) }
      #expect(replies[0].prefix(5).allSatisfy { $0.hasPrefix(Self.later) } && replies[0][5].hasPrefix(Self.locked))
      for person in people {
        #expect(try house.charges("drawbridge\(verb == "SIGNIN" ? "Password" : "Forgot")Tries", of: person) == nil)
      }
      // Once a charge lands again, so do all.
      house.proxy.passAll()
      try clock.advance(by: 86_401)
      for login in [logins[0], logins[1]] {
        let client = try house.daemon.client()
        try client.send("\(verb) \(login)")
        #expect(try client.send(verb == "SIGNIN" ? "PASSWORD wrong" : "TOTP 12").contains(" refused=wrong left=4"))
      }
    }
  }

  @Test("costs the source of the guesses all the same")
  func costs() async throws {
    try await FaultyHouse.with { house in
      house.proxy.setRule { $0.operation == .modifyRequest ? .answer(code: 53) : .pass }
      let client = try house.daemon.client()
      try client.send("SIGNIN \(house.person("jdoe").mail) from=198.51.100.7")
      for number in 1...4 { #expect(try client.send("PASSWORD wrong-\(number)").hasPrefix(Self.later)) }
      #expect(try client.send("SIGNIN other@example.org from=198.51.100.7").hasPrefix(Self.locked))
    }
  }

  @Test("does not even take the right password after five wrong ones, and counts the same answer once")
  func counts() async throws {
    try await FaultyHouse.with { house in
      let people = try house.people(["jdoe", "other"])
      let clients = try people.map { _ in try house.daemon.client() }
      for (client, person) in zip(clients, people) { try client.send("SIGNIN \(person.mail)") }
      house.proxy.setRule { $0.operation == .modifyRequest ? .answer(code: 53) : .pass }
      for _ in 0..<8 { #expect(try clients[0].send("PASSWORD wrong").hasPrefix(Self.later)) }
      for number in 1...5 { #expect(try clients[1].send("PASSWORD wrong-\(number)").hasPrefix(Self.later)) }
      #expect(try clients[1].send("PASSWORD \(people[1].password)").hasPrefix(Self.locked))
      house.proxy.passAll()
      #expect(try clients[0].send("PASSWORD wrong").contains(" refused=wrong left=4"))
      #expect(try house.charges("drawbridgePasswordTries", of: people[0]) == 1)
    }
  }

  @Test("and takes them again is what it was: with slapd's own readonly")
  func readOnly() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let (client, stranger) = (try house.daemon.client(), try house.daemon.client())
      try client.send("SIGNIN \(person.mail)")
      try stranger.send("SIGNIN nobody@example.org")
      try house.slapd.setReadOnly(true)
      for number in 1...3 {
        #expect(try client.send("PASSWORD wrong-\(number)").hasPrefix(Self.later))
        #expect(try stranger.send("PASSWORD wrong-\(number)").hasPrefix(Self.later))
      }
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
      #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix(Self.later))
      try house.slapd.setReadOnly(false)
      #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("OK signed-in"))
      // The sign-in has ended the row: three guesses from before do not stand against the owner.
      #expect(try client.send("SIGNIN \(person.mail)").hasPrefix("ASK password"))
      #expect(try client.send("PASSWORD wrong").contains(" refused=wrong left=4"))
      #expect(try house.slapd.inARow("drawbridgePasswordTries", of: person) == 1)
      #expect(try stranger.send("SIGNIN nemo@example.org").hasPrefix("ASK password"))
      #expect(try stranger.send("PASSWORD wrong").contains(" refused=wrong left=4"))
    }
  }
}

extension Slapd {
  /// `readonly on` of the database (slapd.conf(5)); slapd is started anew.
  fileprivate func setReadOnly(_ isReadOnly: Bool) throws {
    let path = "\(directory)/slapd.conf"
    let line = "readonly on\n"
    let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(of: line, with: "")
    try (text + (isReadOnly ? line : "")).write(toFile: path, atomically: true, encoding: .utf8)
    try kill()
    try start()
  }
}
