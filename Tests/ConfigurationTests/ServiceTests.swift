import Testing

@testable import Configuration

@Suite("Relying applications in the configuration") struct ServiceTests {
  private func parse(_ text: String) throws(ConfigurationError) -> Configuration {
    try Configuration.parse(minimal + text, file: "d.toml", environment: [:])
  }

  private func problems(_ text: String) -> [String] {
    do throws(ConfigurationError) {
      _ = try parse(text)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func aServiceHasANameAndWhatIsNotSetHasItsDefault() throws {
    let services = try parse(
      """
      [[service]]
      name = "sshd"
      group = "cn=ssh,ou=groups,dc=example,dc=com"
      [[service]]
      name = "imap"
      sessions = "own"
      grace = "5m"
      """
    ).service
    #expect(services.map(\.name) == ["sshd", "imap"])
    #expect(services.map(\.group) == ["cn=ssh,ou=groups,dc=example,dc=com", nil])
    #expect(services.map(\.sessions) == [.any, .own])
    #expect(services.map(\.grace.seconds) == [0, 300])
    #expect(try parse("").service.isEmpty)
  }

  static let faults: [(String, String)] = [
    ("[[service]]\ngroup = \"cn=a,dc=x\"\n", "d.toml:5:1: service.name: must be set"),
    (
      "[[service]]\nname = \"a\"\n[[service]]\nname = \"a\"\n",
      "d.toml:8:1: service.1.name: another one is called a, too"
    ),
    ("[[service]]\nname = \"a\"\ngrace = \"11m\"\n", "d.toml:7:1: service.grace: found \"11m\""),
    ("[[service]]\nname = \"a\"\ngroup = \"ssh\"\n", "d.toml:7:1: service.group: found \"ssh\""),
    ("[[service]]\nname = \"a\"\nsession = \"own\"\n", "d.toml:7:1: service.session: no such setting"),
    ("[[service]]\nname = \"a\"\njwt = true\n", "d.toml:7:1: service.0.jwt: needs jwt.issuer"),
  ]

  @Test(arguments: faults)
  func whatIsWrongIsNamedByTableAndKey(_ text: String, _ message: String) {
    let found = problems(text)
    #expect(found.contains { $0.hasPrefix(message) }, "\(found)")
  }

  @Test func thereMayBeAThousand() throws {
    func tables(_ count: Int) -> String { (0..<count).map { "[[service]]\nname = \"s\($0)\"\n" }.joined() }
    #expect(try parse(tables(1_000)).service.count == 1_000)
    #expect(problems(tables(1_001)).contains { $0.contains("service: more than 1000") })
  }
}
