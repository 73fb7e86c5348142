import Testing

@testable import Configuration

@Suite("Organisations in the configuration") struct OrganisationTests {
  private func parse(_ text: String, environment: [String: String] = [:]) throws(ConfigurationError) -> Configuration {
    try Configuration.parse(minimal + text, file: "d.toml", environment: environment)
  }

  private func problems(_ text: String) -> [String] {
    do throws(ConfigurationError) {
      _ = try parse(text)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func anOrganisationHasANameAndASubtreeOrAValue() throws {
    let configuration = try parse(
      """
      [organisations]
      attribute = "departmentNumber"
      digest = "off"
      [[organisation]]
      name = "acme"
      subtree = "ou=acme,dc=example,dc=com"
      administrators = "cn=admins,ou=acme,dc=example,dc=com"
      contact = "Anna, +32 2 555 01 23"
      inactivity-limit = "90d"
      password-profile = "nist"
      [[organisation]]
      name = "globex"
      value = "Globex, Inc."
      """)
    #expect(configuration.organisations.attribute == "departmentNumber")
    #expect(configuration.organisations.digest == .off)
    #expect(configuration.organisation.map(\.name) == ["acme", "globex"])
    #expect(configuration.organisation.map(\.subtree) == ["ou=acme,dc=example,dc=com", nil])
    #expect(configuration.organisation.map(\.value) == [nil, "Globex, Inc."])
    #expect(configuration.organisation.first?.inactivityLimit == TimeSpan("90d"))
    #expect(configuration.organisation.first?.passwordProfile == .nist)
    #expect(configuration.organisation.last?.inactivityLimit == nil)
  }

  @Test func withoutAnyThereIsNone() throws {
    let configuration = try parse("", environment: ["DRAWBRIDGE_SESSION": "a token of the command line"])
    #expect(configuration.organisation.isEmpty)
    #expect(configuration.organisations.attribute == "o" && configuration.organisations.digest == .on)
    #expect(configuration.session.lifetime.seconds == 12 * 3600)
  }

  static let faults: [(String, String)] = [
    ("[[organisation]]\nsubtree = \"ou=a,dc=x\"\n", "d.toml:5:1: organisation.name: must be set"),
    (
      "[[organisation]]\nname = \"a\"\n",
      "d.toml:5:1: organisation.0.subtree: a needs a subtree or a value, and not both"
    ),
    (
      "[[organisation]]\nname = \"a\"\nsubtree = \"ou=a\"\nvalue = \"a\"\n",
      "d.toml:7:1: organisation.0.subtree: a needs a subtree or a value, and not both"
    ),
    (
      "[[organisation]]\nname = \"a\"\nvalue = \"x\"\n[[organisation]]\nname = \"b\"\nvalue = \"X\"\n",
      "d.toml:10:1: organisation.1.value: b has the same value as a"
    ),
    (
      "[[organisation]]\nname = \"a\"\nvalue = \"x\"\n[[organisation]]\nname = \"a\"\nvalue = \"y\"\n",
      "d.toml:9:1: organisation.1.name: another one is called a, too"
    ),
    ("[[organisation]]\nname = \"a b\"\nvalue = \"x\"\n", "d.toml:6:1: organisation.name: found \"a b\""),
    ("[[organisation]]\nname = \"ä\"\nvalue = \"x\"\n", "d.toml:6:1: organisation.name: found \"ä\""),
    ("[[organisation]]\nname = \"a\"\nsubtree = \"acme\"\n", "d.toml:7:1: organisation.subtree: found \"acme\""),
    (
      "[[organisation]]\nname = \"a\"\nvalue = \"x\"\nlimit = \"1d\"\n",
      "d.toml:8:1: organisation.limit: no such setting"
    ),
    (
      "[[organisation]]\nname = \"a\"\nvalue = \"x\"\ninactivity-limit = \"1d\"\n",
      "d.toml:8:1: organisation.inactivity-limit: found \"1d\""
    ),
  ]

  @Test(arguments: faults)
  func whatIsWrongIsNamedByTableAndKey(_ text: String, _ message: String) {
    let found = problems(text)
    #expect(found.contains { $0.hasPrefix(message) }, "\(found)")
  }

  @Test func thereMayBeTenThousand() throws {
    func tables(_ count: Int) -> String {
      (0..<count).map { "[[organisation]]\nname = \"o\($0)\"\nsubtree = \"ou=o\($0),ou=people,dc=example,dc=com\"\n" }
        .joined()
    }
    #expect(try parse(tables(10_000)).organisation.count == 10_000)
    #expect(problems(tables(10_001)).contains { $0.contains("organisation: more than 10000") })
  }
}
