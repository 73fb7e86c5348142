import Fixtures
import Secrets
import Testing

/// LD-06: a reload forgets neither which server may have taken a code, nor which one is down.
@Suite("A reload of the servers", .serialized) struct ReloadedServersTests {
  private func daemon(on servers: [Slapd]) throws -> Daemon {
    try Daemon(
      directory: servers.map(\.uri).joined(separator: " "), mailPort: nil, hasOwnClock: true,
      directorySettings: "return-after = \"1h\"\n")
  }

  private func people(_ uids: String..., in mirror: Mirror, of daemon: Daemon) throws -> [Person] {
    let people = try uids.map { try Person($0, secret: SystemRandom.bytes(20)) }
    try mirror.first.seed(people, keys: daemon.keys)
    try mirror.awaitCopies()
    return people
  }

  private func attempt(_ person: Person, _ code: String, at daemon: Daemon) throws -> String {
    let client = try daemon.client()
    try client.send("SIGNIN \(person.mail)", within: 15)
    #expect(try client.send("PASSWORD \(person.password)", within: 15).hasPrefix("ASK totp"))
    return try client.send("TOTP \(code)", within: 15)
  }

  @Test("that names another one takes no code there that the one before took")
  func another() async throws {
    try await Mirror.with { mirror in
      let daemon = try daemon(on: [mirror.first])
      defer { daemon.end() }
      let person = try people("jdoe", in: mirror, of: daemon)[0]
      try mirror.cut()
      let time = daemon.time
      let begun = try daemon.client()
      try begun.send("SIGNIN \(person.mail)")
      #expect(try begun.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
      #expect(try daemon.client().signIn(person, at: time).hasPrefix("OK signed-in"))
      try daemon.change(mirror.first.uri, to: mirror.second.uri)
      #expect(try daemon.reload() == "OK reloaded changed=directory.uris")
      #expect(try mirror.second.entry(person).string("drawbridgeTOTPLastStep") == nil)
      #expect(try attempt(person, person.code(at: time), at: daemon).hasPrefix("LATER directory after="))
      #expect(try begun.send("TOTP \(person.code(at: time))").hasPrefix("LATER directory after="))
      #expect(try mirror.second.entry(person).string("drawbridgeTOTPLastStep") == nil)
      let status = try daemon.status()
      #expect(status.contains(" failovers=1 fenced="), "\(status)")
      try daemon.moveClock(by: 61)
      #expect(try attempt(person, person.code(at: daemon.time), at: daemon).hasPrefix("OK signed-in"))
    }
  }

  @Test("that changes none of them stays with the one in use, and raises no fence, and lifts none")
  func same() async throws {
    try await Mirror.with { mirror in
      let daemon = try daemon(on: [mirror.first, mirror.second])
      defer { daemon.end() }
      let people = try people("jdoe", "other", in: mirror, of: daemon)
      try mirror.cut()
      let time = daemon.time
      #expect(try daemon.client().signIn(people[0], at: time).hasPrefix("OK signed-in"))
      try mirror.first.kill()
      #expect(try attempt(people[0], people[0].code(at: time), at: daemon).hasPrefix("LATER directory after="))
      #expect(try daemon.reload() == "OK reloaded")
      #expect(try attempt(people[0], people[0].code(at: time), at: daemon).hasPrefix("LATER directory after="))
      try daemon.moveClock(by: 61)
      #expect(try attempt(people[0], people[0].code(at: daemon.time), at: daemon).hasPrefix("OK signed-in"))
      // Down, and then fit again, but not for as long as a return takes.
      for isDown in [true, false] {
        #expect(try daemon.reload() == "OK reloaded")
        let status = try daemon.status()
        #expect(status.contains(" failovers=1 ") && !status.contains(" fenced="), "\(status)")
        if isDown {
          #expect(try attempt(people[1], people[1].code(at: daemon.time), at: daemon).hasPrefix("OK signed-in"))
          try mirror.mend()
          try mirror.first.start()
          try mirror.awaitCopies()
          try Fixtures.await("the first to be tried like any other") {
            try daemon.status().contains(" resting=0 ") ? true : nil
          }
        }
      }
    }
  }
}
