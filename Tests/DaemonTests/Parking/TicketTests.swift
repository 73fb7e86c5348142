import Fixtures
import Foundation
import Testing

/// What a ticket is good for, and for how long.
@Suite("A ticket", .serialized) struct TicketTests {
  /// Parks the flow of a connection; its ticket.
  private func park(_ client: LineClient) throws -> String {
    let reply = try client.send("PARK")
    let field = reply.split(separator: " ").first { $0.hasPrefix("ticket=") }
    guard reply.hasPrefix("OK parked "), let field else { throw FixtureError("PARK: \(reply)") }
    return String(field.dropFirst("ticket=".count))
  }

  /// A ticket of a sign-in whose password was right.
  private func ticket(_ person: Person, at daemon: Daemon) throws -> String {
    let client = try daemon.client()
    try client.send("SIGNIN \(person.mail)")
    let reply = try client.send("PASSWORD \(person.password)")
    guard reply.hasPrefix("ASK totp") else { throw FixtureError(reply) }
    return try park(client)
  }

  @Test("is good at any daemon with the same keys, and the flow is then nobody else's")
  func otherDaemon() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let second = try Daemon(directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys)
      defer { second.end() }
      let client = try house.daemon.client()
      try client.send("SIGNIN \(person.mail) service=portal lang=fr")
      var ticket = try park(client)
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ERR no-flow"))
      #expect(try client.send("PARK").hasPrefix("ERR no-flow"))
      let other = try second.client()
      #expect(try other.send("RESUME \(ticket)") == "ASK password echo=off :Mot de passe")
      let asked = try other.send("PASSWORD \(person.password)")
      ticket = try park(other)
      #expect(try client.send("RESUME \(ticket)") == asked)
      let reply = try client.send("TOTP \(try person.code(at: house.daemon.time))")
      #expect(reply.hasPrefix("OK signed-in ") && reply.contains(" session="), "\(reply)")
      try Fixtures.await("the service in the audit") {
        house.daemon.log.contains("flow=signin id=") && house.daemon.log.contains("service=portal") ? true : nil
      }
    }
  }

  enum End: String, CaseIterable {
    case signedIn, changedPassword, resetAuthenticator, deactivated, locked, signedOut
  }

  @Test("is void once the account has gone on, or is no longer what it was", arguments: End.allCases)
  func void(end: End) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options) { house in
      let person = try house.people("jdoe")[0]
      let early = try house.daemon.client()
      try early.send("SIGNIN \(person.mail)")
      let unproven = try park(early)
      let ticket = try ticket(person, at: house.daemon)
      let client = try house.daemon.client()
      // It is good as long as nothing happens.
      #expect(try client.send("RESUME \(ticket)").hasPrefix("ASK "))
      switch end {
      case .signedIn:
        let reply = try client.send("TOTP \(try person.code(at: house.daemon.time))")
        #expect(reply.hasPrefix("OK signed-in"), "\(reply)")
      case .changedPassword:
        try house.slapd.modify(person, "replace: userPassword\nuserPassword: {SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
      case .resetAuthenticator: try house.slapd.modify(person, "delete: drawbridgeTOTPSecret\n")
      case .deactivated: #expect(try house.daemon.adminClient().send("DEACTIVATE \(person.mail)").hasPrefix("OK"))
      case .locked:
        try house.slapd.modify(person, "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n")
      case .signedOut: #expect(try house.daemon.adminClient().send("SIGNOUT-ALL \(person.mail)").hasPrefix("OK"))
      }
      #expect(try client.send("RESUME \(ticket)") == "NO expired :You took too long. Begin again.")
      #expect(try client.send("TOTP 000000").hasPrefix("ERR no-flow"))
      // Where nothing was right yet, a stranger may have parked it: it tells nothing of what became of the account.
      #expect(try client.send("RESUME \(unproven)") == "ASK password echo=off :Password")
    }
  }

  @Test("resumed twice has no more tries than once: they are counted in the directory")
  func forked() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let ticket = try ticket(person, at: house.daemon)
      let wrong = try person.wrongCode(at: house.daemon.time)
      let clients = [try house.daemon.client(), try house.daemon.client()]
      for client in clients { #expect(try client.send("RESUME \(ticket)").hasPrefix("ASK totp")) }
      var evaluated = 0
      for index in 0..<10 {
        let reply = try clients[index % 2].send("TOTP \(wrong)")
        if reply.contains("refused=wrong") || reply.hasPrefix("NO denied") { evaluated += 1 }
      }
      #expect(evaluated == 5)
      #expect(try house.slapd.entry(person).string("drawbridgeOTPTries")?.hasPrefix("5 ") == true)
      // A third comes as far as the question, and no further, even with the right code.
      let third = try house.daemon.client()
      #expect(try third.send("RESUME \(ticket)").hasPrefix("ASK totp"))
      #expect(try third.send("TOTP \(try person.code(at: house.daemon.time))").hasPrefix("NO locked after="))
    }
  }

  @Test("resumed twice signs in once")
  func signsInOnce() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let ticket = try ticket(person, at: house.daemon)
      let clients = [try house.daemon.client(), try house.daemon.client()]
      for client in clients { try client.send("RESUME \(ticket)") }
      let code = try person.code(at: house.daemon.time)
      #expect(try clients[0].send("TOTP \(code)").hasPrefix("OK signed-in"))
      #expect(try clients[1].send("TOTP \(code)").contains("refused=reused"))
    }
  }

  @Test("lives ten minutes, and not beyond the flow's own end")
  func lifetime() async throws {
    try await House.with(hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let client = try house.daemon.client()
      var ticket = try ticket(person, at: house.daemon)
      try house.daemon.moveClock(by: 590)
      #expect(try client.send("RESUME \(ticket)").hasPrefix("ASK totp"))
      try house.daemon.moveClock(by: 11)
      #expect(try client.send("RESUME \(ticket)").hasPrefix("NO expired"))
      // A new ticket each time, for 45 minutes in all.
      ticket = try self.ticket(person, at: house.daemon)
      for minutes in [9, 18, 27, 36, 44] {
        try house.daemon.moveClock(by: minutes == 44 ? 480 : 540)
        #expect(try client.send("RESUME \(ticket)").hasPrefix("ASK totp"), "\(minutes)")
        ticket = try park(client)
      }
      try house.daemon.moveClock(by: 120)
      #expect(try client.send("RESUME \(ticket)").hasPrefix("NO expired"))
    }
  }

  @Test("cannot be made up, changed, or be a token of another kind")
  func forged() async throws {
    try await House.with { house in
      let people = try house.people("jdoe", "jroe")
      let ticket = try ticket(people[0], at: house.daemon)
      let client = try house.daemon.client()
      for index in stride(from: 0, to: ticket.utf8.count, by: 7) {
        var forged = Array(ticket.utf8)
        forged[index] = forged[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        // In its first bytes it names a key that nobody has: that daemon may only be behind.
        let reply = try client.send("RESUME \(String(decoding: forged, as: UTF8.self))")
        #expect(reply.hasPrefix("NO expired") || index < 8 && reply.hasPrefix("LATER keys"), "\(index): \(reply)")
      }
      let signedIn = try client.signIn(people[1], at: house.daemon.time)
      let session = signedIn.split(separator: " ").first { $0.hasPrefix("session=") }?.dropFirst(8) ?? ""
      #expect(session.count > 50)
      for token in [String(session), String(ticket.dropLast()), ticket + "A", "x", String(repeating: "A", count: 4080)]
      {
        #expect(try client.send("RESUME \(token)").hasPrefix("NO expired"), "\(token)")
      }
      #expect(try client.send("RESUME").hasPrefix("ERR missing-argument"))
      #expect(try client.send("RESUME \(ticket)").hasPrefix("ASK totp"))
      // And a ticket is no session.
      #expect(try client.send("SESSION \(ticket)").hasPrefix("NO expired"))
    }
  }

  @Test("is its own peer's", .enabled(if: geteuid() == 0, "only root can be somebody else"))
  func otherUser() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let ticket = try ticket(person, at: house.daemon)
      let door = try OtherUser(at: house.daemon)
      defer { door.end() }
      let stranger = try door.client()
      _ = try stranger.reply()
      #expect(try stranger.send("RESUME \(ticket)").hasPrefix("NO expired"))
      try stranger.send("SIGNIN \(person.mail)")
      let theirs = try park(stranger)
      let client = try house.daemon.client()
      #expect(try client.send("RESUME \(theirs)").hasPrefix("NO expired"))
      #expect(try client.send("RESUME \(ticket)").hasPrefix("ASK totp"))
    }
  }

  @Test("is as long and as good for a login that leads nowhere")
  func stranger() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      var replies: [[String]] = []
      for login in [person.mail, "jroe@example.org"] {
        let client = try house.daemon.client()
        var said: [String] = []
        for verb in ["SIGNIN", "CHANGE", "FORGOT", "FIRST"] {
          said.append(try client.send("\(verb) \(login)"))
          for answer in [nil, "PASSWORD wrong", "TOTP 12345", "CODE 12345"] as [String?] {
            if let answer { said.append(try client.send(answer)) }
            let reply = try client.send("PARK")
            guard let ticket = reply.split(separator: " ").first(where: { $0.hasPrefix("ticket=") })?.dropFirst(7)
            else {
              Issue.record("\(reply)")
              return
            }
            said.append("\(ticket.count)")
            said.append(try client.send("RESUME \(ticket)"))
          }
        }
        replies.append(said)
      }
      #expect(replies[0] == replies[1])
      #expect(replies[0].count == 4 * (1 + 2 + 3 * 3))
      #expect(replies[0].contains { $0.contains("refused=wrong left=4") })
    }
  }

  @Test("is not given for what does not fit in one")
  func tooLong() async throws {
    try await House.with { house in
      let client = try house.daemon.client()
      for login in [String(repeating: "x", count: 255), "x from=\(String(repeating: "1", count: 255))"] {
        #expect(try client.send("SIGNIN \(login)").hasPrefix("ASK password"))
        #expect(try client.send("PARK").hasPrefix("ERR too-long"))
        #expect(try client.send("PASSWORD x").hasPrefix("ASK password"))  // the flow stands where it stood
      }
      let most = String(repeating: "x", count: 254)
      #expect(try client.send("SIGNIN \(most) from=\(most) service=\(most)").hasPrefix("ASK password"))
      let ticket = try park(client)
      #expect(try client.send("RESUME \(ticket)").hasPrefix("ASK password"))
    }
  }

  @Test("under a key that the daemon has not got rings once, however often one comes")
  func unknownKey() async throws {
    try await House.with { house in
      // Version 1, a key's number, and what could be a nonce, a text and a tag.
      let token = Data([1, 0xDE, 0xAD, 0xBE, 0xEF] + [UInt8](repeating: 7, count: 91)).base64EncodedString()
      let client = try house.daemon.client()
      for _ in 0..<20 { #expect(try client.send("RESUME \(token)").hasPrefix("LATER keys ")) }
      #expect(house.daemon.log.components(separatedBy: "unknown key (keys.ring)").count == 2)
    }
  }
}
