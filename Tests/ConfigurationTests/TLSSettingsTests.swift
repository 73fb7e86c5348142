import Testing

@testable import Configuration

@Suite("A [[listen]] with an address") struct TLSSettingsTests {
  private static let files = "certificate = \"/c\"\nkey = \"/k\"\n"

  private func parse(_ table: String) throws(ConfigurationError) -> Configuration {
    try Configuration.parse(minimal + "[[listen]]\n" + table, file: "d.toml", environment: [:])
  }

  private func problems(_ table: String) -> [String] {
    do throws(ConfigurationError) {
      _ = try parse(table)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test("speaks TLS 1.3 and asks for no certificate, unless it is told to")
  func defaults() throws {
    let listener = try #require(try parse("address = \"0.0.0.0:7443\"\n" + Self.files).listen.first)
    let tls = try #require(listener.tls)
    #expect(listener.role == .signin && listener.address?.port == 7443 && listener.mode == 0)
    #expect(tls.minimum == .tls13 && tls.clientCertificates == .none && tls.trustedNames.isEmpty)
    #expect(try parse("path = \"/s\"").listen.first?.tls == nil)
    let limits = try parse("path = \"/s\"").limits
    #expect(limits.startups == Startups(start: 10, percent: 30, full: 200) && limits.connectionsPerSourceMax == 10)
  }

  @Test(
    "is an address of the host and a port",
    arguments: [
      ("192.0.2.1:1", "192.0.2.1:1"), ("[::]:65535", "[::]:65535"), ("[2001:db8::1]:7443", "[2001:db8::1]:7443"),
      ("localhost:7443", nil), ("192.0.2.1", nil), ("192.0.2.1:0", nil), ("192.0.2.1:65536", nil), (":7443", nil),
      ("2001:db8::1:7443", nil), ("[192.0.2.1]:7443", nil), ("192.0.2.256:7443", nil), ("[::1]7443", nil), ("", nil),
      ("192.0.2.1:7443 ", nil), ("192.0.2.1:+443", nil),
    ])
  func addresses(text: String, expected: String?) {
    #expect(ListenAddress(text)?.description == expected)
  }

  @Test(
    "start:percent:full",
    arguments: [
      ("10:30:200", true), ("1:100:1", true), ("0:30:200", false), ("10:0:200", false), ("10:101:200", false),
      ("201:30:200", false), ("10:30:10001", false), ("10:30", false), ("10:30:200:1", false), ("10::200", false),
      ("a:30:200", false), ("-1:30:200", false),
    ])
  func startups(text: String, isGood: Bool) { #expect((Startups(text) != nil) == isGood) }

  @Test(
    "is refused where something does not go together",
    arguments: [
      ("address = \"[::]:7443\"\ncertificate = \"/c\"", "listen.key: must be set"),
      ("address = \"[::]:7443\"\nkey = \"/k\"", "listen.certificate: must be set"),
      ("address = \"[::]:7443\"\npath = \"/s\"\n" + files, "listen.path: does not go with an address"),
      ("address = \"[::]:7443\"\nmode = \"0600\"\n" + files, "listen.mode: does not go with an address"),
      ("address = \"[::]:7443\"\ngroup = \"g\"\n" + files, "listen.group: does not go with an address"),
      ("path = \"/s\"\n" + files, "listen.certificate: goes with an address alone"),
      ("path = \"/s\"\ntls-minimum = \"1.2\"", "listen.tls-minimum: goes with an address alone"),
      ("address = \"[::]:7443\"\nclient-certificates = \"optional\"\n" + files, "needs client-ca"),
      ("address = \"[::]:7443\"\nclient-ca = \"/a\"\n" + files, "listen.client-ca: needs client-certificates"),
      ("address = \"[::]:7443\"\ntrusted-names = [\"a\"]\n" + files, "listen.trusted-names: needs client-certificates"),
      ("address = \"[::]:7443\"\nrole = \"admin\"\n" + files, "listen.role: \"admin\" over TLS needs"),
      (
        "address = \"[::]:7443\"\nrole = \"admin\"\nclient-certificates = \"optional\"\nclient-ca = \"/a\"\n"
          + "trusted-names = [\"a\"]\n" + files, "listen.role: \"admin\" over TLS needs"
      ),
      (
        "address = \"[::]:7443\"\nrole = \"admin\"\nclient-certificates = \"required\"\nclient-ca = \"/a\"\n" + files,
        "listen.role: \"admin\" over TLS needs"
      ),
      ("address = \"[::]:7443\"\ntls-minimum = \"1.1\"\n" + files, "listen.tls-minimum: found \"1.1\""),
      ("address = \"0.0.0.0:1\"\n" + files + "[[listen]]\naddress = \"0.0.0.0:1\"\n" + files, "the same address"),
    ])
  func mismatches(table: String, expected: String) {
    let found = problems(table)
    #expect(found.contains { $0.contains(expected) }, "\(found)")
  }
}
