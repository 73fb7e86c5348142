import Fixtures
import Foundation
import Testing

@Suite("Invitations of an organisation's administrator") struct OrganisationInvitationTests {
  @Test("a new account lands inside, by subtree and by value, and its owner can log in for the first time")
  func inside() async throws {
    try await Neighbourhood.with { town in
      let (anna, ugo) = (try town.session(town.anna), try town.session(town.ugo))
      let client = try town.house.daemon.client()
      let invited = try client.send("INVITE newa@example.org as=\(anna)")
      #expect(invited.hasPrefix("OK invited"), "\(invited)")
      #expect(try town.house.slapd.entry("uid=newa,\(Neighbours.acme)") != nil)
      #expect(try client.send("INVITE newu@example.org cn=New as=\(ugo)").hasPrefix("OK invited"))
      let entry = try #require(try town.house.slapd.entry("uid=newu,\(Slapd.people)"))
      #expect(entry.string("o") == "Umbrella")
      // Whose each is, the other's administrator learns as little as of any other.
      #expect(try client.send("SHOW newa@example.org as=\(anna)").hasPrefix("OK account"))
      #expect(try client.send("SHOW newu@example.org as=\(ugo)").hasPrefix("OK account"))
      #expect(try client.send("SHOW newu@example.org as=\(anna)").hasPrefix("NO no-such-account"))
      _ = try town.house.mail.message(to: "newa@example.org", holding: "An account has been made")
      // Names in an invitation cannot lead elsewhere.
      let trick = try client.send("INVITE sly@example.org uid=a,ou%3Dglobex as=\(anna)")
      #expect(trick.hasPrefix("OK invited"), "\(trick)")
      let dns = try town.house.slapd.search("(mail=sly@example.org)", base: Neighbours.acme)
      #expect(dns.count == 1)
    }
  }

  @Test("an entry outside is not taken over, and no account is shut out by a second one of its name")
  func outside() async throws {
    try await Neighbourhood.with { town in
      let plain =
        "dn: uid=plain,\(Neighbours.globex)\nobjectClass: inetOrgPerson\ncn: p\nsn: p\nmail: plain@example.org\n"
      try town.house.slapd.add(plain)
      let before = try town.house.slapd.entry("uid=plain,\(Neighbours.globex)")
      let (anna, ugo) = (try town.session(town.anna), try town.session(town.ugo))
      let client = try town.house.daemon.client()
      for (token, login) in [(anna, "plain@example.org"), (ugo, "plain@example.org"), (anna, town.gus.uid)] {
        #expect(try client.send("INVITE \(login) as=\(token)").hasPrefix("NO no-such-account"), "\(login)")
      }
      #expect(try town.house.slapd.entry("uid=plain,\(Neighbours.globex)") == before)
      // greta signs in as greta, too: nobody else may be called so.
      let taken = try client.send("INVITE other@example.org uid=\(town.greta.uid) as=\(anna)")
      #expect(taken.hasPrefix("NO incomplete"), "\(taken)")
      #expect(try town.house.slapd.search("(mail=other@example.org)").isEmpty)
      #expect(try town.house.daemon.adminClient().send("SHOW \(town.greta.uid)").hasPrefix("OK account"))
    }
  }

  @Test("an entry inside becomes an account")
  func adopted() async throws {
    try await Neighbourhood.with { town in
      try town.house.slapd.add(
        "dn: uid=plain,\(Neighbours.acme)\nobjectClass: inetOrgPerson\ncn: p\nsn: p\nmail: plain@example.org\n")
      let token = try town.session(town.anna)
      #expect(
        try town.house.daemon.client().send("INVITE plain@example.org as=\(token)").hasPrefix("OK invited"))
    }
  }
}
