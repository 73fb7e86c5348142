import Fixtures
import Testing

@Suite("A slapd that hangs", .serialized) struct HungSlapdTests {
  @Test("costs a LATER at any step, and nothing once it goes on", arguments: Walk.allCases)
  func frozen(walk: Walk) async throws {
    let deadlines = "operation-timeout = \"500ms\"\nconnect-timeout = \"500ms\"\n"
    try await FaultyHouse.with(directorySettings: deadlines, hasOwnClock: true) { house in
      let walker = try walk.walker(in: house, "jdoe")
      while !walker.isOver {
        let line = try walker.next()
        house.slapd.freeze()
        let reply = try walker.send(line)
        house.slapd.thaw()
        if reply.hasPrefix("LATER") { try walker.goOn() }
        #expect(!reply.contains(" refused="), "\(reply)")
      }
      #expect(walker.reply.hasPrefix(walk.success), "\(walker.reply)")
    }
  }

  @Test("is left by everybody: the others on its connection hear LATER, too, and then go on")
  func blackHole() async throws {
    try await FaultyHouse.with { house in
      let people = try house.people((1...8).map { "user\($0)" })
      let walkers = try people.map { try Walker(.signIn, in: house, $0) }
      for walker in walkers { try walker.goOn() }
      house.proxy.set(.blackHole, at: .searchRequest, number: 1)
      for walker in walkers { try walker.client.write(Array("PASSWORD \(walker.person.password)\n".utf8)) }
      // The second search, on a new connection, passes.
      for walker in walkers { #expect(try walker.client.reply(within: 15).hasPrefix("ASK totp")) }
      #expect(house.daemon.isAlive)
    }
  }

  @Test("on connecting costs a LATER for every login alike")
  func hangsOnConnecting() async throws {
    try await FaultyHouse.with { house in
      let walker = try Walk.signIn.walker(in: house, "jdoe")
      try house.slapd.kill()
      #expect(try walker.send("SIGNIN nobody@example.org").hasPrefix("LATER directory"))
      try house.slapd.start()
      house.slapd.freeze()
      #expect(try walker.send("SIGNIN nobody@example.org").hasPrefix("LATER directory"))
      #expect(try walker.send("SIGNIN \(walker.person.mail)").hasPrefix("LATER directory"))
      house.slapd.thaw()
      while !walker.isOver { try walker.goOn() }
      #expect(walker.reply.hasPrefix("OK signed-in"))
    }
  }

  @Test("up on idle connections is not noticed: the next answer works the first time")
  func idleTimeout() async throws {
    var options = Slapd.Options()
    options.extraGlobalLines = ["idletimeout 1"]
    try await FaultyHouse.with(options) { house in
      let walker = try Walk.signIn.walker(in: house, "jdoe")
      while !walker.isOver {
        try Fixtures.await("slapd to close") { house.proxy.connections == 0 ? true : nil }
        #expect(try walker.send(try walker.next()).hasPrefix("LATER") == false)
      }
      #expect(walker.reply.hasPrefix("OK signed-in"))
    }
  }

  @Test("never: a sign-in costs one search and one modification")
  func operationsOfASignIn() async throws {
    try await FaultyHouse.with { house in
      let walker = try Walk.signIn.walker(in: house, "jdoe")
      house.proxy.resetCounts()
      while !walker.isOver { try walker.goOn() }
      #expect(house.proxy.count(of: .searchRequest) == 1)
      #expect(house.proxy.count(of: .modifyRequest) == 1)
      #expect(house.proxy.count(of: .bindRequest) == 0)
    }
  }
}
