import Fixtures
import Testing
import Wire

@Suite("The version") struct VersionTests {
  @Test("is told by both programs, and is that of the status", arguments: ["drawbridge", "drawbridged"])
  func isTold(program: String) throws {
    let told = try Command.run(Daemon.binary(program), ["--version"])
    #expect(told.status == 0 && told.output == "\(program) \(Version.current)\n", "\(told)")
  }

  @Test("of the status is the same")
  func ofStatus() async throws {
    try await House.with { house in
      let shown = try Drawbridge.objects(try house.drawbridge("status", "--json").output)
      #expect((shown.first?["fields"] as? [String: Any])?["version"] as? String == Version.current)
    }
  }
}
