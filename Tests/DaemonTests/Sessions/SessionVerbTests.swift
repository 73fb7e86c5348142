import Fixtures
import Foundation
import Secrets
import Testing

@Suite("SESSION") struct SessionVerbTests {
  @Test("tells whose session it is and how long it lasts, to whoever has the token, on either socket")
  func tells() async throws {
    try await House.with(settings: "[session]\nlifetime = \"1h\"\n", hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let token = try house.nextSession(person, service: "portal")
      for client in [try house.daemon.client(), try house.daemon.adminClient()] {
        let reply = try client.send("SESSION \(token)")
        #expect(reply.hasPrefix("OK session login=jdoe%40example.org uid=jdoe dn=uid%3Djdoe%2C"), "\(reply)")
        #expect(reply.value("service") == "portal")
        let times = try ["since", "until"].map { name in
          let text = try #require(reply.value(name)?.removingPercentEncoding)
          return Int(try #require(ISO8601DateFormatter().date(from: text)).timeIntervalSince1970)
        }
        #expect(times[1] - times[0] == 3600 && abs(times[0] - house.daemon.time) < 60)
        #expect(reply.value("session") == nil && reply.value("idle-until") == nil && reply.value("jwt") == nil)
      }
      try house.daemon.moveClock(by: 3601)
      #expect(try !house.holds(token))
    }
  }

  @Test("needs one search, and one more where the service has a group; what is no token needs none")
  func searches() async throws {
    let group = "cn=wiki,\(Slapd.suffix)"
    try await FaultyHouse.with(settings: "[[service]]\nname = \"wiki\"\ngroup = \"\(group)\"\n") { house in
      let person = try house.person("jdoe")
      try house.slapd.add("dn: \(group)\nobjectClass: groupOfNames\ncn: wiki\nmember: \(person.dn)\n")
      let client = try house.daemon.client()
      let token = try client.session(person, service: nil, at: house.daemon.time)
      for (line, reply, count) in [
        ("SESSION \(token)", "OK session", 1), ("SESSION \(token) service=wiki", "OK session", 2),
        ("SESSION \(token.dropLast())", "NO expired", 0), ("SIGNOUT \(token.dropLast())", "NO expired", 0),
        ("SESSION x", "NO expired", 0),
      ] {
        house.proxy.resetCounts()
        #expect(try client.send(line).hasPrefix(reply), "\(line)")
        #expect(house.proxy.count(of: .searchRequest) == count, "\(line)")
        #expect(house.proxy.count(of: .modifyRequest) == 0, "\(line)")
      }
    }
  }

  @Test("a group of the service lets its members in alone, whatever service the session was opened for")
  func group() async throws {
    let group = "cn=wiki,\(Slapd.suffix)"
    let settings = "[[service]]\nname = \"wiki\"\ngroup = \"\(group)\"\n"
    try await House.with(settings: settings) { house in
      let people = try house.people("jdoe", "mallory")
      let tokens = try people.map { try house.daemon.client().session($0, service: "portal", at: house.daemon.time) }
      func ask(_ index: Int, _ service: String) throws -> String {
        try house.daemon.client().send("SESSION \(tokens[index]) service=\(service)")
      }
      #expect(try ask(0, "wiki").hasPrefix("LATER directory"))  // there is no such group yet
      try house.slapd.add("dn: \(group)\nobjectClass: groupOfNames\ncn: wiki\nmember: \(people[0].dn)\n")
      #expect(try ask(0, "wiki").hasPrefix("OK session"))
      #expect(try ask(1, "wiki").hasPrefix("NO denied :"))
      #expect(try ask(1, "portal").hasPrefix("OK session"))
      #expect(try ask(1, "WIKI").hasPrefix("OK session"))  // another service, which is everybody's
      try house.slapd.modify("dn: \(group)\nchangetype: modify\nreplace: member\nmember: \(people[1].dn)\n")
      #expect(try ask(0, "wiki").hasPrefix("NO denied :"))
      #expect(try ask(1, "wiki").hasPrefix("OK session"))
    }
  }

  @Test("sessions of a service that keeps them to itself are good for it alone")
  func audience() async throws {
    let settings = "[[service]]\nname = \"bank\"\nsessions = \"own\"\n[[service]]\nname = \"wiki\"\n"
    try await House.with(settings: settings, hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let own = try house.nextSession(person, service: "bank")
      let any = try house.nextSession(person, service: "wiki")
      #expect(try house.holds(own, service: "bank"))
      for service in [nil, "wiki", "BANK", "bank2", "%00bank"] { #expect(try !house.holds(own, service: service)) }
      for service in [nil, "wiki", "bank", "other"] { #expect(try house.holds(any, service: service)) }
      #expect(try house.signOut(own).hasPrefix("OK signed-out"))  // whoever has it may end it
      #expect(try !house.holds(own, service: "bank"))
    }
  }

  @Test("a daemon with other keys says LATER keys to both verbs; a directory that is down is LATER, and no end")
  func later() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let token = try house.daemon.client().session(person, service: nil, at: house.daemon.time)
      let other = try Daemon(directory: house.slapd.uri, mailPort: nil)
      defer { other.end() }
      for verb in ["SESSION", "SIGNOUT"] {
        #expect(try other.client().send("\(verb) \(token)").hasPrefix("LATER keys after=30"))
      }
      try house.slapd.kill()
      for verb in ["SESSION", "SIGNOUT"] {
        #expect(try house.daemon.client().send("\(verb) \(token)").hasPrefix("LATER directory"))
      }
      try house.slapd.start()
      try Fixtures.await("the directory") { try? house.holds(token) ? true : nil }
    }
  }

  @Test("tokens that name keys which are not there fill no log: one line tells of them all")
  func unknownKeys() async throws {
    try await House.with { house in
      let client = try house.daemon.client()
      for number in 1...200 {
        let blob = [1, 0, 0, UInt8(number >> 8), UInt8(number & 255)] + [UInt8](repeating: 7, count: 100)
        let verb = number % 2 == 0 ? "SESSION" : "SIGNOUT"
        #expect(try client.send("\(verb) \(Base64URL.encode(blob))").hasPrefix("LATER keys"))
      }
      #expect(house.daemon.log.split(separator: "\n").count { $0.contains("unknown key") } == 1)
    }
  }

  @Test("ldappasswd, a deactivation, SIGNOUT-ALL, a lock and a lost authenticator end it")
  func ends() async throws {
    try await House.with(hasOwnClock: true) { house in
      let people = try house.people("jdoe", "mary", "anna", "bob")
      let tokens = try people.map { try house.nextSession($0) }
      #expect(try tokens.allSatisfy { try house.holds($0) })
      let changed = try Command.run(
        "ldappasswd",
        [
          "-x", "-H", house.slapd.uri, "-D", Slapd.root, "-w", Slapd.rootPassword, "-s", "N3w-Password", people[0].dn,
        ])
      #expect(changed.status == 0, "\(changed.errors)")
      #expect(try tokens.map { try house.holds($0) } == [false, true, true, true])
      #expect(try house.daemon.adminClient().send("DEACTIVATE \(people[1].mail)").hasPrefix("OK"))
      #expect(try tokens.map { try house.holds($0) } == [false, false, true, true])
      #expect(try house.daemon.adminClient().send("SIGNOUT-ALL \(people[2].mail)").hasPrefix("OK"))
      #expect(try tokens.map { try house.holds($0) } == [false, false, false, true])
      try house.slapd.modify(people[3], "delete: drawbridgeTOTPSecret")
      #expect(try !house.holds(tokens[3]))
    }
  }

  @Test("what no daemon opened is none, though it is sealed by the right keys: another's, or of another time")
  func forged() async throws {
    try await House.with { house in
      let people = try house.people("jdoe", "mallory")
      let good = try house.daemon.client().session(people[1], service: nil, at: house.daemon.time)
      #expect(try house.holds(good))
      let mine = try ForgedToken(people[1], house)
      #expect(try !house.holds(mine.text))  // its seal is over nothing
      var moved = mine
      moved.account = try house.slapd.entry(people[0]).string("entryUUID") ?? ""
      for account in [moved.account, "", "no-uuid", "*", "00000000-0000-0000-0000-000000000000"] {
        moved.account = account
        #expect(try !house.holds(moved.text), "\(account)")
      }
      var late = mine
      (late.issued, late.seen) = (house.daemon.time + 3600, house.daemon.time + 3600)
      #expect(try !house.holds(late.text))
      #expect(try !house.holds(good + "A") && !house.holds(String(good.dropLast(4))))
    }
  }

  @Test("is no event of the audit, and its refusals are told where log.level is debug")
  func unaudited() async throws {
    try await House.with(settings: "[log]\nlevel = \"debug\"\n") { house in
      let person = try house.people("jdoe")[0]
      let token = try house.daemon.client().session(person, service: nil, at: house.daemon.time)
      let before = house.daemon.log.split(separator: "\n").count { $0.hasSuffix(" audit") }
      #expect(try house.holds(token))
      #expect(try !house.holds("x"))
      #expect(try house.daemon.adminClient().send("SIGNOUT-ALL \(person.mail)").hasPrefix("OK"))
      #expect(try !house.holds(token))
      let id = try #require(house.slapd.entry(person).string("entryUUID"))
      let told = house.daemon.log.split(separator: "\n").filter { $0.hasSuffix(" session") }
      #expect(told.count == 2)
      #expect(told[0].contains(" id=- ") && told[0].contains(" reason=no-token "))
      #expect(told[1].contains(" id=\(id) ") && told[1].contains(" reason=ended "))
      #expect(house.daemon.log.split(separator: "\n").count { $0.hasSuffix(" audit") } == before + 1)
      #expect(!house.daemon.log.contains(token))
    }
  }
}
