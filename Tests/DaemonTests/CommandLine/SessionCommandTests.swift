import Fixtures
import Foundation
import Testing

@Suite("drawbridge session and signout") struct SessionCommandTests {
  private func drawbridge(
    _ arguments: String..., house: House, environment: [String: String] = [:], input: String = ""
  ) throws -> Command.Result {
    let settings = environment.map { "\($0.key)=\($0.value)" }
    return try Command.run(
      "/usr/bin/env", settings + [Daemon.binary("drawbridge")] + arguments + ["--socket", house.daemon.signin],
      input: input)
  }

  private func signIn(_ person: Person, _ file: String, _ house: House) throws {
    try house.daemon.moveClock(by: 30)
    let signedIn = try drawbridge(
      "signin", person.mail, "--service", "wiki", "--session-file", file, house: house,
      input: "\(person.password)\n\(person.code(at: house.daemon.time))\n")
    guard signedIn.status == 0 else { throw FixtureError(signedIn.errors) }
  }

  private func read(_ file: String) throws -> String {
    try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .newlines)
  }

  @Test("tell of the session in a file, keep it from being idle, and end it; the token shows nowhere")
  func file() async throws {
    try await House.with(settings: "[session]\nidle = \"30m\"\n", hasOwnClock: true) { house in
      let folder = try temporaryDirectory()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let file = "\(folder)/session"
      let person = try house.people("jdoe")[0]
      try signIn(person, file, house)
      let token = try read(file)
      for _ in 0..<3 {
        try house.daemon.moveClock(by: 1700)
        let before = try read(file)
        let told = try drawbridge("session", "--session-file", file, house: house)
        #expect(told.status == 0 && told.output.contains("jdoe@example.org"), "\(told.errors)")
        let after = try read(file)
        #expect(after != before && !told.output.contains(after) && !told.errors.contains(after))
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
      }
      #expect(try drawbridge("session", house: house, environment: ["DRAWBRIDGE_SESSION": token]).status == 1)
      let last = try read(file)
      let ended = try drawbridge("signout", "--session-file", file, house: house)
      #expect(ended.status == 0 && !FileManager.default.fileExists(atPath: file), "\(ended.errors)")
      #expect(try !house.holds(last))
      #expect(try drawbridge("session", "--session-file", file, house: house).status == 66)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test("take the token from the environment, too, and say what is refused; without one they ask for one")
  func environment() async throws {
    try await House.with(settings: "[[service]]\nname = \"wiki\"\nsessions = \"own\"\n", hasOwnClock: true) { house in
      let folder = try temporaryDirectory()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let file = "\(folder)/session"
      try signIn(house.people("jdoe")[0], file, house)
      let variable = ["DRAWBRIDGE_SESSION": try read(file)]
      #expect(try drawbridge("session", house: house, environment: variable).status == 1)
      let told = try drawbridge("session", "--service", "wiki", "--json", house: house, environment: variable)
      let object = try #require(Drawbridge.objects(told.output).first)
      #expect((object["fields"] as? [String: String])?["uid"] == "jdoe")
      #expect(try drawbridge("signout", house: house, environment: variable).status == 0)
      let over = try drawbridge("session", "--service", "wiki", house: house, environment: variable)
      #expect(over.status == 1 && over.errors.contains("The session is over"))
      // A file is kept where the daemon did not take its token.
      try "AAAA".write(toFile: file, atomically: false, encoding: .utf8)
      #expect(try drawbridge("signout", "--session-file", file, house: house).status == 1)
      #expect(FileManager.default.fileExists(atPath: file))
      for command in ["session", "signout"] {
        let none = try drawbridge(command, house: house)
        #expect(none.status == 64 && none.errors.contains("--session-file"))
      }
    }
  }
}
