import Testing

@testable import SignIn

@Suite("Which organisation an account belongs to") struct OrganisationMembershipTests {
  private func subtree(_ name: String, _ dn: String) throws -> Organisation {
    Organisation(name, .subtree(try #require(DistinguishedName(dn))))
  }

  private func account(_ dn: String, values: [String] = []) -> Account {
    var account = Account(id: EntryUUID("1"), dn: dn)
    account.organisationValues = values.map { Array($0.utf8) }
    return account
  }

  static let names: [(String, Bool)] = [
    ("uid=x,ou=acme,dc=example,dc=org", true),
    ("ou=acme,dc=example,dc=org", true),
    ("UID=X,OU=ACME,DC=Example,DC=ORG", true),
    ("uid=x, ou = acme , dc=example,dc=org", true),
    ("uid=x,ou=\\61cme,dc=example,dc=org", true),
    ("uid=x,2.5.4.11=acme,domainComponent=example,dc=org", true),
    ("uid=x+cn=y,ou=deep,ou=acme,dc=example,dc=org", true),
    ("uid=a\\,b,ou=acme,dc=example,dc=org", true),
    ("uid=x,ou=evil\\,ou=acme,dc=example,dc=org", false),
    ("uid=x,ou=evil\\2Cou=acme,dc=example,dc=org", false),
    ("uid=x,ou=evil\\2cou\\3dacme,dc=example,dc=org", false),
    ("uid=x\\,ou=acme\\,dc=example\\,dc=org", false),
    ("uid=x\\\\,ou=acme,dc=example,dc=org", true),
    ("uid=x,ou=acme\\ ,dc=example,dc=org", false),
    ("uid=x,ou=acme2,dc=example,dc=org", false),
    ("uid=x,xou=acme,dc=example,dc=org", false),
    ("uid=x,ou=acme+o=y,dc=example,dc=org", false),
    ("uid=x,ou=acme,ou=other,dc=example,dc=org", false),
    ("uid=x,dc=example,dc=org", false),
    ("dc=org", false),
    ("ou=acme,dc=example", false),
    ("uid=x,ou=#0461636d65,dc=example,dc=org", false),
    ("uid=x,ou=\"acme\",dc=example,dc=org", false),
    ("uid=x;ou=acme,dc=example,dc=org", false),
    ("", false),
  ]

  @Test("names are compared RDN by RDN, never as ends of strings", arguments: names)
  func bySubtree(_ dn: String, _ belongs: Bool) throws {
    let all = try Organisations([try subtree("acme", "ou=Acme,dc=example,dc=org")])
    #expect((all.organisation(of: account(dn)) != nil) == belongs)
  }

  @Test("RDNs of several values are sets")
  func multiValuedNames() throws {
    let all = try Organisations([try subtree("acme", "ou=acme+l=Ghent,dc=org")])
    #expect(all.organisation(of: account("uid=x,L=ghent+OU=ACME,dc=org"))?.name == "acme")
    #expect(all.organisation(of: account("uid=x,ou=acme,dc=org")) == nil)
    #expect(all.organisation(of: account("uid=x,ou=acme\\+l=ghent,dc=org")) == nil)
  }

  @Test("of two subtrees the longer counts, and a subtree before a value")
  func longest() throws {
    let all = try Organisations([
      try subtree("outer", "ou=acme,dc=org"), try subtree("inner", "ou=sub,ou=acme,dc=org"),
      Organisation("value", .value(Array("Acme Inc".utf8))),
    ])
    #expect(all.organisation(of: account("uid=x,ou=acme,dc=org"))?.name == "outer")
    #expect(all.organisation(of: account("uid=x,ou=sub,ou=acme,dc=org"))?.name == "inner")
    #expect(all.organisation(of: account("uid=x,ou=sub,ou=acme,dc=org", values: ["acme inc"]))?.name == "inner")
    #expect(all.organisation(of: account("uid=x,dc=org", values: ["ACME inc"]))?.name == "value")
    #expect(all.organisation(of: account("uid=x,dc=org", values: ["acme"])) == nil)
  }

  @Test("two values of one organisation are one; values of two make an account nobody's")
  func values() throws {
    let all = try Organisations(["a", "b"].map { Organisation($0, .value(Array($0.utf8))) })
    #expect(all.organisation(of: account("uid=x,dc=org", values: ["a", "A", "z"]))?.name == "a")
    #expect(all.organisation(of: account("uid=x,dc=org", values: ["a", "b"])) == nil)
  }

  @Test("what nothing tells apart is refused")
  func conflicts() throws {
    let twice = [try subtree("a", "ou=x,dc=org"), try subtree("b", "OU = X, dc=org")]
    #expect(throws: Organisations.Conflict(names: ["a", "b"])) { try Organisations(twice) }
    let values = ["x", "X"].map { Organisation("of-\($0)", .value(Array($0.utf8))) }
    #expect(throws: Organisations.Conflict(names: ["of-x", "of-X"])) { try Organisations(values) }
  }

  @Test("an organisation's limit and password rule count for its accounts, the installation's for all others")
  func ownRules() throws {
    var acme = try subtree("acme", "ou=acme,dc=org")
    acme.limitSeconds = 90 * 86_400
    acme.passwordProfile = .nist
    let all = try Organisations([acme, try subtree("globex", "ou=globex,dc=org")])
    var inside = account("uid=x,ou=acme,dc=org")
    var outside = account("uid=x,ou=globex,dc=org")
    let now = Timestamp(seconds: 1_800_000_000)
    for days in [89, 92] as [Int64] {
      let seen = StoredTime(stored: Array(now.adding(seconds: -days * 86_400).generalizedDay.utf8))
      (inside.idleSince, outside.idleSince) = (seen, seen)
      let inactivity = Inactivity(limitSeconds: 365 * 86_400, organisations: all)
      #expect(inactivity.verdict(on: inside, at: now) == (days > 90 ? .due : .stays))
      #expect(inactivity.verdict(on: outside, at: now) == .stays)
      #expect(inactivity.cutoff(at: now) == now.adding(seconds: -90 * 86_400))
    }
    // A longer limit of an organisation does not narrow what is looked at.
    #expect(
      Inactivity(limitSeconds: 30 * 86_400, organisations: all).cutoff(at: now) == now.adding(seconds: -30 * 86_400))

    var rules = Rules()
    rules.organisations = all
    rules.password.blocked = [Array("a".utf8)]
    #expect(rules.password(for: inside) == PasswordRule(profile: .nist, blocked: [Array("a".utf8)]))
    #expect(rules.password(for: outside) == rules.password)
  }
}
