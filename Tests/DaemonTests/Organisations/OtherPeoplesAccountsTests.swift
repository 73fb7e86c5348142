import Fixtures
import Foundation
import Testing

@Suite("An organisation's administrator and other people's accounts") struct OtherPeoplesAccountsTests {
  static let verbs = ["SHOW", "EXPLAIN", "REACTIVATE", "DEACTIVATE", "UNLOCK", "RESET", "SIGNOUT-ALL", "INVITE"]

  @Test("every verb on a neighbour's account: as of an unknown login, recorded, and not one attribute changes")
  func neighbours() async throws {
    try await Neighbourhood.with { town in
      for (administrator, others) in [
        (town.anna, [town.gus, town.greta, town.uma, town.nobody]), (town.ugo, [town.alice, town.nobody]),
      ] {
        let token = try town.session(administrator)
        let client = try town.house.daemon.client()
        let unknown = try client.send("SHOW nobody-at-all@example.org as=\(token)")
        #expect(unknown.hasPrefix("NO no-such-account"))
        for other in others {
          let before = try town.house.slapd.entry(other)
          for verb in Self.verbs {
            let reply = try client.send("\(verb) \(other.mail) as=\(token)")
            #expect(reply == unknown, "\(verb) \(other.uid)")
            #expect(
              try town.audited(
                "administration=\(verb.lowercased())", "result=refused", "id=\(town.id(other))",
                "administrator=\(town.id(administrator))") == 1,
              "\(verb) \(other.uid)\n\(town.house.daemon.log.suffix(900))")
          }
          #expect(try town.house.slapd.entry(other) == before, "\(other.uid)")
        }
        #expect(
          try town.audited(
            "administration=show", "result=refused", "id=- ", "administrator=\(town.id(administrator))") == 1)
      }
    }
  }

  @Test("the own accounts are the administrator's, by subtree and by value")
  func own() async throws {
    try await Neighbourhood.with { town in
      for (administrator, own) in [(town.anna, town.alice), (town.ugo, town.uma)] {
        let token = try town.session(administrator)
        let client = try town.house.daemon.client()
        #expect(try client.send("SHOW \(own.mail) as=\(token)").hasPrefix("OK account"))
        try town.house.slapd.modify(own, "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z")
        #expect(try client.send("REACTIVATE \(own.mail) as=\(token)").hasPrefix("OK reactivated"))
        #expect(try town.house.slapd.entry(own)["drawbridgedeactivatedtime"] == nil)
        for (verb, done) in [
          ("DEACTIVATE", "deactivated"), ("REACTIVATE", "reactivated"), ("UNLOCK", "unlocked"),
          ("SIGNOUT-ALL", "signed-out"), ("EXPLAIN", "explained"), ("RESET", "reset"),
        ] {
          #expect(try client.send("\(verb) \(own.mail) as=\(token)").hasPrefix("OK \(done)"), "\(verb)")
        }
        #expect(
          try town.audited(
            "administration=reactivate", "result=done", "id=\(town.id(own))",
            "administrator=\(town.id(administrator))") == 2)
        for verb in ["RESET", "DEACTIVATE"] {
          #expect(try client.send("\(verb) \(administrator.mail) as=\(token)").hasPrefix("NO not-yourself"), "\(verb)")
        }
      }
    }
  }

  @Test("a list holds the own accounts alone, whatever it is asked for; on the admin socket, any organisation's")
  func lists() async throws {
    try await Neighbourhood.with { town in
      // One inside the subtree that is listed with it, and one of the value that stands elsewhere in the tree.
      let stray = try Neighbours.person("stray", in: Neighbours.globex)
      try town.house.slapd.seed([stray], keys: town.house.daemon.keys, attributes: ["o: Umbrella"])
      func list(_ client: LineClient, _ line: String) throws -> Set<String> {
        let reply = try client.send(line)
        guard reply == "OK listed count=\(client.items.count)" else { throw FixtureError(reply) }
        return Set(client.items.compactMap { $0.value("uid") })
      }
      let client = try town.house.daemon.client()
      let anna = try town.session(town.anna)
      let acme: Set = ["anna", "alice"]
      #expect(try list(client, "LIST as=\(anna)") == acme)
      #expect(try list(client, "LIST state=active organisation=acme as=\(anna)") == acme)
      #expect(try list(client, "LIST never=yes as=\(anna)") == ["alice"])
      for foreign in ["globex", "umbrella", "none", "ACME"] {
        #expect(
          try client.send("LIST organisation=\(foreign) as=\(anna)").hasPrefix("NO no-such-organisation"), "\(foreign)")
      }
      let ugo = try town.session(town.ugo)
      #expect(try list(client, "LIST as=\(ugo)") == ["ugo", "uma"])
      // An administrator of two has both.
      try town.house.slapd.modify(
        "dn: \(Neighbours.group("globex"))\nchangetype: modify\nadd: member\nmember: \(town.anna.dn)\n")
      #expect(try list(client, "LIST as=\(anna)") == acme.union(["gus", "greta", "stray"]))
      let admin = try town.house.daemon.adminClient()
      #expect(try list(admin, "LIST organisation=globex") == ["gus", "greta", "stray"])
      #expect(try list(admin, "LIST organisation=umbrella") == ["ugo", "uma"])
      #expect(try list(admin, "LIST").count == 8)
    }
  }

  @Test("names that only look as if they were inside are not")
  func escapedCommas() async throws {
    try await Neighbourhood.with { town in
      let tricks = [
        "ou=evil\\2Cou\\3Dacme,\(Slapd.people)", "ou=acme-two,\(Slapd.people)",
        "ou=acme\\2C\(Slapd.people.replacingOccurrences(of: ",", with: "\\2C").replacingOccurrences(of: "=", with: "\\3D")),\(Slapd.suffix)",
      ]
      let token = try town.session(town.anna)
      let client = try town.house.daemon.client()
      for (index, unit) in tricks.enumerated() {
        try town.house.slapd.add("dn: \(unit)\nobjectClass: organizationalUnit\n")
        let mallory = try Neighbours.person("mallory\(index)", in: unit)
        try town.house.slapd.seed([mallory], keys: town.house.daemon.keys)
        #expect(try client.send("SHOW \(mallory.mail) as=\(token)").hasPrefix("NO no-such-account"), "\(unit)")
      }
      // And one that is inside although it looks otherwise.
      let deep = "ou=a\\2Cb,\(Neighbours.acme)"
      try town.house.slapd.add("dn: \(deep)\nobjectClass: organizationalUnit\n")
      let inside = try Neighbours.person("inside", in: deep)
      try town.house.slapd.seed([inside], keys: town.house.daemon.keys)
      #expect(try client.send("SHOW \(inside.mail) as=\(token)").hasPrefix("OK account"))
    }
  }

  @Test("an entry of two organisations is nobody's; a moved one is its new organisation's")
  func betweenOrganisations() async throws {
    try await Neighbourhood.with(settings: "[[organisation]]\nname = \"initech\"\nvalue = \"initech\"\n") { town in
      let token = try town.session(town.ugo)
      let client = try town.house.daemon.client()
      try town.house.slapd.modify(town.uma, "add: o\no: initech")
      #expect(try client.send("SHOW \(town.uma.mail) as=\(token)").hasPrefix("NO no-such-account"))
      try town.house.slapd.modify(town.uma, "delete: o\no: initech")
      #expect(try client.send("SHOW \(town.uma.mail) as=\(token)").hasPrefix("OK account"))

      try town.house.slapd.modify(
        "dn: \(town.uma.dn)\nchangetype: moddn\nnewrdn: uid=uma\ndeleteoldrdn: 0\nnewsuperior: \(Neighbours.acme)\n")
      #expect(try client.send("SHOW \(town.uma.mail) as=\(token)").hasPrefix("NO no-such-account"))
      let anna = try town.session(town.anna)
      #expect(try client.send("SHOW \(town.uma.mail) as=\(anna)").hasPrefix("OK account"))
    }
  }

  @Test("who administers is read at each request; nobody else is let in, nor on an admin socket, nor to other verbs")
  func administratorsOnly() async throws {
    try await Neighbourhood.with { town in
      let (token, alice) = (try town.session(town.anna), try town.session(town.alice))
      let client = try town.house.daemon.client()
      for verb in Self.verbs {
        let reply = try town.house.daemon.client().send("\(verb) \(town.alice.mail) as=\(alice)")
        #expect(reply.hasPrefix("ERR not-permitted"), "\(verb)")
        #expect(
          try town.audited(
            "administration=\(verb.lowercased())", "result=refused", "administrator=\(town.id(town.alice))") == 1)
      }
      #expect(try client.send("SHOW \(town.alice.mail)").hasPrefix("ERR not-permitted"))
      #expect(try client.send("PING") == "OK pong")
      #expect(try client.send("SHOW \(town.alice.mail) as=\(token)").hasPrefix("OK account"))
      #expect(
        try town.house.daemon.adminClient().send("SHOW \(town.alice.mail) as=\(token)").hasPrefix("ERR not-permitted"))
      for line in [
        "SWEEP", "SWEEP dry-run", "STATUS", "UNDO x deactivated=y", "IMPORT x@example.org", "ADOPT filter=x",
      ] {
        let fresh = try town.house.daemon.client()
        #expect(try fresh.send(line).hasPrefix("ERR not-permitted"), "\(line)")
        #expect(try fresh.send("\(line) as=\(token)").hasPrefix("ERR not-permitted"), "\(line)")
      }

      try town.house.slapd.modify(
        "dn: \(Neighbours.group("acme"))\nchangetype: modify\nreplace: member\nmember: \(town.alice.dn)\n")
      #expect(try client.send("SHOW \(town.alice.mail) as=\(token)").hasPrefix("ERR not-permitted"))
      #expect(try client.send("SHOW \(town.anna.mail) as=\(alice)").hasPrefix("OK account"))
    }
  }
}
