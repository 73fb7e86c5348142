import Foundation
import Testing

@testable import Configuration

@Suite("Sessions and signed tokens in the configuration") struct SessionSettingsTests {
  private func parse(_ text: String, environment: [String: String] = [:]) throws(ConfigurationError) -> Configuration {
    try Configuration.parse(minimal + text, file: "d.toml", environment: environment)
  }

  @Test func nothingIsIdleAndNothingIsSignedUnlessItIsSet() throws {
    let configuration = try parse("")
    #expect(configuration.session.idle == nil)
    #expect(configuration.jwt.issuer == nil && configuration.jwt.keys == ["/etc/drawbridge/jwt.pem"])
    #expect(configuration.jwt.lifetime.seconds == 300)
  }

  @Test func anIdleTimeIsNoLongerThanTheSession() throws {
    #expect(try parse("[session]\nidle = \"12h\"\n").session.idle == TimeSpan("12h"))
    #expect(try parse("[session]\nidle = \"off\"\n").session.idle == nil)
    let error = #expect(throws: ConfigurationError.self) { try parse("[session]\nidle = \"13h\"\n") }
    #expect(error?.problems.map(\.description) == ["d.toml:6:1: session.idle: longer than session.lifetime"])
  }

  @Test func aServiceMaySignInWithTokensWhereThereIsAnIssuer() throws {
    let service = "[[service]]\nname = \"wiki\"\njwt = true\n"
    let issuer = "https://sso.example.org"
    #expect(try parse("[jwt]\nissuer = \"\(issuer)\"\n" + service).service.map(\.jwt) == [true])
    #expect(try parse(service, environment: ["DRAWBRIDGE_JWT_ISSUER": issuer]).jwt.issuer == issuer)
    #expect(throws: ConfigurationError.self) { try parse(service) }
    #expect(throws: ConfigurationError.self) { try parse("[jwt]\nlifetime = \"16m\"\n") }
  }

  @Test func aCredentialOfTheServiceStandsInForTheKey() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "credentials-\(UUID())").path(
      percentEncoded: false)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(FileManager.default.createFile(atPath: "\(folder)/jwt", contents: Data("key".utf8)))
    let environment = ["CREDENTIALS_DIRECTORY": folder]
    #expect(try parse("", environment: environment).jwt.keys == ["\(folder)/jwt"])
    #expect(try parse("[jwt]\nkeys = [\"/a\", \"/b\"]\n", environment: environment).jwt.keys == ["/a", "/b"])
  }
}
