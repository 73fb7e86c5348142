import Foundation
import Testing

@testable import Configuration

let minimal = """
  [directory]
  base = "dc=example,dc=com"
  [mail]
  from = "sso@example.com"

  """

private let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

@Suite struct DefaultsTests {
  @Test func aBaseAndASenderAreEnough() throws {
    let configuration = try Configuration.parse(minimal, file: "d.toml", environment: [:])
    #expect(configuration.directory.uris == ["ldapi:///"])
    #expect(configuration.directory.people == "dc=example,dc=com")
    #expect(configuration.directory.sharedEntry == "cn=drawbridge,dc=example,dc=com")
    #expect(configuration.directory.loginAttributes == ["mail"])
    #expect(configuration.directory.connectTimeout.milliseconds == 2_000)
    #expect(configuration.listen.map(\.path) == ["/run/drawbridge/signin.sock", "/run/drawbridge/admin.sock"])
    #expect(configuration.listen.map(\.mode) == [0o666, 0o600])
    #expect(configuration.mail.server?.description == "smtp://localhost:25")
    #expect(configuration.mail.startTLS == .never)
    #expect(configuration.totp.issuer == "Single Sign-On")
    #expect(configuration.totp.windowBack == 1 && configuration.totp.windowForward == 0)
    #expect(configuration.code.lifetime.seconds == 300)
    #expect(configuration.inactivity.limit.seconds == 365 * 86_400)
    #expect(configuration.inactivity.sweepEvery?.seconds == 86_400)
    #expect(configuration.password.memoryKiB == 19_456)
    #expect(configuration.limits.trustedUIDs.isEmpty && configuration.limits.connectionsPerUIDMax == nil)
    // Word for word, it is a text of each language: see `Texts/`.
    #expect(configuration.texts.deactivated == nil && configuration.texts.deactivatedByAdministrator == nil)
    #expect(configuration.keys.ring == "/etc/drawbridge/keys")
  }

  @Test func everyDefaultIsAcceptedByItsOwnSetting() {
    for setting in Configuration.settings {
      var configuration = Configuration()
      guard case .value(let words) = setting.byDefault else { continue }
      #expect(setting.apply(.words(words), &configuration), "\(setting.name)")
    }
  }

  @Test func everySettingHasAVariableOfItsOwn() {
    #expect(Set(Configuration.settings.map(\.variable)).count == Configuration.settings.count)
    #expect(Set(Configuration.settings.map(\.name)).count == Configuration.settings.count)
  }

  @Test func theDocumentationHoldsEverySettingAndDefault() throws {
    let text = try String(contentsOf: repository.appending(path: "docs/configuration.md"), encoding: .utf8)
    for line in Configuration.reference.split(separator: "\n") {
      #expect(text.contains(line), "docs/configuration.md lacks: \(line)")
    }
  }

  @Test func theExampleIsReadAndNamesEverySetting() throws {
    let text = try String(contentsOf: repository.appending(path: "docs/drawbridged.example.toml"), encoding: .utf8)
    let configuration = try Configuration.parse(text, file: "drawbridged.example.toml", environment: [:])
    #expect(configuration.directory.base == "dc=example,dc=com")
    var table = ""
    var named: Set<String> = []
    for line in text.split(separator: "\n") {
      let bare = line.hasPrefix("# ") ? line.dropFirst(2) : line[...]
      if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
        table = line[..<end].drop { $0 == "[" } + "."
      } else if let sign = bare.firstRange(of: " = ") {
        named.insert(table + bare[..<sign.lowerBound])
      }
    }
    for name in Configuration.settings.map(\.name) + Listener.settings.map({ "listen.\($0.name)" })
      + OrganisationTable.settings.map({ "organisation.\($0.name)" })
    {
      #expect(named.contains(name), "docs/drawbridged.example.toml lacks \(name)")
    }
  }

  /// What the example says in comments is as true as what it sets.
  @Test func theExampleIsReadWithItsDefaultsWrittenOut() throws {
    let text = try String(contentsOf: repository.appending(path: "docs/drawbridged.example.toml"), encoding: .utf8)
    var configuration = Configuration()
    let pattern = /(?m)^# (?<key>[a-z-]+) = (?<value>.+)$/
    var table = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("["), let end = line.firstIndex(of: "]") { table = String(line[..<end].drop { $0 == "[" }) }
      guard let match = line.wholeMatch(of: pattern), !["listen", "organisation"].contains(table) else { continue }
      let entry = try #require(
        try Document("[\(table)]\n\(match.key) = \(match.value)", file: "").entries.first, "\(line)")
      let setting = try #require(Configuration.settings.first { $0.name == entry.name }, "\(line)")
      #expect(setting.apply(entry.raw, &configuration), "\(line)")
    }
  }
}
